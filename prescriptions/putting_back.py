"""A row that was taken off the sheet by mistake stands there again, as it was."""

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from prescriptions.models import Prescription, PrescriptionItem
from prescriptions.moves import editable, live_items
from prescriptions.services import check_room
from prescriptions.versions import changed


@atomic_retry
def put_back(*, item: PrescriptionItem, by) -> Prescription:
    """Undo of `remove_item`, while the sheet is in work; the rules look at it like at any row."""
    prescription = editable(item.prescription, by)
    item = PrescriptionItem.objects.select_related("drug").get(pk=item.pk)
    if item.removed_at is None:
        return prescription
    others = live_items(prescription)
    if any(other.drug_id == item.drug_id for other in others):
        raise RuleBroken(_("Not put back: this drug was written again meanwhile."))
    if prescription.form != Prescription.Form.HERBAL:
        check_room(others, item.drug)
    item.removed_at = None
    item.save()
    changed(prescription, by)
    return prescription
