"""Slower limits than django-axes' own: an account from everywhere, an address for every name.

django-axes closes one account at one address. Somebody with many addresses could still try one
account for ever, and somebody at one address many accounts. A PC where the person gave the right
password before has a count of its own instead: nobody can lock the doctor out from elsewhere.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from clinic.core.transactions import atomic_retry, lock
from security.models import DeviceUnlock, WrongTries
from security.signin import client_address, name_for_lockout
from security.switching import device_of

WINDOW = timedelta(hours=1)
CLOSED = timedelta(minutes=30)


@dataclass(frozen=True)
class Counter:
    """Which row counts, and how many wrong tries in an hour close it."""

    limit: int
    account: str = ""
    address: str = ""
    device: str = ""

    @property
    def row(self) -> dict:
        return {"account": self.account, "address": self.address, "device": self.device}


def counters(request, credentials) -> list[Counter]:
    """What a try of this request counts for."""
    account = name_for_lockout(request, credentials)
    device = trusted_device(request, account)
    if device:
        return [Counter(limit=10, account=account, device=device)]
    return [
        Counter(limit=20, account=account),
        Counter(limit=30, address=client_address(request)),
    ]


def trusted_device(request, account: str) -> str:
    """The PC's number when this account gave its password there before, else nothing."""
    device = device_of(request)
    known = device and DeviceUnlock.objects.filter(device=device, user__username=account).exists()
    return str(device.pk) if known else ""


def is_closed(request, credentials) -> bool:
    now = timezone.now()
    return any(
        WrongTries.objects.filter(**counter.row, closed_until__gt=now).exists()
        for counter in counters(request, credentials)
    )


def count(request, credentials) -> bool:
    """Count one wrong try; True when it closed something."""
    closed = [count_one(counter) for counter in counters(request, credentials)]
    return any(closed)


@atomic_retry
def count_one(counter: Counter) -> bool:
    now = timezone.now()
    WrongTries.objects.get_or_create(**counter.row, defaults={"since": now})
    row = lock(WrongTries.objects.filter(**counter.row)).get()
    if row.since < now - WINDOW:
        row.since, row.failures = now, 0
    row.failures += 1
    closes = row.failures >= counter.limit
    if closes:
        row.since, row.failures, row.closed_until = now, 0, now + CLOSED
    row.save()
    return closes


def is_one_closed(counter: Counter) -> bool:
    """The same for a count that is no sign-in: of a public page, an identity, a code."""
    now = timezone.now()
    return WrongTries.objects.filter(**counter.row, closed_until__gt=now).exists()


def hold(counter: Counter) -> None:
    """Inside a verb's transaction: nobody else goes on with the same count until it ends."""
    list(lock(WrongTries.objects.filter(**counter.row)))


@atomic_retry
def first_time(mark: str) -> bool:
    """True once for each mark; remembered for as long as `purge` leaves it, two hours."""
    row = {"account": mark, "address": "", "device": ""}
    return WrongTries.objects.get_or_create(**row, defaults={"since": timezone.now()})[1]


def forget_device(request, user) -> None:
    """The right password at a PC empties its own count; the others run out by themselves.

    Otherwise one's own account would empty the count of an address after every 29 tries.
    """
    device = device_of(request)
    if device:
        WrongTries.objects.filter(account=user.username, device=str(device.pk)).delete()


def forget_account(user) -> None:
    WrongTries.objects.filter(account=user.username).delete()


def is_account_closed(user) -> bool:
    rows = WrongTries.objects.filter(account=user.username, closed_until__gt=timezone.now())
    return rows.exists()


def purge() -> int:
    """Counts that tell nothing any more, some at a time."""
    old = WrongTries.objects.filter(since__lt=timezone.now() - 2 * WINDOW)
    keys = list(old.values_list("pk", flat=True)[:500])
    return WrongTries.objects.filter(pk__in=keys).delete()[0]
