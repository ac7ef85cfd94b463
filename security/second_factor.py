"""One-time codes (TOTP, RFC 6238) and recovery codes: the second step of a sign-in.

A session is free only when it carries its person's number under PASSED. Whoever needs no second
step gets it with the sign-in; everybody else gets it from `check_code` or `use_recovery_code`.
"""

import base64
import hmac
import secrets
import time
from datetime import timedelta
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.site import setting
from clinic.core.text import half_width
from clinic.core.transactions import atomic_retry, lock
from security import audit
from security.models import RecoveryCode, SecondFactor, User
from security.permissions import Role

PASSED = "second_step"
STEP = 30  # seconds
DIGITS = 6
FREE = {"second_step", "second_step_setup", "logout", "set_language", "type_large"}
TRIES = 5
BLOCKED = timedelta(minutes=30)
RECOVERY_CODES = 10
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # nothing that reads like something else
_DASHES = str.maketrans("", "", " -\u2010\u2011\u2012\u2013\u2014\u2212\u3000")


def needs_second_step(user) -> bool:
    """True when this person signs in with a code: by role, by the clinic's wish, or by their own.

    Demo accounts never do: their passwords stand on the wall.
    """
    if user.is_demo:
        return False
    if {Role.ADMINISTRATOR, Role.AUDITOR} & user.roles or setting("security.codes_for_all"):
        return True
    return is_enrolled(user)


def is_enrolled(user) -> bool:
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def note_sign_in(request, user) -> None:
    """Called with every sign-in: free at once when no second step is due."""
    request.session.pop(PASSED, None)
    if not needs_second_step(user):
        pass_session(request, user)


def pass_session(request, user) -> None:
    request.session[PASSED] = user.pk


def owed(request) -> str | None:
    """The page that this person must go to first, or None when the session is free."""
    if request.session.get(PASSED) == request.user.pk:
        return None
    return "second_step" if is_enrolled(request.user) else "second_step_setup"


@atomic_retry
def begin(*, by: User) -> SecondFactor:
    """The person's seed, made at the first call, also where the page is opened in two tabs at
    once; it counts only after `confirm`."""
    factor, _is_new = SecondFactor.objects.get_or_create(user=by, defaults={"seed": _new_seed})
    return factor


def _new_seed() -> str:
    return base64.b32encode(secrets.token_bytes(20)).decode()


@atomic_retry
def confirm(*, code: str, by: User) -> list[str]:
    """The first code proves that the app holds the seed; answers the recovery codes, once."""
    factor = lock(SecondFactor.objects.filter(user=by)).first()
    if factor is None or factor.confirmed_at:
        raise RuleBroken(_("One-time codes are set up already. Please sign in with a code."))
    step = _step_of(factor, _digits(code))
    if step is None:
        raise RuleBroken(wrong_code_words(), field="code")
    factor.confirmed_at, factor.last_step = timezone.now(), step
    factor.save(update_fields=["confirmed_at", "last_step"])
    audit.record("second_factor_set", target=by)
    return _new_recovery_codes(factor)


def check_code(*, code: str, by: User) -> None:
    """Accept a code once, or say why not. Wrong ones are counted; five close it for a while."""
    _judge(by, lambda factor: _spend_step(factor, code))


def use_recovery_code(*, code: str, by: User) -> int:
    """Accept a code from the paper once; answers how many are left."""
    _judge(by, lambda factor: _spend_recovery(factor, code))
    return RecoveryCode.objects.filter(user=by, used_at=None).count()


def renew_recovery_codes(*, code: str, by: User) -> list[str]:
    """Ten new codes for a code of the app; the old paper is void. The caller asks the password."""
    check_code(code=code, by=by)
    return _renew(by)


@atomic_retry
def _renew(user: User) -> list[str]:
    factor = lock(SecondFactor.objects.filter(user=user)).get()  # two at once would leave twenty
    audit.record("recovery_codes_new", target=user)
    return _new_recovery_codes(factor)


@atomic_retry
def forget(user: User) -> None:
    """Seed and recovery codes are gone; security.resets says who may do this and tells."""
    RecoveryCode.objects.filter(user=user).delete()
    SecondFactor.objects.filter(user=user).delete()


@atomic_retry
def unblock(user: User) -> None:
    SecondFactor.objects.filter(user=user).update(failures=0, blocked_until=None)


def address_for_app(user: User, seed: str, issuer: str) -> str:
    """What the QR code says: any authenticator app reads it."""
    query = urlencode({"secret": seed, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer)}:{quote(user.username)}?{query}"


def wrong_code_words() -> str:
    return _(
        "The code was not accepted. Please wait for the next code and type its six digits. "
        "If it is refused again, compare the clock of your phone with the time shown here: "
        "they may differ by half a minute at most. Set the phone's time to automatic."
    )


def _judge(user: User, spend) -> None:
    """The decision is committed before a refusal is raised, so that wrong tries stay counted."""
    fault = _decide(user, spend)
    if fault:
        raise RuleBroken(fault, field="code")


@atomic_retry
def _decide(user: User, spend) -> str:
    factor = lock(SecondFactor.objects.filter(user=user, confirmed_at__isnull=False)).first()
    if factor is None:
        return _("One-time codes are not set up yet. Please sign in again.")
    now = timezone.now()
    if factor.blocked_until and factor.blocked_until > now:
        audit.record("second_factor", outcome="refused", target=user)
        return _("Closed for 30 minutes: too many wrong codes. Please ask the administrator.")
    event = spend(factor)
    if event:
        factor.failures, factor.blocked_until = 0, None
        audit.record(event, target=user)
        fault = ""
    else:
        factor.failures += 1
        if factor.failures >= TRIES:
            factor.failures, factor.blocked_until = 0, now + BLOCKED
            audit.record("locked_out", outcome="refused", target=user)
        audit.record("second_factor", outcome="failed", target=user)
        fault = wrong_code_words()
    factor.save(update_fields=["failures", "blocked_until"])
    return fault


def _spend_step(factor: SecondFactor, code: str) -> str:
    step = _step_of(factor, _digits(code))
    if step is None:
        return ""
    # The condition stands in the UPDATE: of two requests with one code only one changes the row.
    spent = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step).update(last_step=step)
    return "second_factor" if spent else ""


def _spend_recovery(factor: SecondFactor, code: str) -> str:
    digest = _digest(factor, code)
    rows = RecoveryCode.objects.filter(user_id=factor.user_id, digest=digest, used_at=None)
    return "recovery_code" if rows.update(used_at=timezone.now()) else ""


def _step_of(factor: SecondFactor, digits: str) -> int | None:
    """The half minute whose code this is: now, the one before or the one after."""
    if not digits:
        return None
    seed = base64.b32decode(factor.seed)
    # SHA-1 is what RFC 6238 and every app use; its weakness does not touch an HMAC.
    sha1 = SHA1()  # noqa: S303  # nosec B303
    totp = TOTP(seed, DIGITS, sha1, STEP, enforce_key_length=False)
    now = int(time.time()) // STEP
    for step in (now, now - 1, now + 1):
        right = hmac.compare_digest(totp.generate(step * STEP).decode(), digits)
        if right and step > factor.last_step:
            return step
    return None


def _digits(code: str) -> str:
    """Six ASCII digits however they were typed, or nothing."""
    bare = half_width(code or "").translate(_DASHES)
    return bare if len(bare) == DIGITS and bare.isascii() and bare.isdigit() else ""


def _digest(factor: SecondFactor, code: str) -> bytes:
    """Keyed by the sealed seed: it follows a rotation and a restore on another machine, where the
    secret key of the settings is a new one."""
    bare = half_width(code or "").translate(_DASHES).upper()
    return hmac.digest(
        factor.seed.encode(), b"recovery|" + bare.encode("utf-8", "replace"), "sha256"
    )


def _new_recovery_codes(factor: SecondFactor) -> list[str]:
    user = factor.user
    RecoveryCode.objects.filter(user=user).delete()
    codes = ["".join(secrets.choice(_LETTERS) for _n in range(12)) for _n in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=_digest(factor, code)) for code in codes
    )
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]
