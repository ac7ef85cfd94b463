"""Writing a prescription of an earlier visit again (R-74): new drafts that every rule looks at."""

from uuid import UUID

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from prescriptions import herbal
from prescriptions.models import Prescription, PrescriptionItem
from prescriptions.pages import edit_url
from prescriptions.rows import usage_of
from prescriptions.rules.facts import SPECIAL
from prescriptions.services import add_item, start
from prescriptions.states import RxState
from registration.desk import Repeated

# A draft was not signed, a voided sheet was withdrawn.
NOT_ORDERED = (RxState.DRAFT, RxState.VOIDED)


def lines(consultations: list[UUID]) -> dict[UUID, list[str]]:
    """Drug and usage of every row that was signed at these visits; one query."""
    rows = PrescriptionItem.objects.filter(
        prescription__consultation__in=consultations, removed_at__isnull=True
    )
    rows = rows.exclude(prescription__state__in=NOT_ORDERED)
    found: dict[UUID, list[str]] = {}
    for item in rows.select_related("drug", "prescription").order_by("prescription", "rank"):
        words = f"{item.drug_name} {usage_of(item)}"
        found.setdefault(item.prescription.consultation_id, []).append(words)
    return found


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
        left += [refusal for item in rows if (refusal := _again(item, sheet, by))]
    return Repeated(edit_url(made[0]), left) if made else None


def _again(item: PrescriptionItem, sheet: Prescription, by) -> str:
    """Add the row to the new sheet; the words of why not, when it can't be."""
    drug = item.drug
    if not drug.active or drug.antibiotic_grade == SPECIAL:
        return _("%(drug)s: not to be prescribed any more") % {"drug": item.drug_name}
    was_computed = item.computed == item.quantity
    try:
        add_item(
            prescription=sheet,
            drug=drug,
            dose=item.dose,
            dose_unit=item.dose_unit,
            route=item.route,
            frequency=item.frequency,
            days=item.days,
            quantity=None if was_computed else item.quantity,
            remark=item.remark,
            outside=item.outside,
            by=by,
        )
    except RuleBroken as error:
        return _("%(drug)s: %(reason)s") % {"drug": item.drug_name, "reason": error.message}
    return ""
