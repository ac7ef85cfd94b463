"""What is wrong with the shelf now, read from the stock. Changes nothing, knows no history.

Low and out are judged over all places together, because what lies in the store is there (R-114);
a pharmacy that runs low while the store has some is a condition of its own. A drug that never lay
here is no matter of warnings, however long the library is.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max, Min, Q, Sum
from django.db.models.functions import Coalesce

from clinic.core.days import moment
from clinic.core.site import setting
from pharmacy.expiry import LADDER, NEAR_MONTHS, add_months
from pharmacy.models import Batch, Drug, StockMovement, StockWarning

Kind = StockWarning.Kind

# These change with every box that comes or goes; slow movers only from day to day.
FAST = (Kind.OUT, Kind.LOW, Kind.REFILL, Kind.OVER, Kind.EXPIRED, Kind.NEAR)
DAILY = (Kind.SLOW,)

USED_BY = (StockMovement.Kind.ISSUE, StockMovement.Kind.USE)


@dataclass(frozen=True)
class Condition:
    """One thing that is wrong; `key` stays the same while it gets better or worse."""

    key: str
    kind: str
    drug_id: int
    batch_id: int | None = None
    level: int = 0


def fast(today: date, drug_ids: Collection[int] | None = None) -> Iterator[Condition]:
    """What FAST means of these drugs or of all, in a few queries however many there are."""
    which = {} if drug_ids is None else {"drug__in": drug_ids}
    yield from _amounts(today, which)
    yield from _dates(today, which)


def daily(today: date) -> Iterator[Condition]:
    """Drugs that lie here and that nobody wanted for so many days."""
    since = today - timedelta(days=setting("pharmacy.slow_days"))
    wanted = set(
        StockMovement.objects.filter(made_at__gte=moment(since), kind__in=USED_BY)
        .values_list("drug_id", flat=True)
        .distinct()
        .order_by()
    )
    lying = (
        Batch.objects.filter(Batch.THERE)
        .values_list("drug_id")
        .annotate(first=Min("received_at"))
        .order_by()
    )
    for drug_id, first in lying:
        if drug_id not in wanted and first < moment(since):
            yield Condition(f"slow:{drug_id}", Kind.SLOW, drug_id)


def _amounts(today: date, which: dict) -> Iterator[Condition]:
    usable = Q(expires_on__gte=today, frozen=False)
    rows = (
        Batch.objects.filter(**which)
        .values_list("drug_id", "place__dispenses")
        .annotate(total=Coalesce(Sum("on_hand", filter=usable), 0))
        .order_by()
    )
    totals: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for drug_id, dispenses, total in rows:
        totals[drug_id][bool(dispenses)] += total
    drugs = Drug.objects.filter(active=True)
    if which:
        drugs = drugs.filter(pk__in=which["drug__in"])
    for drug_id, lower, upper in drugs.values_list("pk", "lower_limit", "upper_limit"):
        if drug_id in totals:
            yield from _amount(drug_id, *totals[drug_id], lower, upper)


def _amount(drug_id, store, pharmacy, lower, upper) -> Iterator[Condition]:
    everywhere = store + pharmacy
    if everywhere == 0:
        yield Condition(f"short:{drug_id}", Kind.OUT, drug_id)
    elif everywhere < lower:
        yield Condition(f"short:{drug_id}", Kind.LOW, drug_id, level=1)
    elif store and pharmacy < lower:
        yield Condition(f"refill:{drug_id}", Kind.REFILL, drug_id)
    elif upper and everywhere > upper:
        yield Condition(f"over:{drug_id}", Kind.OVER, drug_id)


def _dates(today: date, which: dict) -> Iterator[Condition]:
    drugs = Drug.objects.filter(pk__in=which["drug__in"]) if which else Drug.objects
    longest = drugs.aggregate(most=Max("near_months"))["most"] or 0
    rows = Batch.objects.filter(
        Batch.THERE, **which, expires_on__lte=add_months(today, max(longest, NEAR_MONTHS))
    ).values_list("pk", "drug_id", "expires_on", "drug__near_months")
    for batch_id, drug_id, expires_on, near_months in rows.order_by():
        if expires_on < today:
            yield Condition(f"date:{batch_id}", Kind.EXPIRED, drug_id, batch_id)
        elif level := near_level(expires_on, today, near_months):
            yield Condition(f"date:{batch_id}", Kind.NEAR, drug_id, batch_id, level)


def near_level(expires_on: date, today: date, near_months: int | None) -> int:
    """The rung of R-111 that the batch stands on, or the drug's own line; 0 when on none."""
    line = NEAR_MONTHS if near_months is None else near_months
    rungs = sorted({*(rung for rung in LADDER if rung <= line), line})
    return next((rung for rung in rungs if rung and expires_on <= add_months(today, rung)), 0)
