"""Closing past days: their movements added up by place, category, kind and person (R-107).

Reports add closed days and look at the ledger itself only for the days that are still open, so
that a year costs as much in a large pharmacy as in a small one.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Min, Sum
from django.utils import timezone

from clinic.core.days import day_after, moment
from clinic.core.scheduler import still_here
from clinic.core.transactions import atomic_retry
from pharmacy.models import ClosedDay, StockDay, StockMovement

LATE = timedelta(minutes=30)  # a transaction begun before midnight is over by then
DAY = timedelta(days=1)


@dataclass
class Figure:
    """What moved: how many lines, at cost and at price; what went out is negative."""

    lines: int = 0
    cost: Decimal = Decimal(0)
    price: Decimal = Decimal(0)

    def add(self, lines: int, cost: Decimal, price: Decimal) -> None:
        self.lines += lines
        self.cost += cost
        self.price += price


# (day, place, category, kind, person)
Key = tuple[date, int, str, str, int]


def close_past() -> int:
    """Close every day that is over, the oldest first; how many. Run by the scheduler."""
    last = timezone.localdate(timezone.now() - LATE) - DAY
    day = _first_open()
    closed = 0
    while day is not None and day <= last:
        _close(day=day)
        still_here()
        closed += 1
        day += DAY
    return closed


def first_live_day() -> date | None:
    """The first day that reports must read from the ledger; None while there is no movement."""
    return _first_open()


def live(start: date, end: date) -> dict[Key, Figure]:
    """What moved from `start` to `end` (both included), out of the ledger itself."""
    figures: dict[Key, Figure] = defaultdict(Figure)
    day = start
    while day <= end:
        for key, figure in _of_day(day).items():
            figures[key].add(figure.lines, figure.cost, figure.price)
        day += DAY
    return figures


def _first_open() -> date | None:
    newest = ClosedDay.objects.order_by("-day").values_list("day", flat=True).first()
    if newest is not None:
        return newest + DAY
    first = StockMovement.objects.aggregate(first=Min("made_at"))["first"]
    return timezone.localdate(first) if first else None


@atomic_retry
def _close(*, day: date) -> None:
    _marker, new = ClosedDay.objects.get_or_create(day=day)
    if not new:
        return
    StockDay.objects.bulk_create(
        StockDay(
            day=day,
            place_id=place,
            category=category,
            kind=kind,
            made_by_id=person,
            lines=figure.lines,
            cost=figure.cost.quantize(Decimal("0.0001")),
            price=figure.price.quantize(Decimal("0.0001")),
        )
        for (_day, place, category, kind, person), figure in _of_day(day).items()
    )


def _of_day(day: date) -> dict[Key, Figure]:
    # Added up by batch in the database, multiplied here: SQLite would multiply as floats.
    rows = (
        StockMovement.objects.filter(made_at__gte=moment(day), made_at__lt=day_after(day))
        .values_list(
            "place_id",
            "drug__category",
            "kind",
            "made_by_id",
            "batch__cost",
            "drug__price",
            "drug__units_per_pack",
        )
        .annotate(total=Sum("quantity"), lines=Count("pk"))
        .order_by()
    )
    figures: dict[Key, Figure] = defaultdict(Figure)
    for place, category, kind, person, cost, price, units, total, lines in rows:
        key = (day, place, category, kind, person)
        figures[key].add(lines, cost * total / units, price * total / units)
    return figures
