"""What should be ordered now: up to the upper limit, counting every place (R-114)."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from django.db.models import OuterRef, Subquery, Sum
from django.utils import timezone

from pharmacy.limits import use_per_day
from pharmacy.models import Batch, Drug, StockWarning
from pharmacy.money import line_total
from pharmacy.units import whole_packs

SHOWN = (
    *("generic_name", "pack_spec", "pack_unit", "base_unit", "units_per_pack"),
    *("lower_limit", "upper_limit"),
)
SHORT = (StockWarning.Kind.OUT, StockWarning.Kind.LOW)


@dataclass(frozen=True)
class Suggestion:
    """One line of the order list; quantities in base units, cost of a pack."""

    drug: Drug
    everywhere: int
    quantity: int
    supplier: str
    cost: Decimal
    ordered: bool  # somebody marked the warning as dealt with
    per_day: Fraction = Fraction(0)  # see with_use

    @property
    def amount(self) -> Decimal:
        return line_total(self.cost, self.quantity, self.drug.units_per_pack)

    @property
    def packs(self) -> int:
        return self.quantity // self.drug.units_per_pack

    @property
    def days_left(self) -> int | None:
        """How long the rest lasts at the present use."""
        return int(self.everywhere / self.per_day) if self.per_day else None


def everywhere(drug_ids) -> dict[int, int]:
    """Base units in date and not frozen of each drug in all places together."""
    today = timezone.localdate()
    rows = Batch.objects.filter(Batch.THERE, drug_id__in=drug_ids, frozen=False)
    rows = rows.filter(expires_on__gte=today)
    return dict(rows.values_list("drug_id").annotate(total=Sum("on_hand")).order_by())


def suggested() -> list[Suggestion]:
    """The order list: every drug that is short, by supplier, what was not ordered yet first."""
    short = StockWarning.objects.filter(StockWarning.NOW, kind__in=SHORT)
    ordered = dict(short.values_list("drug_id", "is_open"))
    last = Batch.objects.filter(drug=OuterRef("pk"), supplier__isnull=False)
    last = last.order_by("-received_at", "-pk")
    drugs = Drug.objects.filter(pk__in=short.values("drug"), active=True).only(*SHOWN)
    drugs = drugs.annotate(
        last_supplier=Subquery(last.values("supplier__name")[:1]),
        last_cost=Subquery(last.values("cost")[:1]),
    )
    there = everywhere(short.values("drug"))
    lines = [
        Suggestion(
            drug=drug,
            everywhere=there.get(drug.pk, 0),
            quantity=missing(drug, there.get(drug.pk, 0)),
            supplier=drug.last_supplier or "",
            cost=drug.last_cost or Decimal(0),
            ordered=not ordered[drug.pk],
        )
        for drug in drugs
    ]
    return sorted(lines, key=lambda line: (line.ordered, line.supplier, line.drug.generic_name))


def with_use(lines: list[Suggestion]) -> list[Suggestion]:
    """The same with what is used of each drug in a day, which takes a look at 90 days' ledger."""
    use = use_per_day([line.drug.pk for line in lines])
    return [replace(line, per_day=use.get(line.drug.pk, Fraction(0))) for line in lines]


def missing(drug: Drug, there: int) -> int:
    """At least one pack: a drug without limits that ran out is still wanted."""
    wanted = max(drug.upper_limit, drug.lower_limit) - there
    return whole_packs(drug, max(1, wanted))
