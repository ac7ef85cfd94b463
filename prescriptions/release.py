"""Giving back what was promised to a sheet: when it is voided, lapses or goes back (R-113)."""

from pharmacy import stock
from prescriptions.models import Prescription
from prescriptions.moves import live_items, move, reference
from prescriptions.states import RxState


def release_all(prescription: Prescription, *, by) -> None:
    """Free the stock of every row that was not handed out."""
    for item in live_items(prescription):
        if not item.outside and item.dispensed < item.quantity:
            stock.release(reference=reference(prescription, item), by=by)


def end_rest(prescription: Prescription, *, by, reason: str) -> None:
    """Of a locked sheet nothing more goes out: what did is all there will be (R-22, R-123)."""
    release_all(prescription, by=by)
    move(prescription, RxState.DISPENSED, by=by, reason=reason)
