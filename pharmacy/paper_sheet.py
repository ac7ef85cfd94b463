"""A document as a sheet of paper: its lines in full, totals, and who signs."""

from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from pharmacy import paper_rows, refusals
from pharmacy.models import StockDocument
from pharmacy.papers import PAPERS

Kind = StockDocument.Kind
MOST_LINES = 1000
TAKEN = {paper.kind for paper in PAPERS.values() if paper.takes} | {Kind.DISPENSING}

SIGNED_BY = {
    Kind.OPENING: [_("Counted by"), _("Checked by")],
    Kind.RECEIPT: [_("Bought by"), _("Accepted by"), _("Storekeeper")],
    Kind.DISPENSING: [_("Handed out by"), _("Checked by")],
    Kind.RETURN: [_("Patient"), _("Pharmacist"), _("Checked by")],
    Kind.TO_SUPPLIER: [_("Handed over by"), _("Received for the supplier"), _("Checked by")],
    Kind.USE: [_("Handed over by"), _("Taken by"), _("Checked by")],
    Kind.MOVE: [_("Handed over by"), _("Received by"), _("Checked by")],
    Kind.WRITE_OFF: [_("Prepared by"), _("Confirmed by"), _("Person in charge")],
    Kind.ADJUSTMENT: [_("Counted by"), _("Confirmed by"), _("Person in charge")],
    Kind.PRICE: [_("Prepared by"), _("Person in charge")],
    Kind.REVERSAL: [_("Prepared by"), _("Confirmed by"), _("Person in charge")],
}


def sheet_of(document: StockDocument) -> dict:
    """What the paper shows. Of a delivery the acceptance record, as it was written (R-110)."""
    is_receipt = document.kind == Kind.RECEIPT
    if is_receipt:
        lines = document.lines.select_related("drug", "batch").order_by("number")
        rows = [paper_rows.of_line(row, 1) for row in lines[:MOST_LINES]]
    else:
        rows = paper_rows.shown(document, paper_rows.query(document)[:MOST_LINES])
        if document.kind in TAKEN:  # the title says that the goods go; no minus at every line
            rows = [replace(row, quantity=abs(row.quantity)) for row in rows]
    return {
        "document": document,
        "rows": rows,
        "total": sum((row.amount for row in rows), Decimal(0)),
        "is_receipt": is_receipt,
        "refused": refusals.of(document),
        "signed_by": SIGNED_BY[document.kind],
    }
