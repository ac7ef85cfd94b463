"""What higher floors tell the administrator on the first page; they register in ready().

Numbers only: an administrator reads no patient's file.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """A sentence, and where something is done about it."""

    words: str
    url: str = ""
    link: str = ""  # the words of the link


_notes: list[Callable[[], str | Note | None]] = []
_lines: list[Callable[[object], Note | None]] = []


def register(find: Callable[[], str | Note | None]) -> None:
    """`find()` gives a sentence, or None when there is nothing to tell; called once per page."""
    _notes.append(find)


def notes() -> list[Note]:
    found = [note for find in _notes if (note := find())]
    return [note if isinstance(note, Note) else Note(note) for note in found]


def register_line(find: Callable[[object], Note | None]) -> None:
    """`find(user)` gives what the administrator was in the middle of, such as an open guide: a
    quiet line above everything else, with the way back to it."""
    _lines.append(find)


def lines(user) -> list[Note]:
    return [line for find in _lines if (line := find(user)) is not None]
