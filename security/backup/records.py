"""The rows that tell what became of each backup."""

import time

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry, lock
from security import audit
from security.backup.errors import BackupError
from security.models import BackupRecord

State = BackupRecord.State


@atomic_retry
def request_backup(*, by) -> BackupRecord:
    """Ask the scheduler for a backup; asked twice, there is still only one waiting."""
    waiting = lock(BackupRecord.objects.filter(state__in=[State.WAITING, State.RUNNING]))
    if waiting.first() is not None:
        raise RuleBroken(
            _("A backup is already waiting or at work. Look here again in a few minutes.")
        )
    record = BackupRecord.objects.create(
        kind=BackupRecord.Kind.MANUAL, state=State.WAITING, asked_by=by
    )
    audit.record("backup", screen="security_home")
    return record


def waiting() -> BackupRecord | None:
    return BackupRecord.objects.filter(state=State.WAITING).order_by("pk").first()


@atomic_retry
def start(*, kind: str, record: BackupRecord | None, by) -> BackupRecord:
    record = record or BackupRecord(kind=kind, asked_by=by)
    record.state, record.started_at = State.RUNNING, timezone.now()
    record.save()
    return record


@atomic_retry
def finish(record: BackupRecord, began: float, *, error: BackupError | None = None) -> None:
    record.seconds = round(time.monotonic() - began)
    record.state = State.FAILED if error else State.GOOD
    if error:
        record.error, record.error_detail = error.code, error.detail[:300]
    record.save()


@atomic_retry
def close_broken_off() -> None:
    """The caller holds the lock: whatever says it is at work was killed."""
    BackupRecord.objects.filter(state=State.RUNNING).update(
        state=State.FAILED, error="broken_off", error_detail=""
    )


@atomic_retry
def note_check(name: str, began: float, *, error: BackupError | None = None) -> None:
    """A trial restore belongs to the backup's row; of a file that has none, nothing is noted."""
    changes = {"verify_seconds": round(time.monotonic() - began)}
    if error:
        changes |= {"verify_error": error.code, "verify_detail": error.detail[:300]}
    else:
        changes |= {"verified_at": timezone.now(), "verify_error": "", "verify_detail": ""}
    BackupRecord.objects.filter(file_name=name, state=State.GOOD).update(**changes)


@atomic_retry
def after_restore(name: str, lost_seals: int) -> None:
    """In the restored database the backup itself still says that it is at work: it was good."""
    BackupRecord.objects.filter(state=State.RUNNING).update(
        state=State.GOOD, file_name=name, error=""
    )
    BackupRecord.objects.filter(state=State.WAITING).update(state=State.FAILED, error="broken_off")
    audit.record("restore", screen="restore", data={"file": name, "lost_seals": lost_seals})
