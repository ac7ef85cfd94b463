"""What is wrong with the shelf now, read from the stock. Changes nothing, knows no history.

Low and out are judged over all places together, because what lies in the store is there (R-114);
a pharmacy that runs low while the store has some is a condition of its own. A drug that never lay
here is no matter of warnings, however long the library is.
"""

from collections import defaultdict, namedtuple
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from clinic.core.days import LAST_DAY, moment
from clinic.core.prepared import prepared
from clinic.core.site import setting
from pharmacy.expiry import LADDER, NEAR_MONTHS, add_months
from pharmacy.models import Batch, Drug, StockMovement, StockWarning
from pharmacy.watch import orders

Kind = StockWarning.Kind

# These change with every box that comes or goes; slow movers only from day to day.
FAST = (Kind.OUT, Kind.LOW, Kind.REFILL, Kind.OVER, Kind.EXPIRED, Kind.NEAR)
DAILY = (Kind.SLOW,)

# In the order in which people should act.
ORDER = [Kind.OUT, Kind.EXPIRED, Kind.LOW, Kind.REFILL, Kind.NEAR, Kind.OVER, Kind.SLOW]

ABOUT_DATES = ("pk", "drug_id", "drug__generic_name", "expires_on", "drug__near_months")
ABOUT_AMOUNTS = ("place__dispenses", "on_hand", "frozen", "drug__active")
ABOUT_AMOUNTS += tuple(f"drug__{name}" for name in orders.LIMITS[1:])
Limits = namedtuple("Limits", orders.LIMITS)  # of a drug
USED_BY = (StockMovement.Kind.ISSUE, StockMovement.Kind.USE)


@dataclass(frozen=True)
class Condition:
    """One thing that is wrong; `key` stays the same while it gets better or worse."""

    key: str
    kind: str
    drug_id: int
    name: str
    batch_id: int | None = None
    expires_on: date = LAST_DAY
    level: int = 0
    order_place: str = ""
    order_cents: int = 0

    @property
    def urgency(self) -> str:
        """Sorts by kind, level, expiry date and name."""
        return f"{ORDER.index(self.kind)}{self.level}{self.expires_on.isoformat()}{self.name}"

    @property
    def kept(self) -> dict:
        """What its row says of it as long as it lasts."""
        names = ("kind", "level", "urgency", "order_place", "order_cents")
        return {name: getattr(self, name) for name in names}


def fast(today: date, drug_ids: Collection[int] | None = None) -> Iterator[Condition]:
    """What FAST means of all drugs, in a few queries however many there are; or of these few."""
    if drug_ids is not None:
        yield from _few(today, drug_ids)
        return
    yield from _amounts(_totals(today), _limits(Drug.objects.all()))
    yield from _dates(_near(today), today)


def _few(today: date, drug_ids: Collection[int]) -> Iterator[Condition]:
    """After each change of the stock: what lies there of them is read once, plainly."""
    there = there_of(sorted(drug_ids))
    totals: dict[int, list[int]] = {}
    drugs = {}
    for row in there:
        _pk, drug_id, _name, expires_on, _months, dispenses, on_hand, frozen, active, *told = row
        total = totals.setdefault(drug_id, [0, 0])
        total[bool(dispenses)] += 0 if frozen or expires_on < today else on_hand
        if active:
            drugs[drug_id] = Limits(drug_id, *told)
    gone = set(drug_ids) - set(totals)
    if gone:
        drugs |= {drug.pk: drug for drug in _limits(Drug.objects.filter(pk__in=gone))}
    yield from _amounts(totals, drugs.values())
    yield from _dates((row[: len(ABOUT_DATES)] for row in there), today)


@prepared
def there_of(drugs: list[int]):
    rows = Batch.objects.filter(Batch.THERE, drug__in=drugs).order_by()
    return rows.values_list(*ABOUT_DATES, *ABOUT_AMOUNTS)


def daily(today: date) -> Iterator[Condition]:
    """Drugs that lie here and that nobody wanted for so many days."""
    since = today - timedelta(days=setting("pharmacy.slow_days"))
    lying = (
        Batch.objects.filter(Batch.THERE)
        .values_list("drug_id", "drug__generic_name")
        .annotate(first=Min("received_at"))
        .order_by()
    )
    names = {drug_id: name for drug_id, name, first in lying if first < moment(since)}
    for drug_id in _unwanted(names, since):
        yield Condition(f"slow:{drug_id}", Kind.SLOW, drug_id, names[drug_id])


def _unwanted(drug_ids: Collection[int], since: date) -> QuerySet:
    """Those of which nothing went out since; each asked by itself, for the first line answers."""
    went_out = StockMovement.objects.filter(
        drug=OuterRef("pk"), made_at__gte=moment(since), kind__in=USED_BY
    )
    drugs = Drug.objects.filter(pk__in=drug_ids)
    drugs = drugs.annotate(line=Subquery(went_out.order_by("made_at").values("pk")[:1]))
    return drugs.filter(line__isnull=True).order_by("pk").values_list("pk", flat=True)


def _totals(today: date) -> dict[int, list[int]]:
    """Usable units of each drug that lies here, in the stores and in what hands out."""
    usable = Q(expires_on__gte=today, frozen=False)
    rows = (
        Batch.objects.filter(Batch.THERE)
        .values_list("drug_id", "place__dispenses")
        .annotate(total=Coalesce(Sum("on_hand", filter=usable), 0))
        .order_by()
    )
    totals: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for drug_id, dispenses, total in rows:
        totals[drug_id][bool(dispenses)] += total
    return totals


def _limits(drugs: QuerySet[Drug]) -> Iterator[Limits]:
    """Of those that ever lay here."""
    ever = Exists(Batch.objects.filter(drug=OuterRef("pk")))
    rows = drugs.filter(ever, active=True).order_by().values_list(*orders.LIMITS)
    return (Limits(*row) for row in rows)


def _amounts(totals: dict[int, list[int]], drugs: Iterable[Limits]) -> Iterator[Condition]:
    short = {}
    for drug in drugs:
        store, pharmacy = totals.get(drug.pk, (0, 0))
        if store + pharmacy == 0 or store + pharmacy < drug.lower_limit:
            short[drug.pk] = (drug, store + pharmacy)
        elif store and pharmacy < drug.lower_limit:
            yield Condition(f"refill:{drug.pk}", Kind.REFILL, drug.pk, drug.generic_name)
        elif drug.upper_limit and store + pharmacy > drug.upper_limit:
            yield Condition(f"over:{drug.pk}", Kind.OVER, drug.pk, drug.generic_name)
    yield from _short(short)


def _short(short: dict[int, tuple]) -> Iterator[Condition]:
    """What is out or low, each with what its order comes to."""
    bought = orders.last_bought(short)
    for pk, (drug, there) in short.items():
        order = orders.wanted(drug, there, *bought.get(pk, orders.NEVER_BOUGHT))
        yield Condition(
            f"short:{pk}",
            Kind.LOW if there else Kind.OUT,
            pk,
            drug.generic_name,
            level=1 if there else 0,
            order_place=order.place,
            order_cents=int(order.amount * 100),
        )


def _near(today: date) -> Iterable[tuple]:
    """ABOUT_DATES of what may be near its expiry, by the longest line of any drug."""
    longest = Drug.objects.aggregate(most=Max("near_months"))["most"] or 0
    limit = add_months(today, max(longest, NEAR_MONTHS))
    return (
        Batch.objects.filter(Batch.THERE, expires_on__lte=limit)
        .order_by()
        .values_list(*ABOUT_DATES)
    )


def _dates(rows: Iterable[tuple], today: date) -> Iterator[Condition]:
    for batch_id, drug_id, name, expires_on, near_months in rows:
        about = (drug_id, name, batch_id, expires_on)
        if expires_on < today:
            yield Condition(f"date:{batch_id}", Kind.EXPIRED, *about)
        elif level := near_level(expires_on, today, near_months):
            yield Condition(f"date:{batch_id}", Kind.NEAR, *about, level)


def near_level(expires_on: date, today: date, near_months: int | None) -> int:
    """The rung of R-111 that the batch stands on, or the drug's own line; 0 when on none."""
    line = NEAR_MONTHS if near_months is None else near_months
    rungs = sorted({*(rung for rung in LADDER if rung <= line), line})
    return next((rung for rung in rungs if rung and expires_on <= add_months(today, rung)), 0)
