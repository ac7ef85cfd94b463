"""Writing a prescription of an earlier visit again (R-74): new drafts that every rule looks at."""

from uuid import UUID

from clinic.core.prepared import prepared
from clinic.core.transactions import atomic_retry
from prescriptions import herbal
from prescriptions.models import Prescription, PrescriptionItem
from prescriptions.pages import edit_url
from prescriptions.rewriting import NOT_ORDERED, put_all, set_by_hand
from prescriptions.rows import FOR_USAGE, usage_of
from prescriptions.services import start
from registration.desk import Repeated


def lines(consultations: list[UUID]) -> dict[UUID, list[str]]:
    """Drug and usage of every row that was signed at these visits; one query."""
    found: dict[UUID, list[str]] = {}
    for item in sorted(_signed(consultations), key=lambda item: (item.prescription_id, item.rank)):
        words = f"{item.drug_name} {usage_of(item)}"
        found.setdefault(item.prescription.consultation_id, []).append(words)
    return found


@prepared
def _signed(consultations: list[UUID]):
    rows = PrescriptionItem.objects.filter(
        prescription__consultation__in=consultations, removed_at__isnull=True
    )
    rows = rows.exclude(prescription__state__in=NOT_ORDERED)
    rows = rows.select_related("drug", "prescription").order_by()  # sorted here (in_use)
    return rows.only("rank", "drug_name", "prescription__consultation", *FOR_USAGE)


@atomic_retry
def repeat(*, consultation, source, by) -> Repeated | None:
    """A draft of this visit for each sheet of the earlier one.

    Skin tests, reasons and signatures are not repeated: the rules ask for them again. Rows that
    can't stand any more (the drug is out of use, its packs are others) are named, not dropped.
    """
    sheets = Prescription.objects.filter(consultation=source).exclude(state__in=NOT_ORDERED)
    made, left = [], []
    for old in sheets.order_by("created_at"):
        rows = old.items.filter(removed_at__isnull=True).select_related("drug")
        rows = list(rows.order_by("rank"))
        if not rows:
            continue
        if old.form == Prescription.Form.HERBAL:
            sheet, refusals = herbal.again(source=old, consultation=consultation, by=by)
            made.append(sheet)
            left += refusals
            continue
        sheet = start(consultation=consultation, by=by)
        made.append(sheet)
        left += put_all(rows, [set_by_hand(row) for row in rows], sheet, by=by)
    return Repeated(edit_url(made[0]), left) if made else None
