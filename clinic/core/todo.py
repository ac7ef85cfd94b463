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


_finders: list[tuple[int, Callable[[object], Iterable[Todo]], tuple[str, ...]]] = []


def register(
    order: int, find: Callable[[object], Iterable[Todo]], *, shown_on: tuple[str, ...] = ()
) -> None:
    """`find(user)` gives what this person may act on; called once per home page, so out of an
    index. What counts nought is left out, and all of it on the page that says it anyway."""
    _finders.append((order, find, shown_on))


def todos(user, *, here: str = "", path: str = "") -> list[Todo]:
    """All that waits for this person elsewhere than on the page named `here`."""
    finders = sorted((one for one in _finders if here not in one[2]), key=lambda one: one[0])
    found = [todo for _order, find, _page in finders for todo in find(user)]
    return [todo for todo in found if todo.count and todo.url != path]
