"""What else the words in the search box may mean; higher floors fill this in AppConfig.ready.

A patient's file knows nothing of lots or papers, yet the box is the one place where people look
for everything.
"""

from collections.abc import Callable
from typing import NamedTuple


class Hint(NamedTuple):
    """A page that the words name: what it is, a few more words, where it is."""

    title: str
    more: str
    url: str


_finders: dict[str, tuple[str, Callable[[str], list[Hint]]]] = {}


def register_finder(key: str, *, permission: str, find: Callable[[str], list[Hint]]) -> None:
    """`find(words)` is asked for everybody who holds the permission, at each pause in typing."""
    _finders[key] = permission, find


def hints(words: str, user) -> list[Hint]:
    """What the words name besides patients, for this person."""
    return [
        hint
        for permission, find in _finders.values()
        if user.has_perm(permission)
        for hint in find(words)
    ]
