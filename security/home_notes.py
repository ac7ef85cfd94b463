"""What higher floors tell the administrator on the first page; they register in ready().

Numbers only: an administrator reads no patient's file.
"""

from collections.abc import Callable

_notes: list[Callable[[], str | None]] = []


def register(find: Callable[[], str | None]) -> None:
    """`find()` gives a sentence, or None when there is nothing to tell; called once per page."""
    _notes.append(find)


def notes() -> list[str]:
    return [words for find in _notes if (words := find())]
