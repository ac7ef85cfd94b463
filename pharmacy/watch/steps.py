"""What to do next about each kind of warning, and where."""

from django.urls import reverse
from django.utils.translation import gettext as _

from pharmacy.models import StockDocument, StockWarning

Kind = StockWarning.Kind
Paper = StockDocument.Kind
LAST_MONTH = 1


def next_step(row: StockWarning, may_write: bool) -> tuple[str, str]:
    """(address, words) of the page where it is dealt with; who may not write papers looks on."""
    if row.kind in (Kind.OUT, Kind.LOW):
        return reverse("stock_orders"), _("Order list")
    if not may_write:
        return _looking(row)
    if row.kind == Kind.EXPIRED:
        return _paper(Paper.WRITE_OFF, row), _("Write off")
    if row.kind == Kind.REFILL:
        return _paper(Paper.MOVE, row), _("Move here")
    if row.kind == Kind.OVER or (row.kind == Kind.NEAR and row.level > LAST_MONTH):
        return _paper(Paper.TO_SUPPLIER, row), _("Return to the supplier")
    return _looking(row)


def _looking(row: StockWarning) -> tuple[str, str]:
    if row.batch_id:
        return reverse("stock_ledger", args=[row.batch_id]), _("Movements")
    return reverse("drug_show", args=[row.drug_id]), _("Batches")


def _paper(kind: str, row: StockWarning) -> str:
    """A new paper of this kind, already looking for the goods."""
    wanted = f"batch={row.batch_id}" if row.batch_id else f"q={row.drug.code}"
    return f"{reverse('stock_paper_new', args=[kind])}?{wanted}"
