"""All prices and reductions at hand, for many visits at once: two questions."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from clinic.cashier.models import FeePrice, Reduction


@dataclass
class PriceList:
    """What each item cost at any moment. A clinic has some dozens of items and few changes."""

    _prices: dict[int, list[tuple[datetime, Decimal]]]
    _reductions: dict[int, list[Reduction]]

    @classmethod
    def load(cls, items: Iterable[int]) -> "PriceList":
        items = list(items)
        prices, reductions = defaultdict(list), defaultdict(list)
        rows = FeePrice.objects.filter(item__in=items).order_by("since", "pk")
        for item, since, price in rows.values_list("item_id", "since", "price"):
            prices[item].append((since, price))
        for row in Reduction.objects.filter(item__in=items):
            reductions[row.item_id].append(row)
        return cls(prices, reductions)

    def at(self, item: int, moment: datetime) -> Decimal | None:
        """The price in force then; None before the first."""
        then = [price for since, price in self._prices.get(item, ()) if since <= moment]
        return then[-1] if then else None

    def reductions(self, item: int, day: date) -> list[Reduction]:
        """Those in force that day."""
        return [
            row
            for row in self._reductions.get(item, ())
            if row.since <= day and (row.until is None or day <= row.until)
        ]
