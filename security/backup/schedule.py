"""When to back up: what somebody asked for, once a day, every hour that changed something.

Every backup is a full one. A clinic of 50,000 patients has a database of a few hundred MB, which is
copied in seconds; a chain of partial backups would be one more thing that can break.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from clinic.core.site import setting
from security.backup import check, folders, make, records
from security.backup.errors import BackupError
from security.models import AuditEntry, BackupRecord

Kind, State = BackupRecord.Kind, BackupRecord.State
HOURLY = timedelta(minutes=50)  # with the minute the scheduler needs: never an hour without
AGAIN = timedelta(minutes=15)  # after a failure


def run_due() -> None:
    """What is due now, at most one backup and one trial restore; a failure is in its record."""
    record, kind = records.waiting(), due()
    try:
        if record is not None:
            make.make_backup(kind=record.kind, record=record)
        elif kind:
            make.make_backup(kind=kind)
        elif verify_is_due():
            check.verify_backup()
    except BackupError as error:
        if error.code != "at_work":
            make.log.error("%s: %s", error.code, error.detail)


def due(now: datetime | None = None) -> str:
    """The kind of backup whose time has come, or "". A PC that was off catches up."""
    now = now or timezone.now()
    last = newest_good()
    if _tried_lately(now):
        return ""
    if last is None or last.started_at < _last_daily_hour(now):
        return Kind.DAILY.value
    is_old = now - last.started_at >= HOURLY or last.started_at > now  # the clock ran ahead then
    if setting("backup.hourly") and is_old and has_changed(last):
        return Kind.HOURLY.value
    return ""


def newest_good() -> BackupRecord | None:
    """The last good backup in the clinic's own folder; copies made elsewhere don't count.

    The last that was made, whatever the clock said then.
    """
    good = BackupRecord.objects.filter(state=State.GOOD).exclude(file_name__contains="/")
    return good.order_by("-pk").first()


def newest_verified() -> BackupRecord | None:
    return BackupRecord.objects.exclude(verified_at=None).order_by("-verified_at").first()


def _tried_lately(now) -> bool:
    lately = {"started_at__gt": now - AGAIN, "started_at__lte": now}
    failed = BackupRecord.objects.filter(state=State.FAILED, **lately)
    return failed.exclude(error="broken_off").exists()


def _last_daily_hour(now) -> datetime:
    local = timezone.localtime(now)
    today = local.replace(
        hour=min(setting("backup.daily_hour"), 23), minute=0, second=0, microsecond=0
    )
    return today if today <= local else today - timedelta(days=1)


def has_changed(last: BackupRecord) -> bool:
    """Every change leaves an audit entry, and entries themselves must not be lost either."""
    return AuditEntry.objects.filter(pk__gt=last.audit_last).exists()


def verify_is_due(now: datetime | None = None) -> bool:
    now = now or timezone.now()
    if not folders.finished(folders.backup_dir()):
        return False
    last = newest_verified()
    pause = timedelta(days=setting("backup.verify_days"))
    if last is not None and timedelta(0) <= now - last.verified_at < pause:
        return False
    newest = newest_good()
    # A backup that did not come back would not do so a minute later; the next one is tried.
    return newest is not None and not newest.verify_error
