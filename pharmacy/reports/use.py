"""What was used of each drug since a day, out of running totals: as quick after years as at first.

The totals are carried on with the closed days (`days.close_past`); what came later is added up.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from clinic.core.days import moment
from pharmacy.models import Drug, DrugUse, StockMovement
from pharmacy.reports.closed import at_one_moment

Kind = StockMovement.Kind
KINDS = (Kind.ISSUE, Kind.GIVE_BACK, Kind.USE)
PIECE = 200  # rows in one statement


@dataclass
class Use:
    """Base units, what came back taken off; and how often some was handed out."""

    units: int = 0
    times: int = 0

    def add(self, units: int, times: int) -> None:
        self.units += units
        self.times += times


def note(day: date, since: datetime, until: datetime) -> None:
    """Carry the totals on by this part of the day; in the transaction that closes it."""
    moved = _moved(made_at__gte=since, made_at__lt=until)
    newest = {row.drug_id: row for row in _newest(moved)}
    old, new = [], []
    for drug, use in moved.items():
        row = newest.get(drug)
        if row is None or row.day != day:
            held = (row.units, row.times) if row else (0, 0)
            row = DrugUse(drug_id=drug, day=day, units=held[0], times=held[1])
        row.units += use.units
        row.times += use.times
        (old if row.pk else new).append(row)
    DrugUse.objects.bulk_create(new, batch_size=PIECE)
    DrugUse.objects.bulk_update(old, ["units", "times"], batch_size=PIECE)


def since(day: date, drug_ids: Collection[int] | None = None) -> dict[int, Use]:
    """What was used from the beginning of this day on: of all drugs, or of these."""
    return at_one_moment(lambda until: _since(day, drug_ids, until))


def _since(day: date, drug_ids, until: datetime | None) -> dict[int, Use]:
    begin = moment(day)
    which = {} if drug_ids is None else {"drug__in": drug_ids}
    if until is None or until <= begin:
        return _moved(made_at__gte=begin, **which)
    found = _moved(made_at__gte=until, **which)
    for pk, *totals in _totals(day, drug_ids):
        units, times, units_before, times_before = (number or 0 for number in totals)
        if totals[0] is not None:
            found[pk].add(units - units_before, times - times_before)
    return found


def _moved(**when) -> dict[int, Use]:
    """Out of the ledger itself."""
    rows = StockMovement.objects.filter(kind__in=KINDS, **when).values_list("drug_id")
    rows = rows.annotate(
        units=Sum("quantity"), times=Count("pk", filter=Q(kind=Kind.ISSUE))
    ).order_by()
    found: dict[int, Use] = defaultdict(Use)
    for drug, units, times in rows:
        found[drug].add(-units, times)
    return found


def taken_back(day: date, drug_ids: Collection[int] | None = None) -> dict[int, int]:
    """Units that were booked as used since this day and then reversed, so never were (R-107)."""
    which = {} if drug_ids is None else {"drug__in": drug_ids}
    rows = StockMovement.objects.filter(
        kind=Kind.REVERSE,
        made_at__gte=moment(day),
        reverses__kind__in=KINDS,
        reverses__made_at__gte=moment(day),
        **which,
    )
    return dict(rows.values_list("drug_id").annotate(units=-Sum("reverses__quantity")).order_by())


def _totals(day: date, drug_ids) -> QuerySet:
    """(drug, units and times until now, units and times before this day); None: never used.

    Who asks by EXISTS for the drugs that were used, has MariaDB read all totals first.
    """
    rows = DrugUse.objects.filter(drug=OuterRef("pk")).order_by("-day")
    before = rows.filter(day__lt=day)
    drugs = Drug.objects.order_by()
    if drug_ids is not None:
        drugs = drugs.filter(pk__in=drug_ids)
    return drugs.values_list(
        "pk",
        Subquery(rows.values("units")[:1]),
        Subquery(rows.values("times")[:1]),
        Subquery(before.values("units")[:1]),
        Subquery(before.values("times")[:1]),
    )


def _newest(drug_ids: Collection[int]) -> Iterable[DrugUse]:
    last = DrugUse.objects.filter(drug=OuterRef("pk")).order_by("-day").values("pk")[:1]
    drugs = Drug.objects.filter(pk__in=drug_ids).order_by()
    keys = [pk for pk in drugs.values_list(Subquery(last), flat=True) if pk]
    return DrugUse.objects.in_bulk(keys).values()
