"""A day on one sheet of paper: the seal to be filed, what happened, and are the data safe (R-148).

The sheet of a day that is over never changes: printed again, it must carry the same digits.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.core.days import day_after, moment
from security import encryption_check, verdict
from security.models import AuditArchive, AuditEntry, AuditSeal, BackupRecord

ALL = ""  # whatever the result was
# What an owner looks at every evening: (label, [(event, result), …]).
LINES = [
    (_("Sign-ins with the password"), [("sign_in", "ok")]),
    (_("Switches of the user by PIN"), [("pin_switch", "ok")]),
    (
        _("Failed sign-ins, PINs and codes"),
        [
            *(("sign_in", "failed"), ("sign_in", "refused"), ("pin_switch", "failed")),
            *(("second_factor", "failed"), ("second_factor", "refused")),
        ],
    ),
    (_("Locked after failures"), [("locked_out", ALL), ("pin_locked", ALL)]),
    (_("Refusals"), [("refused", ALL)]),
    (_("Files opened without care relation"), [("break_glass", ALL)]),
    (_("Prints"), [("print", ALL)]),
    (_("Exports"), [("export", ALL)]),
    (_("Roles changed"), [("roles", ALL)]),
    (
        _("Passwords and one-time codes reset"),
        [("password_reset", ALL), ("second_factor_reset", ALL)],
    ),
    (_("Changes of the keys"), [("key_new", ALL), ("key_retired", ALL), ("key_put_back", ALL)]),
    (_("Backups restored"), [("restore", ALL)]),
]


@dataclass(frozen=True)
class Sheet:
    """Everything that stands on the sheet of one day."""

    day: date
    is_over: bool
    seal: AuditSeal | None  # the last one that was made until the day's end
    sealed: int  # entries that the day's seals hold
    entries: int  # entries that were written on the day
    archived: bool  # some of its entries have left the log
    lines: list[tuple[object, int]]
    backup: BackupRecord | None
    restore: BackupRecord | None
    log: AuditEntry | None  # the last verification of the log, and of what is encrypted
    encryption: AuditEntry | None


def sheet(day: date) -> Sheet:
    """The sheet of a day; of today as far as it has come."""
    start, end = moment(day), day_after(day)
    seals = AuditSeal.objects.filter(sealed_at__lt=end)
    of_day = seals.filter(sealed_at__gte=start).aggregate(Sum("n"))["n__sum"]
    counts = _counts(start, end)
    good = BackupRecord.objects.filter(state=BackupRecord.State.GOOD)
    return Sheet(
        day=day,
        is_over=end <= timezone.now(),
        seal=seals.order_by("-seq").first(),
        sealed=of_day or 0,
        entries=sum(counts.values()),
        archived=_is_archived(start),
        lines=[(label, _sum(counts, asked)) for label, asked in LINES],
        backup=good.filter(started_at__lt=end).order_by("-started_at").first(),
        restore=good.filter(verified_at__lt=end).order_by("-verified_at").first(),
        log=_last(verdict.EVENT, end),
        encryption=_last(encryption_check.EVENT, end),
    )


def _counts(start: datetime, end: datetime) -> dict[tuple[str, str], int]:
    entries = AuditEntry.objects.filter(timestamp__gte=start, timestamp__lt=end).order_by()
    found = entries.values_list("event", "outcome").annotate(Count("pk"))
    return {(event, outcome): count for event, outcome, count in found}


def _sum(counts: dict, asked: list[tuple[str, str]]) -> int:
    return sum(
        count
        for (event, outcome), count in counts.items()
        if (event, outcome) in asked or (event, ALL) in asked
    )


def _is_archived(start: datetime) -> bool:
    last = AuditArchive.objects.order_by("-number").first()
    return bool(last) and AuditSeal.objects.filter(pk=last.last_seal, sealed_at__gte=start).exists()


def _last(event: str, end: datetime) -> AuditEntry | None:
    found = AuditEntry.objects.filter(event=event, timestamp__lt=end)
    return found.order_by("-timestamp", "-pk").first()
