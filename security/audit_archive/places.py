"""Where archives lie, and how a file gets its name only when it is whole and proven."""

import contextlib
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from clinic.core import parts
from clinic.core.parts import PART, part_of
from security.audit_archive.errors import NO_FILE, ArchiveError
from security.backup import folders
from security.models import AuditArchive

FOLDER = "audit-archive"  # one of the folders that a backup holds
SUFFIX = ".clinicaudit"


def own_folder() -> Path:
    """Made on first use, for its owner alone; the backups hold what lies in it."""
    folder = folders.data_dir() / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def folder_for(wanted: Path | None) -> Path:
    """A folder that was asked for is never made: without it the disk is not plugged in."""
    if wanted is None:
        return own_folder()
    if not wanted.is_dir():
        raise ArchiveError(
            NO_FILE, f"The folder {wanted} is not there; plug the disk in or make the folder."
        )
    return wanted.resolve()


def new_path(folder: Path, number: int, moment: datetime) -> Path:
    """No two archives ever have one name, not even after an older database was restored."""
    stamp = moment.astimezone(timezone.utc).strftime("%Y%m%dT%H%M%S%fZ")
    return folder / f"audit-{number:05}-{stamp}{SUFFIX}"


def path_of(row: AuditArchive) -> Path:
    return folders.data_dir() / FOLDER / row.file  # a whole path stays what it is


def name_for(path: Path) -> str:
    """What the row keeps: the installation may move, another disk's path is needed whole."""
    return path.name if path.parent == own_folder() else str(path)


@contextlib.contextmanager
def writing(path: Path) -> Iterator:
    """A new stream under the name of a part, on the disk when the block ends."""
    try:
        with parts.writing(part_of(path)) as out:
            yield out
    except OSError as error:
        raise cannot_write(error, path.parent) from None


def cannot_write(error: OSError, folder: Path) -> ArchiveError:
    if parts.is_full(error):
        return ArchiveError(
            "disk_full",
            f"There is not enough room in {folder} for the archive; free some room or choose "
            "another disk with --to. Nothing was removed from the log.",
        )
    return ArchiveError(
        "cannot_write",
        f"The archive can't be written to {folder} ({error.strerror}); check the folder and its "
        "rights. Nothing was removed from the log.",
    )


def put_in_place(row: AuditArchive) -> Path:
    """Give the proven file of this row its name, and make sure that it is still the same file.

    Only after that may anything be removed.
    """
    path = path_of(row)
    part = part_of(path)
    try:
        if not path.exists() and part.exists() and is_file_of(row, part):
            parts.name(part, path)
        if is_file_of(row, path):
            return path
    except FileNotFoundError:
        raise ArchiveError(
            NO_FILE,
            f"The file {path} of archive {row.number} is not there, and some of its entries are "
            "still to be removed from the log; put the file back and run archive_audit again.",
        ) from None
    except OSError as error:
        raise cannot_write(error, path.parent) from None
    raise ArchiveError(
        "damaged",
        f"The file {path} is not the one that was written for archive {row.number}; put the right "
        "file back and run archive_audit again. Nothing more was removed from the log.",
    )


def is_file_of(row: AuditArchive, path: Path) -> bool:
    return path.stat().st_size == row.size and folders.digest_of(path) == bytes(row.sha256).hex()


def remove_parts(folder: Path) -> None:
    """What a killed run left and no row names; the caller holds the lock."""
    for part in folder.glob(f"audit-*{SUFFIX}{PART}"):
        name = name_for(part.with_name(part.name.removesuffix(PART)))
        if not AuditArchive.objects.filter(file=name).exists():
            part.unlink(missing_ok=True)
