"""Making a backup: written beside, proven, and only then are old ones let go."""

import logging
import time
from datetime import datetime
from pathlib import Path

from django.db import DatabaseError
from django.utils import timezone

from clinic.core import scheduler
from clinic.core.errors import Busy
from clinic.core.site import setting
from security.backup import archive, engines, folders, keep, manifest, records
from security.backup.container import CHUNK
from security.backup.errors import BackupError
from security.backup.settings_file import harmless_settings
from security.models import BackupRecord

log = logging.getLogger("clinic.backup")


def make_backup(*, kind: str, to: Path | None = None, record=None, by=None) -> Path:
    """One backup of everything, at any time; the path of the finished file.

    With `to` it goes there and nothing else is touched: no pruning, no second copy.
    """
    began = time.monotonic()
    with folders.locked():
        records.close_broken_off()
        record = records.start(kind=kind, record=record, by=by)
        try:
            path, found = write_file(kind, to or folders.backup_dir(), record.started_at)
        except (BackupError, DatabaseError, Busy) as error:
            problem = error if isinstance(error, BackupError) else BackupError("database", error)
            _note_failure(record, problem, began)
            raise problem from None
        except Exception as error:
            log.exception("the backup failed")
            _note_failure(record, BackupError("unexpected", type(error).__name__), began)
            raise
        record.size = path.stat().st_size
        record.file_name = str(path) if to else path.name
        record.audit_last = found["audit"]["last"]
        if not to:
            prune(folders.backup_dir())
            _copy_to_second_place(path, record)
        records.finish(record, began)
    return path


def make_safety_copy() -> Path:
    """A backup that the database does not know of: before its tables are changed, whatever they
    are like now."""
    with folders.locked():
        kind = BackupRecord.Kind.SAFETY.value
        return write_file(kind, folders.backup_dir(), timezone.now())[0]


def _note_failure(record, error: BackupError, began) -> None:
    try:
        records.finish(record, began, error=error)
    except (DatabaseError, Busy):  # a full disk: the caller hears it all the same
        log.error("the failed backup could not be noted")


def write_file(kind: str, folder: Path, moment: datetime) -> tuple[Path, dict]:
    """A proven backup in `folder` and what it says of itself; the caller holds the lock."""
    earlier = folders.finished(folder)
    last = earlier[-1].stat().st_size if earlier else 0
    path = folder / folders.file_name(moment, kind)
    try:
        with engines.snapshot(scheduler.still_here) as snapshot:
            folders.require_room(folder, max(last, snapshot.size()))
            with folders.new_file(path) as out:
                write_archive(out, manifest.facts(kind, moment), snapshot)
        found = archive.read_through(path)[1]
    except OSError as error:
        raise folders.as_sentence(error, folder) from None
    return path, found


def write_archive(out, facts: dict, snapshot, *, chunk: int = CHUNK) -> None:
    """Database, stored files, certificates, archives of the audit log, harmless settings; never
    keys, backups or logs."""
    root = folders.data_dir()
    packed = archive.Archive(out, facts, chunk=chunk)
    found = manifest.manifest(snapshot)
    snapshot.write_to(packed)
    found["tables"] = snapshot.tables
    for name in folders.FOLDERS:
        packed.add_folder(name, root / name, scheduler.still_here)
    packed.add_bytes("settings.env", harmless_settings(root / ".env"))
    packed.finish(found)


def prune(folder: Path) -> list[Path]:
    """Let go what the rule doesn't keep; called after a new backup was proven."""
    by_moment = {folders.moment_of(path): path for path in folders.finished(folder)}
    local = {timezone.localtime(moment): path for moment, path in by_moment.items()}
    kept = keep.to_keep(local, timezone.localtime())
    gone = [path for moment, path in local.items() if moment not in kept]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


def _copy_to_second_place(path: Path, record: BackupRecord) -> None:
    """A failure here is noted and shown, and takes nothing from the first copy."""
    wanted = setting("backup.second_place").strip()
    if not wanted:
        return
    folder = Path(wanted)
    try:
        folders.require_elsewhere(folder)
        folders.copy_to(path, folder)
        prune(folder)
        record.second = BackupRecord.Second.GOOD
    except (BackupError, OSError) as error:
        if not isinstance(error, BackupError):
            error = BackupError("second_failed", error.strerror)
        record.second = BackupRecord.Second.FAILED
        record.second_error, record.second_detail = error.code, error.detail[:300]
