"""Taking an import of patients back: what nobody has used or changed since.

Nothing is deleted (R-147): a file that an import opened becomes withdrawn, and is found no more.
"""

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.tables.kinds import Row, Status
from clinic.core.transactions import lock
from patients import services, withdrawing
from patients.models import Allergy, AllergyStatus, Patient


def take_back(rows: list[Row], *, by) -> None:
    """Withdraw what these rows opened and empty what they filled, where that does no harm."""
    held = {str(p.pk): p for p in lock(Patient.objects.filter(pk__in=[r.target for r in rows]))}
    opened = [held[row.target] for row in rows if row.undo.get("new") and row.target in held]
    used = withdrawing.used_among(opened)
    for row in reversed(rows):
        patient = held.get(row.target)
        reason = "" if patient is None else _undo(row, patient, used, by)
        row.status = Status.STAYS if reason else Status.BACK
        row.words = [reason] if reason else []


def _undo(row: Row, patient: Patient, used: set, by) -> str:
    try:
        if row.undo.get("new"):
            withdrawing.withdraw(
                patient=patient, version=row.undo["version"], by=by, is_used=patient.pk in used
            )
        else:
            _empty_again(row, patient, by)
    except services.ChangedMeanwhile:
        return _changed(patient)
    except RuleBroken as error:
        return str(error.message)
    return ""


def _changed(patient: Patient) -> str:
    words = _("Somebody has changed %(record_no)s since. It stays.")
    return words % {"record_no": patient.record_no}


def _empty_again(row: Row, patient: Patient, by) -> None:
    if row.undo.get("before"):
        patient = services.correct(
            patient=patient, by=by, version=row.undo["version"], **row.undo["before"]
        )
    elif patient.version != row.undo["version"]:
        raise services.ChangedMeanwhile(patient)
    if not row.undo.get("allergies"):
        return
    if patient.allergy_confirmed_at is not None:  # somebody has asked since
        raise services.ChangedMeanwhile(patient)
    active = Allergy.objects.filter(patient=patient, state=Allergy.State.ACTIVE)
    for allergy in active:
        services.withdraw_allergy(allergy=allergy, by=by)
    if not active:
        services.set_allergy_status(patient=patient, status=AllergyStatus.NOT_ASKED.value, by=by)
