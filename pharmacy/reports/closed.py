"""Until when the ledger was added up, and reading both parts of it as of one moment."""

from collections.abc import Callable
from datetime import datetime

from django.db.models import Min
from django.utils import timezone

from clinic.core.days import moment
from pharmacy.models import ClosedDay, StockMovement


def closed_until() -> datetime | None:
    """From when on reports must read the ledger; None while there is no movement."""
    newest = ClosedDay.objects.order_by("-day").values_list("until", flat=True).first()
    if newest is not None:
        return newest
    first = StockMovement.objects.aggregate(first=Min("made_at"))["first"]
    return moment(timezone.localdate(first)) if first else None


def at_one_moment(read: Callable):
    """`read(until)`, again if meanwhile more was added up: nothing counts twice or not at all.

    It ends: each turn needs another piece that was closed meanwhile, and those are days past.
    """
    until = closed_until()
    while True:
        answer, before = read(until), until
        until = closed_until()
        if until == before:
            return answer
