"""PINs: which are too easy, and how they are kept so that a stolen database can't tell them.

A million PINs are tried in hours against any slow hash. So the hash is taken over a MAC under a
subkey of the key ring: without the ring there is nothing to try against.
"""

import hmac
from datetime import date

from django.contrib.auth.hashers import check_password, make_password
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.text import half_width
from security import keyring
from security.models import Pin, User

CONTEXT = "security.pin"
SHORTEST, LONGEST = 6, 12
FEWEST_DIGITS = 3


def tidy_pin(typed: str) -> str:
    """The digits as ASCII, however the input method wrote them."""
    return half_width(typed).strip()


def check_pin(pin: str) -> None:
    """RuleBroken for a PIN that a colleague would guess: the rules of PINs, all of them.

    Six to twelve digits; at least three different ones; no run up or down; no repeated group;
    nothing that reads as a date.
    """
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        raise RuleBroken(_("Please type six to twelve digits."), field="pin")
    if len(set(pin)) < FEWEST_DIGITS or _is_run(pin) or _repeats(pin) or _is_date(pin):
        raise RuleBroken(
            _(
                "This PIN is too easy to guess. Please take one without runs such as 123456, "
                "without repeated digits, and no date."
            ),
            field="pin",
        )


def _is_run(pin: str) -> bool:
    steps = {(int(b) - int(a)) % 10 for a, b in zip(pin, pin[1:], strict=False)}
    return steps in ({1}, {9})


def _repeats(pin: str) -> bool:
    groups = [n for n in range(1, len(pin) // 2 + 1) if len(pin) % n == 0]
    return any(pin == pin[:n] * (len(pin) // n) for n in groups)


def _is_date(pin: str) -> bool:
    if len(pin) == 6:  # year, month, day or day, month, year, with two digits each
        orders = [(f"20{pin[:2]}", pin[2:4], pin[4:]), (f"20{pin[4:]}", pin[2:4], pin[:2])]
    elif len(pin) == 8:
        orders = [(pin[:4], pin[4:6], pin[6:]), (pin[4:], pin[2:4], pin[:2])]
        orders = [order for order in orders if order[0][:2] in ("19", "20")]
    else:
        return False
    return any(_exists(*map(int, order)) for order in orders)


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def write_pin(user: User, pin: str) -> None:
    """Keep this PIN as the person's only one."""
    key = keyring.ring().active("index")
    values = {"key_id": key.id, "hash": make_password(_mac(key, user, pin))}
    Pin.objects.update_or_create(user=user, defaults=values)


def pin_fits(user: User, pin: str) -> bool:
    """Whether it is the person's PIN; takes as long for a person who has none."""
    row = Pin.objects.filter(user_id=user.pk).first()
    ring = keyring.ring()
    key = ring.active("index")
    encoded = row.hash if row else None
    if row:
        try:
            key = ring.key("index", row.key_id)
        except keyring.KeyringError:  # its key was retired: the person sets a new PIN
            encoded = None
    mac = _mac(key, user, pin)
    if encoded is None:
        make_password(mac)
        return False
    return check_password(mac, encoded)


def made_under(key_id: int) -> int:
    """How many people who work here have a PIN that only this index key can check."""
    return Pin.objects.filter(key_id=key_id, user__is_active=True).count()


def is_void(user: User) -> bool:
    """Whether the person has a PIN that nothing can check any more: its key was retired."""
    row = Pin.objects.filter(user_id=user.pk).first()
    if row is None:
        return False
    try:
        keyring.ring().key("index", row.key_id)
    except keyring.KeyringError:
        return True
    return False


def _mac(key, user: User, pin: str) -> str:
    message = user.uid.bytes + pin.encode("utf-8", "replace")
    return hmac.digest(key.subkey(CONTEXT), message, "sha256").hex()
