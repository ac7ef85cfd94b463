"""Stock limits out of use: lower until the next delivery comes, upper for some weeks (R-114)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import islice
from math import ceil

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from clinic.core.scheduler import still_here
from clinic.core.site import setting
from clinic.core.transactions import atomic_retry, lock
from pharmacy.models import Batch, Drug
from pharmacy.reports import use
from pharmacy.units import whole_packs

DAYS = 90  # what the use is read from
LEAST_DAYS = 28  # less history says nothing about use
PIECE = 50  # rows per transaction: none may hold SQLite's write lock for long


@dataclass(frozen=True)
class Days:
    """The clinic's settings: days in reserve beyond a delivery, days that the upper limit lasts."""

    reserve: int
    upper: int


def days_of_site() -> Days:
    return Days(setting("pharmacy.reserve_days"), setting("pharmacy.stock_days"))


def use_per_day(drug_ids: Collection[int] | None = None) -> dict[int, Fraction]:
    """Base units a day, over the last 90 days or since it first came, of each drug that was used.

    Of all drugs, or of these.
    """
    today = timezone.localdate()
    since = today - timedelta(days=DAYS)
    back = use.taken_back(since, drug_ids)
    units = {pk: used.units - back.get(pk, 0) for pk, used in use.since(since, drug_ids).items()}
    first = first_days(drug_ids)
    return {
        pk: Fraction(total, max(1, min(DAYS, (today - first[pk]).days)))
        for pk, total in units.items()
        if total > 0
    }


def limits(drug: Drug, per_day: Fraction, days: Days) -> tuple[int, int]:
    """(lower, upper) in base units, whole packs: enough until a delivery comes, and for weeks."""
    lower = ceil(per_day * (drug.lead_days + days.reserve))
    upper = ceil(per_day * days.upper)
    lower = whole_packs(drug, lower)
    return lower, max(lower, whole_packs(drug, upper))


def follow_use() -> int:
    """Set the limits of the drugs whose limits are not fixed by hand; how many changed."""
    per_day, days = use_per_day(), days_of_site()
    known_since = timezone.localdate() - timedelta(days=LEAST_DAYS)
    known = {pk for pk, first in first_days().items() if first <= known_since}
    changed = [
        drug.pk
        for drug in Drug.objects.filter(active=True, limits_fixed=False)
        if drug.pk in known
        and (drug.lower_limit, drug.upper_limit) != limits(drug, per_day.get(drug.pk, 0), days)
    ]
    rest = iter(changed)
    while piece := list(islice(rest, PIECE)):
        _write(ids=piece, per_day=per_day, days=days)
        still_here()
    return len(changed)


def first_days(drug_ids: Collection[int] | None = None) -> dict[int, date]:
    """The day on which each drug that ever lay here first came, or of some; from an index."""
    batches = Batch.objects.filter(drug=OuterRef("pk")).order_by("received_at")
    drugs = Drug.objects.annotate(first=Subquery(batches.values("received_at")[:1]))
    if drug_ids is not None:
        drugs = drugs.filter(pk__in=drug_ids)
    rows = drugs.filter(first__isnull=False).order_by().values_list("pk", "first")
    return {pk: timezone.localdate(first) for pk, first in rows}


@atomic_retry
def _write(*, ids: list[int], per_day: dict[int, Fraction], days: Days) -> None:
    for drug in lock(Drug.objects.filter(pk__in=ids, limits_fixed=False).order_by("pk")):
        drug.lower_limit, drug.upper_limit = limits(drug, per_day.get(drug.pk, 0), days)
        drug.save(update_fields=["lower_limit", "upper_limit"])
