"""What was taken and charged, added up in the database: by way, kind, cashier, department, day.

Amounts are summed as whole numbers (pharmacy.money): SQLite would add floats.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from clinic.cashier.models import BillLine, Payment, Receipt, Shift, Way
from clinic.core.days import day_after, moment
from pharmacy.money import in_parts, yuan


@dataclass(frozen=True)
class Scope:
    """Which receipts: of these days, of one cashier or one shift."""

    since: date | None = None
    until: date | None = None
    cashier: int | None = None
    shift: int | None = None

    def of(self, path: str = "") -> Q:
        """As a filter over a model from which `path` leads to the receipt."""
        found = Q()
        if self.since is not None and self.until is not None:
            found &= Q(**{f"{path}made_at__gte": moment(self.since)})
            found &= Q(**{f"{path}made_at__lt": day_after(self.until)})
        if self.cashier is not None:
            found &= Q(**{f"{path}made_by": self.cashier})
        if self.shift is not None:
            found &= Q(**{f"{path}shift": self.shift})
        return found

    def receipts(self) -> QuerySet[Receipt]:
        return Receipt.objects.filter(self.of())

    def payments(self) -> QuerySet[Payment]:
        return Payment.objects.filter(self.of("receipt__"))

    def lines(self) -> QuerySet[BillLine]:
        return BillLine.objects.filter(self.of("receipt__"))

    def shifts(self) -> QuerySet[Shift]:
        """Handed over in these days."""
        rows = Shift.objects.filter(closed_at__isnull=False)
        if self.since is not None and self.until is not None:
            rows = rows.filter(
                closed_at__gte=moment(self.since), closed_at__lt=day_after(self.until)
            )
        return rows.filter(cashier=self.cashier) if self.cashier is not None else rows


@dataclass(frozen=True)
class InOut:
    """What came in, what was given back (negative), and how many times."""

    came: Decimal = Decimal(0)
    went: Decimal = Decimal(0)
    times_in: int = 0
    times_out: int = 0

    @property
    def left(self) -> Decimal:
        return self.came + self.went

    def __add__(self, other: "InOut") -> "InOut":
        return InOut(
            self.came + other.came,
            self.went + other.went,
            self.times_in + other.times_in,
            self.times_out + other.times_out,
        )


def payments_by(scope: Scope, *keys: str) -> dict[tuple, InOut]:
    """The payments by these columns."""
    return _in_out(scope.payments(), "receipt__kind", keys)


def lines_by(scope: Scope, *keys: str) -> dict[tuple, InOut]:
    """What was charged and taken back by these columns."""
    return _in_out(scope.lines(), "receipt__kind", keys)


def _in_out(rows: QuerySet, kind: str, keys: Iterable[str]) -> dict[tuple, InOut]:
    """A group for each value of the keys; a payment and a refund are told apart."""
    refund = Q(**{kind: Receipt.Kind.REFUND})
    amount = in_parts("amount")
    found = (
        rows.values_list(*keys)
        .annotate(
            came=Coalesce(Sum(amount, filter=~refund), 0),
            went=Coalesce(Sum(amount, filter=refund), 0),
            times_in=Count("pk", filter=~refund),
            times_out=Count("pk", filter=refund),
        )
        .order_by()
    )
    size = len(tuple(keys))
    return {
        tuple(row[:size]): InOut(yuan(row[size]), yuan(row[size + 1]), row[size + 2], row[size + 3])
        for row in found
    }


def total(groups: dict[tuple, InOut]) -> InOut:
    return sum(groups.values(), InOut())


def by_way(scope: Scope) -> list[tuple[str, InOut]]:
    """(label, figures) of each way that exists, in their order."""
    found = payments_by(scope, "way")
    return [(str(way.label), found.get((way.value,), InOut())) for way in Way]


def by_kind(scope: Scope) -> list[tuple[str, InOut]]:
    """(label, figures) of each kind that was charged, in their order."""
    found = lines_by(scope, "kind")
    return [
        (str(kind.label), found[kind.value,]) for kind in BillLine.Kind if (kind.value,) in found
    ]


def reduced(scope: Scope) -> Decimal:
    """By how much lines were reduced, what was taken back being taken off again."""
    return yuan(scope.lines().aggregate(n=Coalesce(Sum(in_parts("reduced")), 0))["n"])
