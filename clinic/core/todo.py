"""What waits for a person, as counters that are links: the same line on every home page.

Each app registers in ready() what it knows; whoever holds several roles finds all of it wherever
their day begins.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from clinic.core import modules


@dataclass(frozen=True)
class Todo:
    """So many of something wait; `url` is the page where this person deals with them."""

    label: object
    count: int
    url: str
    is_urgent: bool = False


@dataclass(frozen=True)
class Finder:
    order: int
    find: Callable[[object], Iterable[Todo]]
    shown_on: tuple[str, ...] = ()  # the pages that say it anyway
    module: str = ""  # the part of the system that a clinic may do without


_finders: list[Finder] = []


def register(
    order: int,
    find: Callable[[object], Iterable[Todo]],
    *,
    shown_on: tuple[str, ...] = (),
    module: str = "",
) -> None:
    """`find(user)` gives what this person may act on; called once per home page, so out of an
    index. What counts nought is left out, and all of it on the page that says it anyway."""
    _finders.append(Finder(order, find, shown_on, module))


def todos(user, *, here: str = "", path: str = "") -> list[Todo]:
    """All that waits for this person elsewhere than on the page named `here`."""
    used = [one for one in _finders if not one.module or modules.is_on(one.module)]
    asked = sorted((one for one in used if here not in one.shown_on), key=lambda one: one.order)
    found = [todo for one in asked for todo in one.find(user)]
    return [todo for todo in found if todo.count and todo.url != path]
