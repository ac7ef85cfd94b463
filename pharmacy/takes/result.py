"""How right the book was: by batch and by money (R-119)."""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from clinic.core.days import day_after, moment
from clinic.core.paging import paged
from pharmacy.models import StockTake
from pharmacy.money import line_total

TARGET = Decimal("99.5")  # per cent of batches
NOTHING = Decimal(0)
PAGE = 2000


@dataclass
class Result:
    """What a count, or several, came to. Surplus and loss are both positive."""

    counted: int = 0
    right: int = 0
    book_cost: Decimal = NOTHING
    book_price: Decimal = NOTHING
    surplus_cost: Decimal = NOTHING
    surplus_price: Decimal = NOTHING
    loss_cost: Decimal = NOTHING
    loss_price: Decimal = NOTHING

    def as_fields(self) -> dict:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def add(self, other) -> None:
        """Add another result, or a posted take, which carries the same fields."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    @property
    def wrong(self) -> int:
        return self.counted - self.right

    @property
    def share(self) -> Decimal | None:
        """Batches whose book was right, in per cent; None when none was counted."""
        return _share(self.right, self.counted)

    @property
    def money_share(self) -> Decimal | None:
        """The money at cost that stood rightly in the book, in per cent; never under nothing."""
        off = self.surplus_cost + self.loss_cost
        return _share(max(NOTHING, self.book_cost - off), self.book_cost)

    @property
    def net_cost(self) -> Decimal:
        return self.surplus_cost - self.loss_cost

    @property
    def net_price(self) -> Decimal:
        return self.surplus_price - self.loss_price

    @property
    def is_on_target(self) -> bool:
        return self.share is not None and self.share >= TARGET


def _share(part, whole) -> Decimal | None:
    # Rounded down: 99.499 % is not the target.
    if not whole:
        return None
    return Decimal(int(Decimal(part) * 10000 / Decimal(whole))) / 100


def result_of(take: StockTake) -> Result:
    """The result of the counts so far; memory does not grow with the lines."""
    result = Result()
    rows = take.lines.filter(difference__isnull=False).values_list(
        "pk",
        "difference",
        "first_expected",
        "second_expected",
        "batch__cost",
        "price",
        "batch__drug__units_per_pack",
        named=True,
    )
    for _pk, difference, first, second, cost, price, per_pack in paged(rows, "pk", PAGE):
        expected = first if second is None else second
        result.counted += 1
        result.right += difference == 0
        result.book_cost += line_total(cost, expected, per_pack)
        result.book_price += line_total(price, expected, per_pack)
        name = "surplus" if difference > 0 else "loss"
        for worth, money in (("cost", cost), ("price", price)):
            key = f"{name}_{worth}"
            setattr(
                result, key, getattr(result, key) + line_total(money, abs(difference), per_pack)
            )
    return result


def posted_between(since: date, until: date):
    """Takes posted from the one day to the other, both included."""
    within = {"posted_at__gte": moment(since), "posted_at__lt": day_after(until)}
    return StockTake.objects.filter(**within)


def accuracy(since: date, until: date) -> Result:
    """All takes posted in this time together, for the clinic's figures."""
    total = Result()
    for take in posted_between(since, until):
        total.add(take)
    return total
