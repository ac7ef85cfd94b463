"""Reports of what lies here now: consumption and days of stock, near expiry, losses, value."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.days import day_after, moment
from clinic.core.plots import Plot, bars
from pharmacy import catalogue
from pharmacy.expiry import add_months
from pharmacy.models import Batch, Drug, ShelfWorth, StockMovement
from pharmacy.money import yuan
from pharmacy.reports.table import DAY as DATE
from pharmacy.reports.table import (
    MONEY,
    NUMBER,
    QUANTITY,
    Asked,
    Column,
    Report,
    Row,
    Table,
    page_of,
)
from pharmacy.reports.turnover import CONSUMED
from pharmacy.watch.orders import everywhere

Kind = StockMovement.Kind


def use(asked: Asked) -> Table:
    """How much of each drug is used, and how long what is here lasts."""
    # Not Exists: MariaDB would gather every batch there ever was before it looks at the first drug.
    first = Batch.objects.filter(drug=OuterRef("pk")).order_by().values("pk")[:1]
    drugs = Drug.objects.alias(first=Subquery(first)).filter(first__isnull=False)
    counted = None
    if asked.category:
        drugs = drugs.filter(category=asked.category)
    elif not asked.text.strip():
        counted = Batch.objects.aggregate(drugs=Count("drug", distinct=True))["drugs"]
    drugs = catalogue.matching(drugs, asked.text).order_by("generic_name", "pk")
    rows, page = page_of(drugs, asked, counted)
    today = timezone.localdate()
    month, quarter = (moment(today - timedelta(days=days)) for days in (30, 90))
    # A condition on the sums and not on the rows: those are found by drug and time.
    consumed = Q(kind__in=CONSUMED)
    used = {
        key: (-last, -long)
        for key, last, long in StockMovement.objects.filter(
            drug__in=rows, made_at__gte=quarter, reversed_by__isnull=True
        )
        .values_list("drug_id")
        .annotate(
            last=Sum("quantity", filter=consumed & Q(made_at__gte=month), default=0),
            long=Sum("quantity", filter=consumed, default=0),
        )
        .order_by()
    }
    there = everywhere([drug.pk for drug in rows])
    return Table(
        columns=[
            Column(_("Drug")),
            Column(_("Used in 30 days"), QUANTITY),
            Column(_("Used in 90 days"), QUANTITY),
            Column(_("On hand"), QUANTITY),
            Column(_("Lasts, days"), NUMBER),
        ],
        rows=[_use_row(drug, *used.get(drug.pk, (0, 0)), there.get(drug.pk, 0)) for drug in rows],
        page=page,
        empty=_("No drug here fits"),
    )


def _use_row(drug: Drug, month: int, quarter: int, there: int) -> Row:
    lasts = there * 90 // quarter if quarter > 0 else None
    cells = [drug.label, month, quarter, there, "–" if lasts is None else lasts]
    return Row(cells, drug, reverse("drug_ledger", args=[drug.pk]))


def near(asked: Asked) -> Table:
    """Batches that expire within so many months, with what they are worth; a year as a plot."""
    today = timezone.localdate()
    last = add_months(today, asked.months)
    which = {"category": asked.category} if asked.category else {}
    soon = Batch.objects.filter(Batch.THERE, expires_on__lte=last)
    if asked.category:
        soon = soon.filter(drug__category=asked.category)
    soon = soon.select_related("drug", "supplier")
    rows, page = page_of(soon.order_by("expires_on", "pk"), asked)
    total, plot = _worth_of(which, last, today) if rows else (None, None)
    return Table(
        columns=[
            Column(_("Expiry date"), DATE, is_expiry=True),
            Column(_("Days left"), NUMBER),
            Column(_("Drug")),
            Column(_("Lot")),
            Column(_("Shelf")),
            Column(_("On hand"), QUANTITY),
            Column(_("At cost"), MONEY),
            Column(_("Supplier")),
        ],
        rows=[
            Row(
                [
                    batch.expires_on,
                    (batch.expires_on - today).days,
                    batch.drug.label,
                    batch.lot,
                    batch.shelf,
                    batch.on_hand,
                    worth(batch),
                    batch.supplier.name if batch.supplier else "–",
                ],
                batch.drug,
                reverse("stock_ledger", args=[batch.pk]),
            )
            for batch in rows
        ],
        total=["", "", _("Total"), "", "", "", total, ""] if rows else None,
        page=page,
        plot=plot,
        empty=_("Nothing here expires within these months."),
    )


def worth(batch: Batch) -> Decimal:
    """What lies there of the batch, at cost."""
    return batch.cost * batch.on_hand / batch.drug.units_per_pack


def _worth_of(which: dict, last: date, today: date) -> tuple[Decimal, Plot]:
    """What expires until the day `last`, and in each month of the coming year, at cost."""
    months = [add_months(today.replace(day=1), n) for n in range(13)]
    until = max(months[-1], last)
    rows = (
        ShelfWorth.objects.filter(expires_on__lte=until, **which)
        .values_list("expires_on", "units_per_pack")
        .annotate(parts=Sum("cost"))
        .order_by()
    )
    total, added = defaultdict(int), defaultdict(int)  # whole numbers; divided at the end
    for day, per_pack, parts in rows:
        added[day.year, day.month, per_pack] += parts
        if day <= last:
            total[per_pack] += parts
    sums = {(month.year, month.month): Decimal(0) for month in months[:-1]}
    for (year, month, per_pack), parts in added.items():
        if (year, month) in sums:
            sums[year, month] += yuan(parts) / per_pack
    values = [(f"{year}-{month:02}", value, "") for (year, month), value in sums.items()]
    plot = bars(_("Expiring at cost, yuan"), values)
    return sum((yuan(parts) / pack for pack, parts in total.items()), Decimal(0)), plot


def losses(asked: Asked) -> Table:
    """What was written off or not found, by reason, in a period."""
    # By kind and time, which an index has: an OR would make the database look elsewhere.
    lost = StockMovement.objects.filter(
        kind__in=[Kind.WRITE_OFF, Kind.ADJUST],
        made_at__gte=moment(asked.since),
        made_at__lt=day_after(asked.until),
        quantity__lt=0,
        reversed_by__isnull=True,
    )
    by_cost = lost.values_list("batch__cost", "drug__units_per_pack").order_by()
    sums = list(by_cost.annotate(units=Sum("quantity"), lines=Count("pk")))
    total = sum((-cost * units / pack for cost, pack, units, _lines in sums), Decimal(0))
    rows, page = page_of(
        lost.select_related("batch", "drug", "document", "made_by", "document__witness").order_by(
            "reason", "made_at", "pk"
        ),
        asked,
        counted=sum(lines for *_money, lines in sums),
    )
    found = []
    for row in rows:
        cost = -row.batch.cost * row.quantity / row.drug.units_per_pack
        witness = row.document.witness
        people = [row.made_by.full_name, witness.full_name if witness else ""]
        found.append(
            Row(
                [
                    row.reason or "–",
                    timezone.localdate(row.made_at),
                    row.get_kind_display(),
                    row.drug.label,
                    row.batch.lot,
                    -row.quantity,
                    cost,
                    "、".join(filter(None, people)),
                ],
                row.drug,
                reverse("stock_document", args=[row.document.number]),
            )
        )
    return Table(
        columns=[
            Column(_("Reason")),
            Column(_("Date"), DATE),
            Column(_("Kind")),
            Column(_("Drug")),
            Column(_("Lot")),
            Column(_("Quantity"), QUANTITY),
            Column(_("At cost"), MONEY),
            Column(_("Who")),
        ],
        rows=found,
        total=["", "", "", _("Total"), "", "", total, ""] if found else None,
        page=page,
        empty=_("Nothing was lost in this period."),
    )


def value(asked: Asked) -> Table:
    """What lies here now by category, at cost and at price."""
    rows = (
        ShelfWorth.objects.values_list("category", "units_per_pack")
        .annotate(at_cost=Sum("cost"), at_price=Sum("price"))
        .order_by()
    )
    sums: dict[str, list[Decimal]] = {}
    for category, per_pack, cost, price in rows:
        pair = sums.setdefault(category, [Decimal(0), Decimal(0)])
        pair[0] += yuan(cost) / per_pack
        pair[1] += yuan(price) / per_pack
    total = [sum((pair[n] for pair in sums.values()), Decimal(0)) for n in (0, 1)]
    return Table(
        columns=[
            Column(_("category")),
            Column(_("At cost"), MONEY),
            Column(_("At price"), MONEY),
            Column(_("Difference"), MONEY),
        ],
        rows=[Row([name, *pair, pair[1] - pair[0]]) for name, pair in sorted(sums.items())],
        total=[_("Total"), *total, total[1] - total[0]] if sums else None,
        empty=_("Nothing lies here."),
    )


USE = Report(
    "use",
    gettext_lazy("Consumption"),
    gettext_lazy("How much is used and how long the rest lasts"),
    use,
    asks=("category", "text"),
)
NEAR = Report(
    "near",
    gettext_lazy("Near expiry"),
    gettext_lazy("What expires soon, and what it is worth"),
    near,
    asks=("months", "category"),
)
LOSSES = Report(
    "losses",
    gettext_lazy("Losses"),
    gettext_lazy("Written off or not found, by reason"),
    losses,
    asks=("since", "until"),
)
VALUE = Report(
    "value",
    gettext_lazy("Value of the stock"),
    gettext_lazy("What lies here now, at cost and at price"),
    value,
)
