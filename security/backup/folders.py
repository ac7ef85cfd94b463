"""Where backups lie, and how a file gets there whole or not at all."""

import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from django.conf import settings

from clinic.core import parts
from clinic.core.locks import try_lock
from clinic.core.parts import PART, PIECE
from security.backup.errors import BackupError

SUFFIX = ".clinicbackup"
FOLDERS = ("files", "tls", "audit-archive")  # what a backup holds beside the database
SMALLEST_ROOM = 20 * 1024 * 1024
_NAME = re.compile(r"clinic-(\d{8}T\d{6})Z-[a-z]+\.clinicbackup")
_STAMP = "%Y%m%dT%H%M%S"


def data_dir() -> Path:
    return Path(settings.DATA_DIR)


def backup_dir() -> Path:
    """The folder of the backups; made on first use, for its owner alone."""
    folder = Path(settings.CLINIC_BACKUP_DIR)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise BackupError("cannot_write", f"{folder}: {error.strerror}") from None
    return folder


def file_name(moment: datetime, kind: str) -> str:
    return f"clinic-{moment.astimezone(timezone.utc).strftime(_STAMP)}Z-{kind}{SUFFIX}"


def moment_of(path: Path) -> datetime | None:
    """When the backup of this name was made; None for a file that is not named by us."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    return datetime.strptime(match[1], _STAMP).replace(tzinfo=timezone.utc)


def finished(folder: Path) -> list[Path]:
    """The whole backups of a folder, oldest first."""
    found = [path for path in folder.glob(f"*{SUFFIX}") if moment_of(path)]
    return sorted(found, key=lambda path: (moment_of(path), path.name))


def newest(folder: Path) -> Path:
    found = finished(folder)
    if not found:
        raise BackupError("no_file", folder)
    return found[-1]


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """One backup, check or restore at a time; the system frees the lock of a killed one."""
    folder = backup_dir()
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not try_lock(handle):
            raise BackupError("at_work")
        remove_parts(folder)
        yield
    finally:
        os.close(handle)


def remove_parts(folder: Path) -> None:
    """What a killed run left behind; the caller holds the lock, so nobody is writing it."""
    for path in folder.glob(f"clinic-*{SUFFIX}{PART}"):
        path.unlink(missing_ok=True)


def as_sentence(error: OSError, folder: Path) -> BackupError:
    if parts.is_full(error):
        return BackupError("disk_full", folder)
    return BackupError("cannot_write", f"{folder}: {error.strerror}")


def require_room(folder: Path, last_size: int) -> None:
    """Twice the size of the last backup must be free, before anything is written."""
    if shutil.disk_usage(folder).free < max(2 * last_size, SMALLEST_ROOM):
        raise BackupError("disk_full", folder)


@contextlib.contextmanager
def new_file(path: Path):
    """A stream whose content appears under `path` only when it is complete and on the disk."""
    try:
        with parts.new_file(path) as out:
            yield out
    except OSError as error:
        raise as_sentence(error, path.parent) from None


def digest_of(path: Path) -> str:
    """SHA-256 of a file, read from the disk rather than from memory where the system allows."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while piece := stream.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def require_elsewhere(folder: Path) -> None:
    """A second copy in the installation's own folder would be lost together with the first."""
    here = folder.resolve()
    for own in (data_dir().resolve(), backup_dir().resolve()):
        if here == own or own in here.parents:
            raise BackupError("second_same", folder)


def copy_to(source: Path, folder: Path) -> None:
    """A copy of a whole backup in the second place, written like the first and read back.

    The folder is never made: without it the disk is not plugged in, and a new folder of that name
    would lie on the first disk.
    """
    if not folder.is_absolute() or not folder.is_dir():
        raise BackupError("second_gone", folder)
    remove_parts(folder)
    target = folder / source.name
    try:
        if shutil.disk_usage(folder).free < source.stat().st_size + PIECE:
            raise BackupError("disk_full", folder)
        with new_file(target) as out, source.open("rb") as stream:
            shutil.copyfileobj(stream, out, PIECE)
        if digest_of(target) != digest_of(source):
            target.unlink()
            raise BackupError("second_failed", folder)
    except OSError as error:
        raise as_sentence(error, folder) from None
