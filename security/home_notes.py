"""What higher floors tell the administrator on the first page; they register in ready().

Numbers only: an administrator reads no patient's file.
"""

from collections.abc import Callable

from clinic.core import modules

_notes: list[tuple[Callable[[], str | None], str]] = []


def register(find: Callable[[], str | None], *, module: str = "") -> None:
    """`find()` gives a sentence, or None when there is nothing to tell; called once per page."""
    _notes.append((find, module))


def notes() -> list[str]:
    asked = [find for find, module in _notes if not module or modules.is_on(module)]
    return [words for find in asked if (words := find())]
