"""Checkpoints: number, seal and count of entries, written to a file outside the database.

Without them nobody would notice that the newest entries and seals were cut off together. One line
a seal, one file a month: `number digits count time`. The digits may be fewer than all, so a line
typed from paper (`1234 a1b2c3d4e5f6`) is a checkpoint as well. An archive of old entries leaves a
line too: `archive number digits entries time`.
"""

import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

# A count without a time behind it may have lost its last digits, to a power cut or a full disk.
_LINE = re.compile(r"(\d{1,18}) ([0-9a-f]{12,64})(?: (\d{1,18}) \S+| \d{0,18})?")

_ARCHIVE = re.compile(r"archive (\d{1,9}) ([0-9a-f]{12,64})(?: (\d{1,18}))?(?: \S+)?")

# What a person types from paper.
_NUMBER, _DIGITS = re.compile("[1-9][0-9]{0,17}"), re.compile("[0-9a-f]{12}")


@dataclass(frozen=True)
class Checkpoint:
    """What stood at the end of the log at some moment."""

    seq: int
    digits: str
    count: int | None = None

    @classmethod
    def typed(cls, number: str, digits: str) -> "Checkpoint":
        """From a printed sheet as people type it; ValueError where it can't be one."""
        digits = "".join(_narrow(digits).lower().split())
        number = _narrow(number).strip()
        if not (_NUMBER.fullmatch(number) and _DIGITS.fullmatch(digits)):
            raise ValueError("not a number and twelve digits")
        return cls(int(number), digits)

    def fits(self, seal) -> bool:
        same = bytes(seal.mac)[2:].hex().startswith(self.digits)
        return same and self.count in (None, seal.total)


def _narrow(text: str) -> str:
    """A Chinese keyboard types wide digits."""
    return unicodedata.normalize("NFKC", text)


def folder() -> Path:
    return Path(settings.CLINIC_CHECKPOINT_DIR)


def append(seal) -> None:
    """Write the seal's line and wait until it is on the disk."""
    _write(seal.sealed_at, f"{seal.seq} {bytes(seal.mac)[2:].hex()} {seal.total}")


def append_archive(row) -> None:
    """The same for the row of an archive."""
    _write(row.made_at, f"archive {row.number} {bytes(row.mac)[2:].hex()} {row.entries}")


def _write(moment, words: str) -> None:
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder() / f"{moment:%Y-%m}.txt"
    line = f"{words} {moment:%Y-%m-%dT%H:%M}\n"
    with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as file:
        if _is_torn(file):  # a power cut in the middle of the last line
            line = "\n" + line
        file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())


def _is_torn(file) -> bool:
    end = file.seek(0, os.SEEK_END)
    if end == 0:
        return False
    file.seek(end - 1)
    return file.read(1) != b"\n"


def read(path: Path | None = None) -> Iterator[Checkpoint]:
    """The checkpoints of one file, or of all months in order; an unreadable line is passed over."""
    for found in _found(_LINE, path):
        seq, digits, count = found.groups()
        yield Checkpoint(int(seq), digits, int(count) if count else None)


def read_archives(path: Path | None = None) -> Iterator[tuple[int, str]]:
    """(number, digits) of each archive that the checkpoints name."""
    for found in _found(_ARCHIVE, path):
        yield int(found[1]), found[2]


def _found(pattern, path: Path | None) -> Iterator[re.Match]:
    for file in [path] if path else sorted(folder().glob("*.txt")):
        with file.open(encoding="ascii", errors="replace") as lines:
            for line in lines:
                if found := pattern.fullmatch(line.strip().lower()):
                    yield found


def set_aside(seal, stamp: str) -> int:
    """After a restore: the old checkpoints go beside, those to come follow the restored log.

    They are kept, because they tell of entries that the restored log no longer holds; the answer
    says how many newer seals they name.
    """
    highest = max((one.seq for one in read()), default=0)
    if folder().is_dir():
        folder().rename(folder().with_name(f"{folder().name}.before-restore-{stamp}"))
    if seal:
        append(seal)
    return max(0, highest - (seal.seq if seal else 0))
