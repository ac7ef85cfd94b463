"""Fee items: what they are, what they cost from when on, and for whom less (R-85, R-101, R-122).

Lock order: the turn of whoever makes or changes items, then the item.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.cashier.models import FeeItem, FeePrice, Reduction
from clinic.core.errors import RuleBroken
from clinic.core.numbers import next_number
from clinic.core.transactions import atomic_retry, lock
from pharmacy.pinyin import initials

# Charged by itself for each visit.
OF_A_VISIT = (FeeItem.Kind.REGISTRATION, FeeItem.Kind.CONSULTATION, FeeItem.Kind.GENERAL)
FURTHEST = timedelta(days=366)
# Typed to the minute, and the form is open for a while: what is past by less counts as now.
JUST_NOW = timedelta(minutes=10)
# The document of prices that ship with the system: nobody's price before the clinic checked it.
EXAMPLE = "示例价格，请按当地价格文件核对"


def matching(rows: QuerySet[FeeItem], text: str) -> QuerySet[FeeItem]:
    """By name, initials or code."""
    text = text.strip()[:60]
    if not text:
        return rows
    return rows.filter(
        Q(name__icontains=text) | Q(initials__istartswith=text) | Q(code__istartswith=text)
    )


@atomic_retry
def save_item(*, item: FeeItem | None = None, by, **fields) -> FeeItem:
    """A new item, or other words for one; its kind stays, reports of the past stand on it."""
    take_turn()
    if item is not None:
        item = lock(FeeItem.objects.filter(pk=item.pk)).get()
        fields = {name: value for name, value in fields.items() if name not in ("code", "kind")}
    else:
        item = FeeItem()
    _require_free_code(item, fields.get("code", ""))
    for name, value in fields.items():
        setattr(item, name, value)
    if item.active:
        require_the_only_one(item)
    item.initials = initials(item.name)[:30].upper()
    item.save()
    return item


def take_turn() -> None:
    """Whoever makes or changes items at the same time comes one after the other, until the
    transaction ends: no code is there twice, and no visit is charged two items of a kind."""
    next_number("fee items")


@atomic_retry
def make(*, price: Decimal, document: str, by, **fields) -> FeeItem:
    """A new item with what it costs from now on."""
    item = save_item(by=by, **fields)
    set_price(item=item, price=price, document=document, by=by)
    return item


def _require_free_code(item: FeeItem, code: str) -> None:
    if item.pk is None and FeeItem.objects.filter(code=code).exists():
        raise RuleBroken(
            _("There is an item with the code %(code)s already. Please choose another one.")
            % {"code": code},
            field="code",
        )


def require_the_only_one(item: FeeItem) -> None:
    """What is charged by itself is charged once: one item for each treatment, and of the fees of a
    visit one of each kind for a department."""
    others = FeeItem.objects.filter(active=True).exclude(pk=item.pk)
    if item.service_id is not None:
        other = others.filter(service=item.service_id).first()
        if other is not None:
            raise RuleBroken(
                _("This treatment is charged by %(item)s already.") % {"item": other.name},
                field="service",
            )
    if item.kind in OF_A_VISIT:
        other = others.filter(kind=item.kind, department=item.department_id).first()
        if other is not None:
            raise RuleBroken(
                _(
                    "Every visit here is charged %(item)s already. Please stop that item first, or "
                    "choose a department."
                )
                % {"item": other.name},
                field="department",
            )


@atomic_retry
def set_price(
    *, item: FeeItem, price: Decimal, document: str, by, since: datetime | None = None
) -> FeePrice:
    """One line of a price document; what was charged keeps its price."""
    item = lock(FeeItem.objects.filter(pk=item.pk)).get()
    now = timezone.now()
    since = now if since is None or now - JUST_NOW < since < now else since
    if since < now:
        raise RuleBroken(
            _("This moment is past. Leave it empty for a price from now on."), field="since"
        )
    if since > now + FURTHEST:
        raise RuleBroken(_("A price is planned for at most a year ahead."), field="since")
    return FeePrice.objects.create(
        item=item, price=price, since=since, document=document, made_by=by
    )


@atomic_retry
def withdraw_price(*, price: FeePrice, by) -> FeePrice:
    """A planned price does not come: the one before it goes on, by a line of its own."""
    item = lock(FeeItem.objects.filter(pk=price.item_id)).get()
    if price.since <= timezone.now():
        raise RuleBroken(_("This price is in force already. Please set another one."))
    before = item.prices.filter(since__lt=price.since).order_by("since", "pk").last()
    if before is None:
        raise RuleBroken(_("There is no price before this one. Please set one first."))
    return FeePrice.objects.create(
        item=item,
        price=before.price,
        since=price.since,
        document=(_("Withdrawn: %(document)s") % {"document": price.document})[:60],
        made_by=by,
    )


@atomic_retry
def add_reduction(*, item: FeeItem, by, **fields) -> Reduction:
    """Cheaper for a payment category or from an age on, with the reason (R-85)."""
    if not fields.get("reason"):
        raise RuleBroken(_("Please write why it is cheaper."), field="reason", rule="R-85")
    if fields.get("until") and fields["until"] < fields["since"]:
        raise RuleBroken(_("It ends before it begins."), field="until")
    item = lock(FeeItem.objects.filter(pk=item.pk)).get()
    return Reduction.objects.create(item=item, **fields)


@atomic_retry
def end_reduction(*, reduction: Reduction, by) -> Reduction:
    """From today on nobody gets it any more; what was charged stays."""
    reduction = lock(Reduction.objects.filter(pk=reduction.pk)).get()
    yesterday = timezone.localdate() - timedelta(days=1)
    if reduction.until is None or reduction.until > yesterday:
        reduction.until = yesterday
        reduction.save(update_fields=["until"])
    return reduction


# --- for pages ----------------------------------------------------------------------------------


def with_prices(items: Iterable[FeeItem]) -> list[FeeItem]:
    """Each with `.now` (its line in force), `.planned` (the next one) and `.less` (reductions)."""
    items = list(items)
    ids, now = [item.pk for item in items], timezone.now()
    standing: dict[int, dict[datetime, FeePrice]] = {pk: {} for pk in ids}
    for row in FeePrice.objects.filter(item__in=ids).order_by("since", "pk"):
        standing[row.item_id][row.since] = row  # of two for the same moment the later one
    reduced = _reductions(ids, timezone.localdate(now))
    for item in items:
        rows = list(standing[item.pk].values())
        past = [row for row in rows if row.since <= now]
        item.now = past[-1] if past else None
        item.planned = next((row for row in rows if row.since > now and _changes(row, item)), None)
        item.less = reduced.get(item.pk, [])
        item.is_example = item.now is not None and item.now.document == EXAMPLE
    return items


def _changes(row: FeePrice, item: FeeItem) -> bool:
    """A planned line that was withdrawn leaves the price as it is."""
    return item.now is None or row.price != item.now.price


def _reductions(ids: list[int], today: date) -> dict[int, list[Reduction]]:
    found: dict[int, list[Reduction]] = {}
    for row in Reduction.objects.filter(item__in=ids):
        if row.until is None or row.until >= today:
            found.setdefault(row.item_id, []).append(row)
    return found


def price_history(item: FeeItem) -> list[FeePrice]:
    """Every line, the newest first, with `.state`: planned, kept (it changes nothing), replaced,
    now (in force) or past."""
    now = timezone.now()
    rows = list(item.prices.select_related("made_by").order_by("-since", "-pk"))
    seen: set[datetime] = set()
    is_found = False
    for row in rows:
        if row.since in seen:
            row.state = "replaced"
        elif row.since > now:
            row.state = "planned"
        else:
            row.state, is_found = ("past" if is_found else "now"), True
        seen.add(row.since)
    price = next((row.price for row in rows if row.state == "now"), None)
    for row in rows:
        if row.state == "planned" and row.price == price:
            row.state = "kept"
    return rows
