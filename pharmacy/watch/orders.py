"""What should be ordered now: up to the upper limit, counting every place (R-114)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from django.db.models import OuterRef, Subquery, Sum
from django.utils import timezone

from pharmacy.limits import use_per_day
from pharmacy.models import Batch, Drug, StockWarning
from pharmacy.money import line_total
from pharmacy.units import whole_packs

SHOWN = ("generic_name", "pack_spec", "pack_unit", "base_unit", "units_per_pack", "lower_limit")
LIMITS = ("pk", "generic_name", "units_per_pack", "lower_limit", "upper_limit")
SHORT = (StockWarning.Kind.OUT, StockWarning.Kind.LOW)


class Wanted(NamedTuple):
    """What is missing of one drug, in the order of the list; quantities in base units."""

    ordered: bool  # somebody marked the warning as dealt with
    supplier: str
    name: str
    drug_id: int
    everywhere: int
    quantity: int
    cost: Decimal  # of a pack
    amount: Decimal


@dataclass(frozen=True)
class Suggestion:
    """One line of the order list as it is shown."""

    drug: Drug
    wanted: Wanted
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


def wanted() -> list[Wanted]:
    """The order list: every drug that is short, what was not ordered yet first, by supplier.

    Plain values, for it may be long; `shown` makes lines of a page of it.
    """
    short = StockWarning.objects.filter(StockWarning.NOW, kind__in=SHORT)
    ordered = {pk: not is_open for pk, is_open in short.values_list("drug_id", "is_open")}
    last = Batch.objects.filter(drug=OuterRef("pk"), supplier__isnull=False)
    last = last.order_by("-received_at", "-pk")
    drugs = Drug.objects.filter(pk__in=short.values("drug"), active=True).order_by()
    drugs = drugs.annotate(
        last_supplier=Subquery(last.values("supplier__name")[:1]),
        last_cost=Subquery(last.values("cost")[:1]),
    ).values_list(*LIMITS, "last_supplier", "last_cost", named=True)
    there = everywhere(short.values("drug"))
    return sorted(_wanted(drug, ordered[drug.pk], there.get(drug.pk, 0)) for drug in drugs)


def _wanted(drug, ordered: bool, there: int) -> Wanted:
    quantity, cost = missing(drug, there), drug.last_cost or Decimal(0)
    amount = line_total(cost, quantity, drug.units_per_pack)
    name, supplier = drug.generic_name, drug.last_supplier or ""
    return Wanted(ordered, supplier, name, drug.pk, there, quantity, cost, amount)


def shown(page: Sequence[Wanted]) -> list[Suggestion]:
    """These lines with their drugs and their use in a day, a look at 90 days of the ledger."""
    ids = [line.drug_id for line in page]
    drugs, use = Drug.objects.only(*SHOWN).in_bulk(ids), use_per_day(ids)
    return [
        Suggestion(drugs[line.drug_id], line, use.get(line.drug_id, Fraction(0))) for line in page
    ]


def missing(drug: Drug, there: int) -> int:
    """At least one pack: a drug without limits that ran out is still wanted."""
    wanted = max(drug.upper_limit, drug.lower_limit) - there
    return whole_packs(drug, max(1, wanted))
