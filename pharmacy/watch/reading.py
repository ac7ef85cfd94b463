"""The warnings as people read them: by kind, with what is there and what to do next."""

from datetime import date

from django.db.models import Count, QuerySet

from clinic.core.days import moment
from pharmacy.models import StockWarning
from pharmacy.units import packs_and_pieces
from pharmacy.watch.conditions import ORDER

Kind = StockWarning.Kind
# Too much of something and slow movers can wait: they are listed, but ring no bell.
RINGING = [Kind.OUT, Kind.EXPIRED, Kind.LOW, Kind.REFILL, Kind.NEAR]


def open_count() -> int:
    """What the bell says."""
    return StockWarning.objects.filter(StockWarning.NOW, is_open=True, kind__in=RINGING).count()


def counts() -> dict[str, int]:
    """How many are open of each kind, "handled" (still true, dealt with), in one query."""
    rows = StockWarning.objects.filter(StockWarning.NOW).values_list("is_open", "kind")
    found = dict.fromkeys([*ORDER, "handled"], 0)
    for is_open, kind, number in rows.annotate(number=Count("pk")).order_by():
        found[kind if is_open else "handled"] += number
    return {**found, "open": sum(found[kind] for kind in ORDER)}


def today_in_numbers(today: date) -> dict[str, int]:
    """The day's summary: begun, dealt with, gone by itself."""
    start = moment(today)
    return {
        "begun": StockWarning.objects.filter(began_at__gte=start).count(),
        "handled": StockWarning.objects.filter(handled_at__gte=start).count(),
        "gone": StockWarning.objects.filter(gone_at__gte=start).count(),
    }


def whole() -> QuerySet[StockWarning]:
    """With everything that is shown of them."""
    return StockWarning.objects.select_related("drug", "batch__place", "handled_by")


def listed(show: str) -> QuerySet[StockWarning]:
    """The rows of one filter: "" all open ones, a kind, or "handled"."""
    rows = StockWarning.objects
    if show == "handled":
        return rows.filter(StockWarning.NOW, is_open=False).order_by("-handled_at", "pk")
    rows = rows.filter(StockWarning.NOW, is_open=True)
    if show in ORDER:
        rows = rows.filter(kind=show)
    return rows.order_by("urgency", "pk")


def amounts(rows: list[StockWarning], everywhere: dict[int, int]) -> None:
    """Give each row `.amount`: what of the batch, or of the drug in all places, is there."""
    for row in rows:
        there = row.batch.on_hand if row.batch else everywhere.get(row.drug_id, 0)
        row.amount = packs_and_pieces(row.drug, there)
