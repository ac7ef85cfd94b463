"""The deliveries of a period line by line: what was taken in, and what was refused (R-110)."""

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.days import day_after, moment
from pharmacy import catalogue, refusals
from pharmacy.models import DocumentLine, Drug, RefusedGoods, StockDocument
from pharmacy.reports.table import DAY, MONEY, QUANTITY, Asked, Column, Report, Row, Table, page_of

REFUSED = "refused"


def receipts(asked: Asked) -> Table:
    return _refused(asked) if asked.group == REFUSED else _taken_in(asked)


def _taken_in(asked: Asked) -> Table:
    lines = DocumentLine.objects.filter(_period(asked)).select_related("document__supplier", "drug")
    if asked.text.strip():
        drugs = catalogue.matching(Drug.objects.all(), asked.text).order_by()
        lines = lines.filter(drug__in=drugs.values("pk"))
    rows, page = page_of(lines.order_by("-document_id", "number"), asked)
    return Table(
        columns=[*_head(), Column(_("Quantity"), QUANTITY), Column(_("Cost per pack"), MONEY)],
        rows=[
            Row([*_cells(line, line.drug.label), line.quantity, line.cost], line.drug, _page(line))
            for line in rows
        ],
        page=page,
        empty=_("Nothing was taken in during this period."),
    )


def _refused(asked: Asked) -> Table:
    found = RefusedGoods.objects.filter(_period(asked)).select_related("document__supplier", "drug")
    if asked.text.strip():
        found = found.filter(refusals.naming(asked.text))
    rows, page = page_of(found.order_by("-document_id", "number"), asked)
    words = [_("Quantity"), _("Why it is refused"), _("What became of them")]
    return Table(
        columns=[*_head(), *map(Column, words)],
        rows=[
            Row(
                [*_cells(row, row.name), row.amount, row.reason, row.get_fate_display()],
                url=_page(row),
            )
            for row in rows
        ],
        page=page,
        empty=_("Nothing was refused during this period."),
    )


def _period(asked: Asked) -> Q:
    """Lines of the deliveries that stand: one that was taken back is entered anew."""
    taken_back = StockDocument.objects.filter(
        kind=StockDocument.Kind.REVERSAL, state=StockDocument.State.POSTED
    )
    return Q(
        document__kind=StockDocument.Kind.RECEIPT,
        document__made_at__gte=moment(asked.since),
        document__made_at__lt=day_after(asked.until),
    ) & ~Q(document__in=taken_back.filter(reverses__isnull=False).values("reverses"))


def _head() -> list[Column]:
    return [
        Column(_("Date"), DAY),
        Column(_("Stock document number")),
        Column(_("Supplier")),
        Column(_("Delivery note")),
        Column(_("Drug")),
        Column(_("Lot")),
        Column(_("Expiry date"), DAY),
    ]


def _cells(line, name: str) -> list:
    document = line.document
    return [
        timezone.localdate(document.made_at),
        document.number,
        document.supplier.name if document.supplier else "",
        document.delivery_note or "",
        name,
        line.lot,
        line.expires_on or "",
    ]


def _page(line) -> str:
    return reverse("stock_document", args=[line.document.number])


RECEIPTS = Report(
    "receipts",
    gettext_lazy("Deliveries"),
    gettext_lazy("What came in and what was refused, line by line"),
    receipts,
    asks=("since", "until", "text", "group"),
    groups=(
        ("", gettext_lazy("Taken in")),
        (REFUSED, gettext_lazy("Refused goods")),
    ),
)
