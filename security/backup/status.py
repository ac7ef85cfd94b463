"""What the administrator sees: the last good backup, the last trial restore, what is overdue."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from clinic.core.site import setting
from security.backup import schedule
from security.backup.errors import in_words
from security.models import BackupRecord

VERIFY_GRACE = timedelta(days=3)


@dataclass(frozen=True)
class Status:
    """Ready for the page; `overdue` turns it red."""

    last: BackupRecord | None
    verified: BackupRecord | None
    backup_overdue: bool
    verify_overdue: bool
    second_wanted: str
    second_problem: str
    verify_problem: str


def status() -> Status:
    now = timezone.now()
    last, verified = schedule.newest_good(), schedule.newest_verified()
    hours = timedelta(hours=setting("backup.overdue_hours"))
    days = timedelta(days=setting("backup.verify_days")) + VERIFY_GRACE
    wanted = setting("backup.second_place").strip()
    failed = BackupRecord.Second.FAILED
    return Status(
        last=last,
        verified=verified,
        backup_overdue=last is None or now - last.started_at > hours,
        verify_overdue=verified is None or now - verified.verified_at > days,
        second_wanted=wanted,
        second_problem=str(in_words(last.second_error, last.second_detail))
        if wanted and last and last.second == failed
        else "",
        verify_problem=str(in_words(last.verify_error, last.verify_detail))
        if last and last.verify_error
        else "",
    )


def told(record: BackupRecord) -> BackupRecord:
    """The row with what went wrong in words."""
    record.words = str(in_words(record.error, record.error_detail)) if record.error else ""
    record.verify_words = (
        str(in_words(record.verify_error, record.verify_detail)) if record.verify_error else ""
    )
    record.second_words = (
        str(in_words(record.second_error, record.second_detail)) if record.second_error else ""
    )
    return record
