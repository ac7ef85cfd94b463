"""Stock limits out of use: lower until the next delivery comes, upper for some weeks (R-114)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from itertools import islice
from math import ceil

from django.db.models import Min, Q, Sum
from django.utils import timezone

from clinic.core.days import moment
from clinic.core.scheduler import still_here
from clinic.core.site import setting
from clinic.core.transactions import atomic_retry, lock
from pharmacy.models import Batch, Drug, StockMovement
from pharmacy.units import whole_packs

DAYS = 90  # what the use is read from
LEAST_DAYS = 28  # less history says nothing about use
PIECE = 50  # rows per transaction: none may hold SQLite's write lock for long

Kind = StockMovement.Kind
USE = (Kind.ISSUE, Kind.GIVE_BACK, Kind.USE)


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
    which = {} if drug_ids is None else {"drug__in": drug_ids}
    today = timezone.localdate()
    rows = StockMovement.objects.filter(made_at__gte=moment(today - timedelta(days=DAYS)))
    rows = rows.filter(**which, reversed_by__isnull=True).values_list("drug_id")
    # A condition on the sum and not on the rows: those are found by drug and time.
    used = rows.annotate(total=Sum("quantity", filter=Q(kind__in=USE), default=0)).order_by()
    first = dict(_first_days(**which))
    return {
        pk: Fraction(-total, max(1, min(DAYS, (today - first[pk]).days)))
        for pk, total in used
        if total < 0
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
    known = {pk for pk, first in _first_days() if first <= known_since}
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


def _first_days(**which):
    """(drug, day on which it first came) of every drug that ever lay here, or of some."""
    rows = Batch.objects.filter(**which).values_list("drug_id").annotate(first=Min("received_at"))
    return ((pk, timezone.localdate(first)) for pk, first in rows.order_by())


@atomic_retry
def _write(*, ids: list[int], per_day: dict[int, Fraction], days: Days) -> None:
    for drug in lock(Drug.objects.filter(pk__in=ids, limits_fixed=False).order_by("pk")):
        drug.lower_limit, drug.upper_limit = limits(drug, per_day.get(drug.pk, 0), days)
        drug.save(update_fields=["lower_limit", "upper_limit"])
