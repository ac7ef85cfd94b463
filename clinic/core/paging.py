"""Reading many rows in constant memory, by key.

`iterator()` would load everything at once on MySQL, and on SQLite whoever stops halfway leaves a
cursor that holds the database's file, even after the connection was closed.
"""

from collections.abc import Iterator


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
