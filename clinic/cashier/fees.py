"""What an item costs at a moment, and for whom less (R-85, R-101)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from clinic.cashier.models import FeePrice, Reduction

CENT = Decimal("0.01")


def prices_at(moment: datetime, item_ids: Iterable[int]) -> dict[int, Decimal]:
    """The price in force of each item; an item without any is missing."""
    rows = FeePrice.objects.filter(item__in=list(item_ids), since__lte=moment)
    return dict(rows.order_by("since", "pk").values_list("item_id", "price"))


@dataclass(frozen=True)
class Less:
    """By how much a line is reduced, and why; nothing where nobody is entitled."""

    amount: Decimal = Decimal(0)
    reason: str = ""


def reductions_on(day: date, item_ids: Iterable[int]) -> dict[int, list[Reduction]]:
    """Those in force that day, by item."""
    found: dict[int, list[Reduction]] = {}
    for row in Reduction.objects.filter(item__in=list(item_ids), since__lte=day):
        if row.until is None or day <= row.until:
            found.setdefault(row.item_id, []).append(row)
    return found


def less(full: Decimal, rows: list[Reduction], category: str, age: int | None) -> Less:
    """The best for the patient of those that fit; one only, rounded to the cent."""
    fitting = [row for row in rows if _fits(row, category, age)]
    if not fitting:
        return Less()
    best = max(fitting, key=lambda row: row.percent)
    amount = (full * best.percent / 100).quantize(CENT, ROUND_HALF_UP)
    return Less(amount, best.reason)


def _fits(row: Reduction, category: str, age: int | None) -> bool:
    if row.category and row.category != category:
        return False
    return row.from_age is None or (age is not None and age >= row.from_age)
