"""Files that are there whole or not at all: written as a part beside, on the disk, then named."""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

PART = ".part"
PIECE = 1024 * 1024
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def is_full(error: BaseException | None) -> bool:
    """A full disk is told apart from other trouble: it needs another hand."""
    return isinstance(error, OSError) and error.errno in FULL


def part_of(path: Path) -> Path:
    return path.with_name(path.name + PART)


@contextlib.contextmanager
def writing(part: Path, *, mode: int = 0o600) -> Iterator[BinaryIO]:
    """A new stream, on the disk when the block ends; nothing of it is left after a failure.

    A file that is there already is somebody else's: it is an error, and stays.
    """
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with open(handle, "wb", buffering=PIECE) as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        sync_folder(part.parent)
    except BaseException:
        _remove(part)
        raise


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A stream whose content appears under `path` only when it is complete and on the disk."""
    part = part_of(path)
    with writing(part) as out:
        yield out
    try:
        name(part, path)
    except BaseException:
        _remove(part)
        raise


def name(part: Path, path: Path) -> None:
    """Give a whole part its name, and have the name on the disk as well."""
    part.rename(path)
    sync_folder(path.parent)


def _remove(part: Path) -> None:
    with contextlib.suppress(OSError):
        part.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """So that a new name is on the disk as well, not only the file's content."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some network shares can't: the file itself is synced
            raise
    finally:
        os.close(handle)
