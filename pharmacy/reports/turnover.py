"""In, out and balance of a period (R-107): by category, kind, person; by drug; by batch."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.days import day_after, moment
from clinic.core.plots import Plot, bars
from pharmacy import catalogue
from pharmacy.models import Batch, Drug, StockMovement
from pharmacy.models.shelf import MOVES_IN, MOVES_OUT
from pharmacy.reports import period
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
from security.models import User

Kind = StockMovement.Kind
CONSUMED = (Kind.ISSUE, Kind.USE, Kind.GIVE_BACK)


# --- money, by category, kind or person ------------------------------------------------------


def by_money(asked: Asked) -> Table:
    figures = period.moved(asked.since, asked.until)
    if asked.group in ("kind", "person"):
        return _by_line(asked, figures)
    opening = period.value_before(asked.since, lambda key: key[2])
    sums = period.added_up(figures, lambda key: (key[2], _way(key[3])))
    names = sorted({*opening, *(name for name, _w in sums)})
    rows, total = [], [Decimal(0)] * 5
    for name in names:
        numbers = [
            opening.get(name, Decimal(0)),
            *(sums[name, way].cost if (name, way) in sums else Decimal(0) for way in WAYS),
        ]
        numbers.append(sum(numbers))
        rows.append(Row([name, *numbers]))
        total = [old + new for old, new in zip(total, numbers, strict=True)]
    return Table(
        columns=[
            Column(_("category")),
            Column(_("Opening"), MONEY),
            Column(_("In"), MONEY),
            Column(_("Out"), MONEY),
            Column(_("Counts and reversals"), MONEY),
            Column(_("Closing"), MONEY),
        ],
        rows=rows,
        total=[_("Total"), *total] if rows else None,
        plot=consumption(asked, figures) if rows else None,
        empty=_("Nothing lay here or moved in this period."),
    )


WAYS = ("in", "out", "either")


def _way(kind: str) -> str:
    return "in" if kind in MOVES_IN else "out" if kind in MOVES_OUT else "either"


def _by_line(asked: Asked, figures: period.Moved) -> Table:
    at = 3 if asked.group == "kind" else 4
    sums = period.added_up(figures, lambda key: key[at])
    words = dict(Kind.choices) if at == 3 else _names(sums)
    rows = [
        Row([str(words.get(key, "–")), figure.lines, figure.cost, figure.price])
        for key, figure in sorted(sums.items(), key=lambda item: str(words.get(item[0], "")))
    ]
    return Table(
        columns=[
            Column(_("Kind") if at == 3 else _("Who")),
            Column(_("Lines"), NUMBER),
            Column(_("At cost"), MONEY),
            Column(_("At price"), MONEY),
        ],
        rows=rows,
        total=None,
        plot=consumption(asked, figures) if rows else None,
        empty=_("Nothing lay here or moved in this period."),
    )


def _names(ids) -> dict[int, str]:
    return dict(User.objects.filter(pk__in=list(ids)).values_list("pk", "full_name"))


def consumption(asked: Asked, figures: period.Moved) -> Plot:
    """What was used, at cost, over the period."""
    pieces = period.weeks(asked.since, asked.until)
    used: dict[date, Decimal] = {start: Decimal(0) for start, _end in pieces}
    sums = period.added_up(figures, lambda key: (key[0], key[3] in CONSUMED))
    for (day, consumed), figure in sums.items():
        if consumed:
            start = next(start for start, end in pieces if start <= day <= end)
            used[start] -= figure.cost
    values = [(f"{start:%m-%d}", used[start], "") for start, _end in pieces]
    return bars(_("Consumption at cost, yuan"), values)


# --- quantities, by drug or batch ------------------------------------------------------------


def by_drug(asked: Asked) -> Table:
    drugs = Drug.objects.filter(Q(active=True) | Exists(Batch.objects.filter(drug=OuterRef("pk"))))
    if asked.category:
        drugs = drugs.filter(category=asked.category)
    drugs = catalogue.matching(drugs, asked.text).order_by("generic_name", "pk")
    rows, page = page_of(drugs, asked)
    now = dict(
        Batch.objects.filter(drug__in=rows)
        .values_list("drug_id")
        .annotate(total=Sum("on_hand"))
        .order_by()
    )
    figures = _quantities("drug_id", [drug.pk for drug in rows], now, asked)
    return Table(
        columns=[Column(_("Drug")), *_quantity_columns()],
        rows=[
            Row([drug.label, *figures[drug.pk]], drug, reverse("drug_ledger", args=[drug.pk]))
            for drug in rows
        ],
        page=page,
        empty=_("No drug here fits"),
    )


def by_batch(asked: Asked) -> Table:
    drugs = Drug.objects.all()
    if asked.category:
        drugs = drugs.filter(category=asked.category)
    drugs = catalogue.matching(drugs, asked.text)
    # A batch that was empty before the period and had no part in it is no news.
    told = Batch.objects.filter(Batch.THERE | Q(emptied_at__gte=moment(asked.since)))
    narrowed = bool(asked.category or asked.text.strip())
    keys = AlongTheDrugs(drugs, told, narrowed)
    rows, page = page_of(Batch.objects.select_related("drug"), asked, keys=keys)
    now = {batch.pk: batch.on_hand for batch in rows}
    figures = _quantities("batch_id", list(now), now, asked)
    return Table(
        columns=[
            Column(_("Drug")),
            Column(_("Lot")),
            Column(_("Expiry date"), DATE, is_expiry=True),
            *_quantity_columns(),
        ],
        rows=[
            Row(
                [batch.drug.label, batch.lot, batch.expires_on, *figures[batch.pk]],
                batch.drug,
                reverse("stock_ledger", args=[batch.pk]),
            )
            for batch in rows
        ],
        page=page,
        empty=_("No drug here fits"),
    )


@dataclass(frozen=True)
class AlongTheDrugs:
    """The keys of those `batches` that are of these `drugs`, in the order of the drugs' names.

    Asked for the batches in this order, MariaDB sorts them all before it gives the first fifty.
    So a page walks along the index of the names, counting, and stops; only the batches of the
    drugs that stand on the page are put in order.
    """

    drugs: QuerySet
    batches: QuerySet
    narrowed: bool  # not all the drugs there are

    def count(self) -> int:
        if not self.narrowed:
            return self.batches.count()
        return self._walk().aggregate(total=Sum("number", default=0))["total"]

    def __iter__(self) -> Iterator[int]:
        batches = self.batches.filter(drug__in=self.drugs) if self.narrowed else self.batches
        return iter(_in_order(batches))

    def __getitem__(self, piece: slice) -> list[int]:
        shown, passed, reached = [], 0, 0
        walk = self._walk().values_list("pk", "number")
        for drug, number in walk[: piece.stop]:  # each has a batch: no page needs more drugs
            reached += number
            if reached <= piece.start:
                passed = reached
            elif reached - number < piece.stop:
                shown.append(drug)
        keys = _in_order(self.batches.filter(drug__in=shown))
        return list(keys[piece.start - passed : piece.stop - passed])

    def _walk(self) -> QuerySet:
        """The drugs that have such batches, each with their `number`.

        Counted for each by itself: joined and grouped they would be sorted, too.
        """
        own = self.batches.filter(drug=OuterRef("pk")).order_by().values("drug")
        number = Subquery(own.annotate(number=Count("pk")).values("number"))
        drugs = self.drugs.annotate(number=number).filter(number__isnull=False)
        return drugs.order_by("generic_name", "pk")


def _in_order(batches: QuerySet) -> QuerySet:
    batches = batches.order_by("drug__generic_name", "drug_id", "expires_on", "pk")
    return batches.values_list("pk", flat=True)


def _quantity_columns() -> list[Column]:
    words = [_("Opening"), _("In"), _("Out"), _("Counts and reversals"), _("Closing")]
    return [Column(word, QUANTITY) for word in words]


def _quantities(column: str, ids: list, now: dict, asked: Asked) -> dict[int, list[int]]:
    """[opening, in, out, counts, closing] of each, walked back from what is there now."""
    end = day_after(asked.until)
    which = {f"{column}__in": ids, "made_at__gte": moment(asked.since)}
    sums = (
        StockMovement.objects.filter(**which)
        .values_list(column)
        .annotate(
            inside_in=Sum("quantity", filter=Q(made_at__lt=end, kind__in=MOVES_IN), default=0),
            inside_out=Sum("quantity", filter=Q(made_at__lt=end, kind__in=MOVES_OUT), default=0),
            inside=Sum("quantity", filter=Q(made_at__lt=end), default=0),
            after=Sum("quantity", filter=Q(made_at__gte=end), default=0),
        )
        .order_by()
    )
    found = {key: numbers for key, *numbers in sums}
    answer = {}
    for key in ids:
        came, went, inside, after = found.get(key, (0, 0, 0, 0))
        closing = now.get(key, 0) - after
        answer[key] = [closing - inside, came, went, inside - came - went, closing]
    return answer


TURNOVER = Report(
    "turnover",
    gettext_lazy("In, out and balance"),
    gettext_lazy("What came, went and lay here, at cost"),
    by_money,
    asks=("since", "until", "group"),
    groups=(
        ("", gettext_lazy("By category")),
        ("kind", gettext_lazy("By kind")),
        ("person", gettext_lazy("By person")),
    ),
)
DRUGS = Report(
    "drugs",
    gettext_lazy("By drug"),
    gettext_lazy("Opening, in, out and closing of each drug"),
    by_drug,
    asks=("since", "until", "category", "text"),
)
BATCHES = Report(
    "batches",
    gettext_lazy("By batch"),
    gettext_lazy("Opening, in, out and closing of each batch"),
    by_batch,
    asks=("since", "until", "category", "text"),
)
