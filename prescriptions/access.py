"""Which prescriptions a person may know of; others are not found (R-142, R-143)."""

from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404

from clinic.core.prepared import prepared
from prescriptions import rights
from prescriptions.models import Prescription
from prescriptions.states import RESERVING, RxState
from registration import guarded
from security.access import require_file
from security.permissions import P

JUDGED = {RxState.SUBMITTED, *RESERVING}
WITH_HEAD = ("patient", "prescriber", "consultation__clinician__department", "countersigner")


def own(user):
    """Sheets this doctor wrote."""
    return Prescription.objects.filter(prescriber=user).select_related(*WITH_HEAD)


def in_pharmacy(pk) -> Prescription:
    """A sheet that has left the doctor's desk."""
    sheet = sheet_in_pharmacy.first(pk)
    if sheet is None:
        raise Http404
    return sheet


@prepared
def sheet_in_pharmacy(pk: UUID):
    rows = Prescription.objects.exclude(state=RxState.DRAFT).select_related(*WITH_HEAD)
    return rows.filter(pk=pk)


def readable(user, pk) -> Prescription:
    """One's own; the pharmacy reads all but drafts; a doctor those of files open to them."""
    prescription = get_object_or_404(Prescription.objects.select_related(*WITH_HEAD), pk=pk)
    if prescription.prescriber_id == user.pk:
        return prescription
    if prescription.state != RxState.DRAFT:
        if rights.at_window(user):
            return prescription
        if user.has_perm(P.CHECK_PRESCRIPTION):
            raise Http404  # there is a pharmacist
        require_file(user, prescription.patient_id)
        return prescription
    raise Http404


def may_see_diagnosis(prescription: Prescription, user) -> bool:
    """Of a guarded record: its doctor, whoever gave a reason, and the pharmacy until the drugs are
    out, because who lets them pass has to hold them against the diagnosis (R-37, R-39)."""
    if rights.judges(user) and prescription.state in JUDGED:
        return True
    return guarded.Reader(user).may_see(prescription.consultation)
