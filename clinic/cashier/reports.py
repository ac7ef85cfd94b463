"""The daily report of the till (收费日报, R-165): by cashier, way, item, department, day; refunds
and differences. Whoever may not read everybody's takings gets their own."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.cashier import figures
from clinic.cashier.figures import InOut, Scope
from clinic.cashier.models import BillLine, Receipt, Shift, Way
from clinic.core.plots import bars
from registration.models import Department
from registration.reports.table import NUMBER, SHORT, Column, Report, Row, Table, page_of
from registration.reports.table import Asked as ReportAsked
from security.models import User

CENT = Decimal("0.01")
Kind = BillLine.Kind


@dataclass(frozen=True)
class Asked(ReportAsked):
    """Whose takings; None: everybody's."""

    cashier: int | None = None

    @property
    def scope(self) -> Scope:
        return Scope(self.since, self.until, self.cashier)


def takings(asked: Asked) -> Table:
    """The table that the strip chose."""
    return ANSWERS.get(asked.group, by_cashier)(asked)


def _cells(*amounts: Decimal) -> list[Decimal]:
    return [amount.quantize(CENT) for amount in amounts]


def _money(*words: str) -> list[Column]:
    return [Column(word, NUMBER) for word in words]


def _ways() -> list[Column]:
    return _money(*(str(way.label) for way in Way))


# --- by whom, when, for what --------------------------------------------------------------------


def by_cashier(asked: Asked) -> Table:
    found = figures.payments_by(asked.scope, "receipt__made_by", "way")
    people = defaultdict(dict)
    for (person, way), sums in found.items():
        people[person][way] = sums
    differing: dict[int, Decimal] = defaultdict(Decimal)
    for shift in asked.scope.shifts():
        differing[shift.cashier_id] += shift.difference
    names = _names({*people, *differing})
    order = sorted(names, key=names.get)
    return _by_ways(
        asked,
        [Column(_("Cashier"), SHORT)],
        [(names[person], people[person]) for person in order],
        extra=(_("Cash differences"), [differing[person] for person in order]),
    )


def by_day(asked: Asked) -> Table:
    """Days of the clinic's own time: the database has no such dates, so receipts are read."""
    rows = asked.scope.payments().values_list("receipt__made_at", "way", "amount", "receipt__kind")
    days = defaultdict(lambda: defaultdict(InOut))
    for made_at, way, amount, kind in rows:
        more = InOut(amount, times_in=1)
        if kind == Receipt.Kind.REFUND:
            more = InOut(went=amount, times_out=1)
        days[timezone.localdate(made_at)][way] += more
    table = _by_ways(
        asked,
        [Column(_("Date"), SHORT)],
        [(date_format(day, "Y-m-d"), days[day]) for day in sorted(days)],
    )
    if len(days) > 1:
        sums = [(f"{day:%m-%d}", _sum(days[day]).left, "") for day in sorted(days)]
        table.plot = bars(_("Taken each day, yuan"), sums)
    return table


def _sum(ways: dict[str, InOut]) -> InOut:
    return sum(ways.values(), InOut())


def _by_ways(asked: Asked, lead, groups: list[tuple[str, dict]], extra=None) -> Table:
    """One row for each group: what is left by each way, the whole, and what was given back."""
    rows, whole = [], defaultdict(InOut)
    for at, (label, ways) in enumerate(groups):
        for way, sums in ways.items():
            whole[way] += sums
        more = _cells(extra[1][at]) if extra else []
        rows.append(Row([label, *_way_cells(ways), *more]))
    more = _cells(sum(extra[1], Decimal(0))) if extra else []
    words = [_("Taken"), _("Amount given back"), _("Together")]
    return Table(
        columns=[*lead, *_ways(), *_money(*words, *([extra[0]] if extra else []))],
        rows=rows,
        total=[_("Total"), *_way_cells(whole), *more] if rows else None,
        notes=_notes(asked) if rows else [],
        empty=_nothing(),
    )


def _way_cells(ways: dict[str, InOut]) -> list[Decimal]:
    sums = _sum(ways)
    each = [ways.get(way, InOut()).left for way in Way.values]
    return _cells(*each, sums.came, sums.went, sums.left)


def by_way(asked: Asked) -> Table:
    found = figures.payments_by(asked.scope, "way")
    rows = [
        Row([str(way.label), *_in_out_cells(found[way.value,])])
        for way in Way
        if (way.value,) in found
    ]
    return _in_and_out(asked, _("Way of payment"), _("Taken"), rows, figures.total(found))


def by_kind(asked: Asked) -> Table:
    found = figures.lines_by(asked.scope, "kind")
    rows = [Row([label, *_in_out_cells(sums)]) for label, sums in figures.by_kind(asked.scope)]
    return _in_and_out(asked, _("Kind of charge"), _("Amount charged"), rows, figures.total(found))


def by_item(asked: Asked) -> Table:
    """Each fee item and drug by the name it was charged under."""
    found = figures.lines_by(asked.scope, "kind", "name")
    kinds = list(Kind.values)
    order = sorted(found, key=lambda key: (kinds.index(key[0]), -found[key].left, key[1]))
    rows = [Row([name, *_in_out_cells(found[kind, name])]) for kind, name in order]
    return _in_and_out(asked, _("Item"), _("Amount charged"), rows, figures.total(found))


def _in_and_out(asked: Asked, lead: str, came: str, rows: list[Row], whole: InOut) -> Table:
    words = [_("Lines"), came, _("Number of refunds"), _("Amount given back"), _("Together")]
    return Table(
        columns=[Column(lead), *_money(*words)],
        rows=rows,
        total=[_("Total"), *_in_out_cells(whole)] if rows else None,
        notes=_notes(asked) if rows else [],
        empty=_nothing(),
    )


def _in_out_cells(sums: InOut) -> list:
    came, went, left = _cells(sums.came, sums.went, sums.left)
    return [sums.times_in, came, sums.times_out, went, left]


def by_department(asked: Asked) -> Table:
    found = figures.lines_by(asked.scope, "department", "kind")
    names = dict(
        Department.objects.filter(pk__in={key[0] for key in found}).values_list("pk", "name")
    )
    kinds = [kind for kind in Kind if any(key[1] == kind.value for key in found)]
    rows = [Row([names[pk], *_kind_cells(found, pk, kinds)]) for pk in sorted(names, key=names.get)]
    total = [sum(cells, Decimal(0)) for cells in zip(*(row.cells[1:] for row in rows), strict=True)]
    return Table(
        columns=[
            Column(_("Department"), SHORT),
            *_money(*(str(kind.label) for kind in kinds), _("Together")),
        ],
        rows=rows,
        total=[_("Total"), *total] if rows else None,
        notes=_notes(asked) if rows else [],
        empty=_nothing(),
    )


def _kind_cells(found: dict, department: int, kinds: list) -> list[Decimal]:
    each = [found.get((department, kind.value), InOut()).left for kind in kinds]
    return _cells(*each, sum(each, Decimal(0)))


# --- lists --------------------------------------------------------------------------------------


def refunds(asked: Asked) -> Table:
    rows = asked.scope.receipts().filter(kind=Receipt.Kind.REFUND).order_by("-made_at", "-pk")
    keys, page = page_of(rows.values_list("pk", flat=True), asked)
    known = Receipt.objects.select_related("refunds", "made_by").in_bulk(keys)
    return Table(
        columns=[
            Column(_("Time"), SHORT),
            Column(_("Receipt"), SHORT),
            Column(_("Refund of"), SHORT),
            Column(_("Cause")),
            Column(_("Reason")),
            Column(_("Amount"), NUMBER),
            Column(_("Cashier"), SHORT),
        ],
        rows=[_refund_row(known[key]) for key in keys],
        page=page,
        empty=_("No money was given back in this period."),
    )


def _refund_row(row: Receipt) -> Row:
    return Row(
        [
            date_format(timezone.localtime(row.made_at), "Y-m-d H:i"),
            row.number,
            row.refunds.number,
            row.get_cause_display(),
            row.reason or "",
            *_cells(row.paid),
            row.made_by.full_name,
        ]
    )


def shifts(asked: Asked) -> Table:
    """What was handed over, and where it differed."""
    found = asked.scope.shifts().order_by("-closed_at", "-pk")
    keys, page = page_of(found.values_list("pk", flat=True), asked)
    rows = Shift.objects.select_related("cashier", "handed_to").prefetch_related("lines")
    known = rows.in_bulk(keys)
    return Table(
        columns=[
            Column(_("Shift"), SHORT, is_lead=True),
            Column(_("Cashier"), SHORT),
            Column(_("Handed over"), SHORT),
            Column(_("Handed to"), SHORT),
            *_money(_("Change money"), _("Cash taken"), _("Counted"), _("Difference")),
            Column(_("Reason")),
        ],
        rows=[_shift_row(known[key], asked) for key in keys],
        page=page,
        empty=_("No shift was handed over in this period."),
    )


def _shift_row(row: Shift, asked: Asked) -> Row:
    cash = next((line.balance for line in row.lines.all() if line.way == Way.CASH), Decimal(0))
    return Row(
        [
            row.number,
            row.cashier.full_name,
            date_format(timezone.localtime(row.closed_at), "Y-m-d H:i"),
            row.handed_to.full_name,
            *_cells(row.floating, cash, row.counted, row.difference),
            row.reason,
        ],
        url="" if asked.on_paper else row.get_absolute_url(),
    )


# --- around them --------------------------------------------------------------------------------


def _names(ids) -> dict[int, str]:
    return dict(User.objects.filter(pk__in=ids).values_list("pk", "full_name"))


def _nothing() -> str:
    return _("Nobody paid in this period.")


def _notes(asked: Asked) -> list[str]:
    """The proof: what was charged is what was paid and what is still owed."""
    charged = figures.total(figures.lines_by(asked.scope, "kind")).left
    paid = figures.total(figures.payments_by(asked.scope, "way")).left
    words = _("Charged %(charged)s − paid %(paid)s = put on account %(owed)s. Reduced: %(less)s.")
    return [
        words
        % {
            "charged": f"{charged:.2f}",
            "paid": f"{paid:.2f}",
            "owed": f"{charged - paid:.2f}",
            "less": f"{figures.reduced(asked.scope):.2f}",
        }
    ]


ANSWERS = {
    "": by_cashier,
    "way": by_way,
    "kind": by_kind,
    "item": by_item,
    "department": by_department,
    "day": by_day,
    "refunds": refunds,
    "shifts": shifts,
}
TAKINGS = Report(
    "takings",
    gettext_lazy("Daily report of the till"),
    gettext_lazy("What was taken and given back"),
    takings,
    groups=(
        ("", gettext_lazy("By cashier")),
        ("way", gettext_lazy("By way of payment")),
        ("kind", gettext_lazy("By kind of charge")),
        ("item", gettext_lazy("By item")),
        ("department", gettext_lazy("By department")),
        ("day", gettext_lazy("By day")),
        ("refunds", gettext_lazy("Refunds")),
        ("shifts", gettext_lazy("Handovers and differences")),
    ),
)
