"""Running numbers that are never given twice, not even after a rollback of another transaction."""

from django.db import connection

from clinic.core import fences
from clinic.core.models import Counter
from clinic.core.prepared import held
from clinic.core.transactions import atomic_part, lock


def next_number(name: str) -> int:
    """The next number of the series `name`, starting at 1; unique even under parallel callers.

    Called inside a verb's transaction: if that rolls back, the number is given to the next caller,
    so the series has no holes either.
    """
    return next_numbers(name, 1)[0]


@atomic_part
def next_numbers(name: str, count: int) -> range:
    """So many numbers of the series at once."""
    if connection.vendor == "mysql" and not fences.are_needed():
        last = _counted_up(name, count)
        if last:
            return range(last - count + 1, last + 1)
    counter = _held.first(name)
    if counter is None:  # what does not exist can't be locked: made first, by whoever is faster
        Counter.objects.get_or_create(name=name)
        counter = _held.first(name)
    counter.value += count
    counter.save(update_fields=["value"])
    return range(counter.value - count + 1, counter.value + 1)


def _counted_up(name: str, count: int) -> int:
    """The last one of so many more, or 0: MariaDB locks, counts and tells in one statement."""
    table = connection.ops.quote_name(Counter._meta.db_table)
    sql = f"UPDATE {table} SET value = LAST_INSERT_ID(value + %s) WHERE name = %s"  # noqa: S608  # nosec B608 # our table
    with connection.cursor() as cursor:
        cursor.execute(sql, [count, name])
        return cursor.lastrowid if cursor.rowcount else 0


@held
def _held(name: str):
    return lock(Counter.objects.filter(name=name))
