"""Giving back what was promised to a sheet: when it is voided, lapses or goes back (R-113)."""

from pharmacy import stock
from prescriptions.models import Prescription
from prescriptions.moves import live_items, reference


def release_all(prescription: Prescription, *, by) -> None:
    """Free the stock of every row."""
    for item in live_items(prescription):
        if not item.outside:
            stock.release(reference=reference(prescription, item), by=by)
