"""What every change of a draft does besides: another version, and alerts into their log (R-43)."""

from prescriptions import alerts, head
from prescriptions.models import Prescription
from prescriptions.moves import live_items


def changed(prescription: Prescription, by) -> None:
    """The sheet has another version now; what it refuses or asks goes into the log of alerts."""
    items = live_items(prescription)
    prescription.kind = head.kind_of(prescription.consultation, items)
    prescription.version += 1
    prescription.save()
    if items:  # that a new sheet is still empty is nobody's mistake
        alerts.note_down(prescription, alerts.opinion(prescription, items), by=by, levels=(1, 2))
