"""What the shelf warns of: low, out, near expiry (6, 3, 1 months, R-111), expired."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import (
    Count,
    Exists,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from pharmacy.expiry import LADDER, add_months
from pharmacy.models import Batch, Drug, Reservation, StockWarning
from pharmacy.units import packs_and_pieces
from pharmacy.watch.orders import missing

WITHIN = {f"within{months}": months for months in LADDER}
Kind = StockWarning.Kind
SHOWS = [*WITHIN, "low", "out", "expired"]
SORTS = {
    "name": ["generic_name", "pk"],
    "expiry": [F("nearest").asc(nulls_last=True), "generic_name", "pk"],
    "shelf": ["shelf", "generic_name", "pk"],
}


def shelf(today: date) -> QuerySet[Drug]:
    """Drugs with what is on the shelf of each.

    Adds `on_hand` (all batches), `usable` (in date, not frozen, in a place that hands out),
    `everywhere` (the same in all places), `expired`, `reserved`, `nearest` (earliest expiry of
    what is in date), each from an index over the drug.
    """
    batches = Batch.objects.filter(Batch.THERE, drug=OuterRef("pk"))
    in_date = batches.filter(expires_on__gte=today)
    promised = Reservation.objects.filter(drug=OuterRef("pk"), state=Reservation.State.ACTIVE)
    return Drug.objects.annotate(
        on_hand=_total(batches, "on_hand"),
        usable=_total(in_date.filter(frozen=False, place__dispenses=True), "on_hand"),
        everywhere=_total(in_date.filter(frozen=False), "on_hand"),
        expired=_total(batches.filter(expires_on__lt=today), "on_hand"),
        reserved=_total(promised, "quantity"),
        nearest=_nearest(today),
    )


def listed(today: date, show: str, sort: str) -> QuerySet[Drug]:
    """The drugs that a filter means, in order, without what lies there of each."""
    drugs = Drug.objects.filter(condition(show))
    if sort == "expiry":
        drugs = drugs.annotate(nearest=_nearest(today))
    return drugs.order_by(*SORTS[sort])


def by_place(drugs: Iterable[Drug]) -> None:
    """Give each drug `.by_place`: (place, base units) of each place where something of it lies.

    Nothing where all of it lies in one that hands out: that is what everybody expects.
    """
    rows = Batch.objects.filter(Batch.THERE, drug__in=[drug.pk for drug in drugs])
    found: dict[int, list[tuple[str, int, bool]]] = defaultdict(list)
    names = ("drug_id", "place__name", "place__dispenses", "place_id")
    sums = rows.values_list(*names).annotate(total=Sum("on_hand"))
    for drug_id, name, dispenses, _place, total in sums.order_by("-place__dispenses", "place_id"):
        found[drug_id].append((name, total, dispenses))
    for drug in drugs:
        there = found.get(drug.pk, [])
        is_usual = len(there) == 1 and there[0][2]
        drug.by_place = [] if is_usual else [(name, total) for name, total, _out in there]


def _nearest(today: date) -> Subquery:
    rows = Batch.objects.filter(Batch.THERE, drug=OuterRef("pk"), expires_on__gte=today)
    return Subquery(
        rows.order_by().values("drug").annotate(first=Min("expires_on")).values("first")
    )


def _total(rows: QuerySet, field: str) -> Coalesce:
    one = rows.order_by().values("drug").annotate(total=Sum(field)).values("total")
    return Coalesce(Subquery(one, output_field=IntegerField()), 0)


def condition(show: str) -> Q:
    """Which drugs a filter means; everything that belongs on the shelf for "".

    What is low, out, near or past its expiry is told by the warnings (pharmacy.watch), which follow
    each change of the stock, so that no page adds up the whole shelf.
    """
    warned = _warned(show)
    if warned is None:
        # Looked for one by one: of a stopped drug only, and there are few.
        return Q(active=True) | Exists(Batch.objects.filter(Batch.THERE, drug=OuterRef("pk")))
    return Q(pk__in=StockWarning.objects.filter(StockWarning.NOW, warned).values("drug"))


def _warned(show: str) -> Q | None:
    """The warnings that a filter is about; None for the whole list."""
    if show in WITHIN:
        return Q(kind=Kind.NEAR, level__lte=WITHIN[show])
    kinds = {"low": [Kind.LOW, Kind.OUT], "out": [Kind.OUT], "expired": [Kind.EXPIRED]}
    return Q(kind__in=kinds[show]) if show in kinds else None


def counts() -> dict[str, int]:
    """How many drugs each filter means, in two queries; "all" counts the whole list."""
    # A drug is short once, but may have several batches that near their expiry.
    once = ("low", "out")
    numbers = {
        show: Count("drug", filter=_warned(show), distinct=show not in once) for show in SHOWS
    }
    found = StockWarning.objects.filter(StockWarning.NOW).aggregate(**numbers)
    return {"all": Drug.objects.filter(condition("")).count(), **found}


@dataclass(frozen=True)
class ToDo:
    """One thing to be dealt with now: a batch that runs out of time, or a drug that runs out."""

    kind: str  # expired, near, low
    drug: Drug
    left: str
    batch: Batch | None = None
    days: int = 0
    limit: str = ""
    order: str = ""


def to_do(today: date | None = None, each: int = 4) -> list[ToDo]:
    """The most pressing: batches that are expired or soon will be, drugs below their limit."""
    today = today or timezone.localdate()
    rows = Batch.objects.filter(Batch.THERE, expires_on__lte=add_months(today, 1))
    low = shelf(today).filter(condition("low")).order_by("everywhere", "generic_name")
    return [
        *(_expiring(batch, today) for batch in rows.select_related("drug")[:each]),
        *(_running_low(drug) for drug in low[:each]),
    ]


def _expiring(batch: Batch, today: date) -> ToDo:
    days = (batch.expires_on - today).days
    left = packs_and_pieces(batch.drug, batch.on_hand)
    kind = "expired" if days < 0 else "near"
    return ToDo(kind=kind, drug=batch.drug, batch=batch, days=days, left=left)


def _running_low(drug: Drug) -> ToDo:
    """With the order that fills it up to the upper limit (R-114), in whole packs."""
    return ToDo(
        kind="low",
        drug=drug,
        left=packs_and_pieces(drug, drug.everywhere),
        limit=packs_and_pieces(drug, drug.lower_limit),
        order=packs_and_pieces(drug, missing(drug, drug.everywhere)),
    )
