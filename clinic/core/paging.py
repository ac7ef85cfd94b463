"""Many rows: read by key in constant memory, or shown a page at a time.

`iterator()` would load everything at once on MySQL, and on SQLite whoever stops halfway leaves a
cursor that holds the database's file, even after the connection was closed.
"""

from collections.abc import Iterator

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet


def paged(rows, key: str, size: int) -> Iterator:
    """The rows in the order of `key`, which is unique among them; each page is read to its end.

    `rows` is a queryset of objects or of named tuples that have `key`.
    """
    last = None
    while True:
        page = rows.order_by(key)
        found = list((page if last is None else page.filter(**{f"{key}__gt": last}))[:size])
        yield from found
        if len(found) < size:
            return
        last = getattr(found[-1], key)


def page_of_keys(rows, whole, number, size: int, counted=None) -> Page:
    """One page of `rows`: found by the keys alone, and only what is shown is read whole.

    The database sorts a column instead of whole rows. `rows` are records, or already their keys,
    as a queryset or whatever can be counted and sliced; `whole` is the queryset that reads them;
    `counted`, where `rows` can be counted more cheaply otherwise.
    """
    records = isinstance(rows, QuerySet) and not rows._fields
    keys = rows.values_list("pk", flat=True) if records else rows
    paginator = Paginator(keys, size)
    if counted is not None:
        paginator.count = counted
    page = paginator.get_page(number)
    page.object_list = list_of_keys(page.object_list, whole)
    return page


class Newest(Paginator):
    """Pages of the newest rows alone, at the same price however many there are of old.

    `keys` are one more than `most`, if there are as many; then there is `more`, and `last` is the
    key from which a page of older ones goes on.
    """

    def __init__(self, keys: list, size: int, most: int):
        super().__init__(keys[:most], size)
        self.more = len(keys) > most
        self.last = keys[most - 1] if self.more else None


def list_of_keys(keys, whole) -> list:
    """The records of `whole` in the order of their keys."""
    keys = list(keys)
    found = whole.in_bulk(keys)
    return [found[key] for key in keys if key in found]
