"""What moved in a period: what was added up, and the rest from the ledger."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Sum
from django.utils import timezone

from clinic.core.days import moment
from pharmacy.models import StockDay
from pharmacy.reports.closed import at_one_moment
from pharmacy.reports.days import Figure, Key, live

Moved = list[tuple[Key, Figure]]
DAY = timedelta(days=1)


def moved(start: date, end: date) -> Moved:
    """What moved on the days from `start` to `end`, by day, place, category, kind and person."""
    return at_one_moment(lambda until: _figures(start, end, until))


def added_up(figures: Moved, by: Callable[[Key], object]) -> dict[object, Figure]:
    """The figures added up by what `by` makes of each key."""
    sums: dict[object, Figure] = defaultdict(Figure)
    for key, figure in figures:
        sums[by(key)].add(figure.lines, figure.cost, figure.price)
    return sums


def value_before(day: date, by: Callable[[Key], object]) -> dict[object, Decimal]:
    """What lay there when `day` began, at cost: everything that had moved until then."""
    return at_one_moment(lambda until: _values(day, by, until))


def _values(day: date, by: Callable[[Key], object], until: datetime | None):
    rows = (
        StockDay.objects.filter(day__lt=day)
        .values_list("place_id", "category")
        .annotate(total=Sum("cost"))
        .order_by()
    )
    sums: dict[object, Decimal] = defaultdict(Decimal)
    for place, category, total in rows:
        sums[by((day, place, category, "", 0))] += Decimal(total)
    if until is not None:
        for key, figure in live(until, min(day - DAY, timezone.localdate())).items():
            sums[by(key)] += figure.cost
    return sums


def _figures(start: date, end: date, until: datetime | None) -> Moved:
    end = min(end, timezone.localdate())
    rows = StockDay.objects.filter(day__gte=start, day__lte=end).values_list(
        "day", "place_id", "category", "kind", "made_by_id", "lines", "cost", "price"
    )
    figures = [(row[:5], Figure(*row[5:])) for row in rows]
    if until is not None:
        figures += live(max(until, moment(start)), end).items()
    return figures


def weeks(start: date, end: date) -> list[tuple[date, date]]:
    """The period in pieces of a day (up to a month), a week (up to half a year) or a month."""
    length = (end - start).days + 1
    step = 1 if length <= 31 else 7 if length <= 184 else 30
    pieces = []
    while start <= end:
        last = min(end, start + timedelta(days=step - 1))
        pieces.append((start, last))
        start = last + DAY
    return pieces
