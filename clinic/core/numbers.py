"""Running numbers that are never given twice, not even after a rollback of another transaction."""

from clinic.core.models import Counter
from clinic.core.prepared import held
from clinic.core.transactions import atomic_retry, lock


def next_number(name: str) -> int:
    """The next number of the series `name`, starting at 1; unique even under parallel callers.

    Called inside a verb's transaction: if that rolls back, the number is given to the next caller,
    so the series has no holes either.
    """
    return next_numbers(name, 1)[0]


@atomic_retry
def next_numbers(name: str, count: int) -> range:
    """So many numbers of the series at once."""
    counter = _held.first(name)
    if counter is None:  # what does not exist can't be locked: made first, by whoever is faster
        Counter.objects.get_or_create(name=name)
        counter = _held.first(name)
    counter.value += count
    counter.save(update_fields=["value"])
    return range(counter.value - count + 1, counter.value + 1)


@held
def _held(name: str):
    return lock(Counter.objects.filter(name=name))
