"""What waits for a person, as counters that are links: the same line on every home page.

Each app registers in ready() what it knows; whoever holds several roles finds all of it wherever
their day begins.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Todo:
    """So many of something wait; `url` is the page where this person deals with them."""

    label: object
    count: int
    url: str
    is_urgent: bool = False


_finders: list[tuple[int, Callable[[object], Iterable[Todo]]]] = []


def register(order: int, find: Callable[[object], Iterable[Todo]]) -> None:
    """`find(user)` gives what this person may act on; called once per home page, so out of an
    index. What counts nought is left out."""
    _finders.append((order, find))


def todos(user, *, but: str = "") -> list[Todo]:
    """All that waits for this person, except what stands on the page at the address `but`."""
    found = [
        todo for _order, find in sorted(_finders, key=lambda one: one[0]) for todo in find(user)
    ]
    return [todo for todo in found if todo.count and todo.url != but]
