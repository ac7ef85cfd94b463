"""Rows that were written before, put on a sheet of today: every rule looks at them anew (R-43)."""

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from prescriptions import groups, herbal
from prescriptions.models import Prescription, PrescriptionItem
from prescriptions.moves import editable
from prescriptions.rules.facts import SPECIAL
from prescriptions.services import add_item
from prescriptions.states import RxState
from registration import guarded
from registration.consultation import diagnoses_of

# A draft was not signed, a voided sheet was withdrawn.
NOT_ORDERED = (RxState.DRAFT, RxState.VOIDED)
LOOKED_AT = 5


def put(row, sheet: Prescription, *, quantity: int | None, shift: int = 0, by) -> str:
    """Add a row (of a sheet or a set) to the sheet; the words of why not, when it can't be.

    `shift` is added to its group, so that it joins none that stands on the sheet already.
    """
    drug = row.drug
    if not drug.active or drug.antibiotic_grade == SPECIAL:
        words = _("%(drug)s: not to be prescribed any more")
        return words % {"drug": drug.generic_name}
    try:
        if sheet.form == Prescription.Form.HERBAL:
            herbal.write(prescription=sheet, piece=herbal.Piece.of(row), by=by)
        else:
            _add(row, sheet, quantity=quantity, shift=shift, by=by)
    except RuleBroken as error:
        words = _("%(drug)s: %(reason)s")
        return words % {"drug": drug.generic_name, "reason": error.message}
    return ""


def _add(row, sheet: Prescription, *, quantity: int | None, shift: int, by) -> None:
    add_item(
        prescription=sheet,
        drug=row.drug,
        dose=row.dose,
        dose_unit=row.dose_unit,
        route=row.route,
        frequency=row.frequency,
        days=row.days,
        quantity=quantity,
        remark=row.remark,
        outside=row.outside,
        group=row.group + shift if row.group else None,
        drip=row.drip,
        by=by,
    )


def set_by_hand(item: PrescriptionItem) -> int | None:
    """The quantity where it was not the computed one: it is kept."""
    return None if item.computed == item.quantity else item.quantity


def put_all(rows: list, quantities: list, sheet: Prescription, *, by) -> list[str]:
    """Add them in their order; what could not be added, in words."""
    there = sheet.items.filter(removed_at__isnull=True)
    shift = groups.next_number(list(there)) - 1
    pairs = zip(rows, quantities, strict=True)
    said = [put(row, sheet, quantity=number, shift=shift, by=by) for row, number in pairs]
    return [words for words in said if words]


def last_of(prescription: Prescription, user) -> Prescription | None:
    """This patient's latest signed sheet of the same form, if this person may read it.

    R-15, R-74, R-140.
    """
    sheets = Prescription.objects.filter(patient=prescription.patient_id, form=prescription.form)
    sheets = sheets.exclude(state__in=NOT_ORDERED).exclude(pk=prescription.pk)
    sheets = sheets.select_related("consultation__clinician").order_by("-created_at")
    reader = guarded.Reader(user)
    for sheet in sheets[:LOOKED_AT]:
        if reader.may_see(sheet.consultation):
            return sheet
        codes = [diagnosis.code for diagnosis in diagnoses_of(sheet.consultation)]
        if not guarded.is_guarded(sheet.consultation, codes):
            return sheet
    return None


@atomic_retry
def copy_last(*, prescription: Prescription, by) -> list[str]:
    """Write the patient's last prescription again on this sheet; what could not be, in words."""
    prescription = editable(prescription, by)
    old = last_of(prescription, by)
    if old is None:
        raise RuleBroken(_("Nothing copied: no earlier prescription of this patient is on file."))
    if prescription.form == Prescription.Form.HERBAL:
        common = herbal.Common.of(old)
        herbal.write(prescription=prescription, common=common, by=by)
    rows = old.items.filter(removed_at__isnull=True).select_related("drug").order_by("rank")
    return put_all(list(rows), [set_by_hand(row) for row in rows], prescription, by=by)
