"""What higher floors tell the administrator on the first page; they register in ready().

Numbers only: an administrator reads no patient's file.
"""

from collections.abc import Callable
from dataclasses import dataclass

from clinic.core import modules


@dataclass(frozen=True)
class Note:
    """A sentence, and where something is done about it."""

    words: str
    url: str = ""
    link: str = ""  # the words of the link


_notes: list[tuple[Callable[[], str | Note | None], str]] = []
_lines: list[Callable[[object], Note | None]] = []


def register(find: Callable[[], str | Note | None], *, module: str = "") -> None:
    """`find()` gives a sentence, or None when there is nothing to tell; called once per page."""
    _notes.append((find, module))


def notes() -> list[Note]:
    asked = [find for find, module in _notes if not module or modules.is_on(module)]
    found = [note for find in asked if (note := find())]
    return [note if isinstance(note, Note) else Note(note) for note in found]


def register_line(find: Callable[[object], Note | None]) -> None:
    """`find(user)` gives what the administrator was in the middle of, such as an open guide: a
    quiet line above everything else, with the way back to it."""
    _lines.append(find)


def lines(user) -> list[Note]:
    return [line for find in _lines if (line := find(user)) is not None]
