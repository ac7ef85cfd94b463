"""Adding up the ledger by day, place, category, kind and person, once it is certain (R-107).

Reports take what was added up and look at the ledger itself only for the last three quarters of an
hour, so that a year costs as much in a large pharmacy as in a small one.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Sum
from django.utils import timezone

from clinic.core.days import day_after
from clinic.core.scheduler import still_here
from clinic.core.transactions import atomic_retry, lock
from pharmacy.models import ClosedDay, StockDay, StockMovement
from pharmacy.reports import use
from pharmacy.reports.closed import closed_until

LATE = timedelta(minutes=30)  # a transaction begun so long ago is over by now
DIGITS = Decimal("0.00000001")


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
    """Add up what is certain, the oldest day first; how many days are over. By the scheduler."""
    last = timezone.now() - LATE
    since, closed = closed_until(), 0
    while since is not None and since < last:
        day = timezone.localdate(since)
        until = min(day_after(day), last)
        _close(day=day, since=since, until=until)
        still_here()
        closed += until == day_after(day)
        since = until
    return closed


def live(since: datetime, last: date) -> dict[Key, Figure]:
    """What moved from the moment `since` to the day `last`, included, out of the ledger itself."""
    figures: dict[Key, Figure] = {}
    while since < day_after(last):
        day = timezone.localdate(since)
        figures |= _of_day(day, since, day_after(day))
        since = day_after(day)
    return figures


@atomic_retry
def _close(*, day: date, since: datetime, until: datetime) -> None:
    ClosedDay.objects.get_or_create(day=day, defaults={"until": since})
    marker = lock(ClosedDay.objects.filter(day=day)).get()
    if marker.until != since:  # another process was faster
        return
    marker.until = until
    marker.save(update_fields=["until"])
    for key, figure in _of_day(day, since, until).items():
        _add(key, figure)
    use.note(day, since, until)


def _add(key: Key, figure: Figure) -> None:
    # Added here and not by the database: SQLite would add as floats.
    names = ("day", "place_id", "category", "kind", "made_by_id")
    row = StockDay.objects.filter(**dict(zip(names, key, strict=True))).first()
    row = row or StockDay(**dict(zip(names, key, strict=True)), lines=0, cost=0, price=0)
    row.lines += figure.lines
    row.cost = (row.cost + figure.cost).quantize(DIGITS)
    row.price = (row.price + figure.price).quantize(DIGITS)
    row.save()


def _of_day(day: date, since: datetime, until: datetime) -> dict[Key, Figure]:
    # Added up by batch in the database, multiplied here: SQLite would multiply as floats.
    rows = (
        StockMovement.objects.filter(made_at__gte=since, made_at__lt=until)
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
