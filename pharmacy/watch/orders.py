"""What should be ordered now: up to the upper limit, counting every place (R-114)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.utils import timezone

from pharmacy.limits import use_per_day
from pharmacy.models import Batch, Drug, StockWarning
from pharmacy.money import line_total
from pharmacy.units import whole_packs

SHOWN = ("generic_name", "pack_spec", "pack_unit", "base_unit", "units_per_pack")
LIMITS = ("pk", "generic_name", "units_per_pack", "lower_limit", "upper_limit")
NEVER_BOUGHT = ("", Decimal(0))
PIECE = 1000


@dataclass(frozen=True)
class Wanted:
    """What is missing of one drug; quantities in base units."""

    supplier: str
    name: str
    everywhere: int
    quantity: int
    cost: Decimal  # of a pack
    amount: Decimal

    @property
    def place(self) -> str:
        """Sorts the list by supplier and name."""
        return f"{self.supplier}\t{self.name}"


@dataclass(frozen=True)
class Suggestion:
    """One line of the order list as it is shown."""

    drug: Drug
    wanted: Wanted
    ordered: bool  # somebody marked the warning as dealt with
    per_day: Fraction

    @property
    def packs(self) -> int:
        return self.wanted.quantity // self.drug.units_per_pack

    @property
    def days_left(self) -> int | None:
        """How long the rest lasts at the present use."""
        return int(self.wanted.everywhere / self.per_day) if self.per_day else None


def everywhere(drug_ids) -> dict[int, int]:
    """Base units in date and not frozen of each drug in all places together."""
    today = timezone.localdate()
    rows = Batch.objects.filter(Batch.THERE, drug_id__in=drug_ids, frozen=False)
    rows = rows.filter(expires_on__gte=today)
    return dict(rows.values_list("drug_id").annotate(total=Sum("on_hand")).order_by())


def last_bought(drug_ids: Collection[int]) -> dict[int, tuple[str, Decimal]]:
    """(supplier, cost of a pack) of the newest batch of each drug that was ever bought."""
    ids = list(drug_ids)
    last = Batch.objects.filter(drug=OuterRef("pk"), supplier__isnull=False)
    last = last.order_by("-received_at", "-pk")
    drugs = Drug.objects.order_by().annotate(
        supplier=Subquery(last.values("supplier__name")[:1]),
        cost=Subquery(last.values("cost")[:1]),
    )
    return {
        pk: (supplier, cost)
        for piece in (ids[at : at + PIECE] for at in range(0, len(ids), PIECE))
        for pk, supplier, cost in drugs.filter(pk__in=piece).values_list("pk", "supplier", "cost")
        if supplier is not None
    }


def wanted(drug, there: int, supplier: str, cost: Decimal) -> Wanted:
    """`drug` is one, or a row with LIMITS."""
    quantity = missing(drug, there)
    amount = line_total(cost, quantity, drug.units_per_pack)
    return Wanted(supplier, drug.generic_name, there, quantity, cost, amount)


def listed() -> QuerySet[StockWarning]:
    """The order list: every drug that is short, what was not ordered yet first, by supplier."""
    rows = StockWarning.objects.filter(StockWarning.NOW, order_place__gt="")
    return rows.order_by("-is_open", "order_place", "pk")


def total() -> Decimal:
    """What the whole list comes to."""
    return Decimal(listed().aggregate(cents=Sum("order_cents", default=0))["cents"]) / 100


def shown(page: Sequence[StockWarning]) -> list[Suggestion]:
    """These lines as they are now, with their use in a day: a look at 90 days of the ledger."""
    ids = [row.drug_id for row in page]
    drugs = Drug.objects.filter(active=True).only(*SHOWN, *LIMITS).in_bulk(ids)
    there, bought, use = everywhere(ids), last_bought(ids), use_per_day(ids)
    return [
        Suggestion(
            drug := drugs[pk],
            wanted(drug, there.get(pk, 0), *bought.get(pk, NEVER_BOUGHT)),
            not row.is_open,
            use.get(pk, Fraction(0)),
        )
        for row in page
        if (pk := row.drug_id) in drugs
    ]


def missing(drug, there: int) -> int:
    """At least one pack: a drug without limits that ran out is still wanted."""
    wanted = max(drug.upper_limit, drug.lower_limit) - there
    return whole_packs(drug, max(1, wanted))
