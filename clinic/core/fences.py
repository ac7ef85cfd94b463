"""Row locks that count on every node of a cluster.

Galera locks a row on one node only. Between nodes the first COMMIT wins and the other one fails,
but only where both wrote the same row. Most verbs lock a row and then write others (a batch, and
its movements), and two nodes would let both pass. So on a cluster each lock is written down: one
row for what was locked, the same one on every node.
"""

import functools
import random
import zlib

from django.apps import apps
from django.db import connection
from django.db.models import Model

SLOTS = 2**16  # two rows that share one only wait for each other


def are_needed() -> bool:
    """Whether more than one server may take writes."""
    return getattr(connection, "is_cluster", False)


def fenced(queryset):
    """`queryset`, which notes each row that it finds, within the transaction that locks it."""
    queryset.__class__ = _class_over(type(queryset))
    return queryset


@functools.cache
def _class_over(base: type) -> type:
    return type(f"Fenced{base.__name__}", (_Fenced, base), {})


class _Fenced:
    def _fetch_all(self):
        is_new = self._result_cache is None
        super()._fetch_all()
        if is_new and self._result_cache:
            note(self.model, [_key(row) for row in self._result_cache])


def _key(row):
    if isinstance(row, Model):
        return row.pk
    if len(row) == 1:  # values_list("pk"): only to hold them
        return row[0]
    raise TypeError("a locked query gives whole rows, or their keys alone")


def note(model: type[Model], keys: list) -> None:
    """Write the locks down; the value itself says nothing, it has to be another one each time."""
    slots = sorted({zlib.crc32(f"{model._meta.db_table}:{key}".encode()) % SLOTS for key in keys})
    fence = apps.get_model("core", "Fence")  # verbs are imported before there are models
    rows = [fence(slot=slot, mark=random.getrandbits(31)) for slot in slots]  # noqa: S311  # nosec B311 # no secret
    named = connection.features.supports_update_conflicts_with_target
    fence.objects.bulk_create(
        rows, update_conflicts=True, update_fields=["mark"],
        unique_fields=["slot"] if named else None,
    )  # fmt: skip
