"""Kept rows that don't say what the shelf says are written anew, by the scheduler.

There are none as long as the stock changes by its verbs; a database that was mended by hand, or
brought over from elsewhere, may have some. check_stock names them.
"""

import logging
from itertools import islice

from clinic.core.scheduler import still_here
from clinic.core.transactions import atomic_retry
from pharmacy import worth
from pharmacy.ledger import lock_batches

log = logging.getLogger("clinic.pharmacy")
PIECE = 50  # rows per transaction: none may hold SQLite's write lock for long


def mend_worth() -> int:
    """Bring pharmacy.ShelfWorth in line with the batches; how many rows were not."""
    wrong = sorted(
        {*worth.wrong().values_list("pk", flat=True), *worth.lacking().values_list("pk", flat=True)}
    )
    if wrong:
        log.warning("what %s batches are worth did not agree with the shelf", len(wrong))
    rest = iter(wrong)
    while piece := list(islice(rest, PIECE)):
        _mend(ids=piece)
        still_here()
    return len(wrong)


@atomic_retry
def _mend(*, ids: list[int]) -> None:
    for batch in lock_batches(pk__in=ids).values():
        worth.follow(batch)
