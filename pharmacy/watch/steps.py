"""What to do next about each kind of warning, and where."""

from django.urls import reverse
from django.utils.translation import gettext as _

from pharmacy.models import StockWarning

Kind = StockWarning.Kind


def next_step(row: StockWarning) -> tuple[str, str]:
    """(address, words) of the page where it is dealt with."""
    if row.kind in (Kind.OUT, Kind.LOW):
        return reverse("stock_orders"), _("Order list")
    if row.batch_id:
        return reverse("stock_ledger", args=[row.batch_id]), _("Movements")
    return reverse("drug_show", args=[row.drug_id]), _("Batches")
