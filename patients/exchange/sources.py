"""A sheet too long to be written at once: its rows come in pieces, each read by its key."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet


@dataclass(frozen=True)
class Page:
    """Some rows of a sheet; `last` is the key to go on from, None at the end."""

    rows: list[list]
    last: str | None
    patients: list[UUID]  # whose data they are, for the audit log


@dataclass(frozen=True)
class Source:
    """`page(after, size)` gives the rows behind the key `after`; `count()` how many there are."""

    title: str
    heading: list[str]
    count: Callable[[], int]
    page: Callable[[str | None, int], Page]


def by_key(
    rows: QuerySet, after: str | None, size: int, *, key: str = "pk"
) -> tuple[list, str | None]:
    """The next rows in the order of `key`, and where to go on."""
    page = rows.order_by(key)
    found = list((page if after is None else page.filter(**{f"{key}__gt": after}))[:size])
    return found, str(getattr(found[-1], key)) if len(found) == size else None
