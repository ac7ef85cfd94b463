"""An assistant's prescription: a doctor of the department signs it too, before review (R-3).

Where assistants practise alone (`record.assistants_independent`) nothing waits.
"""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.core import modules
from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.transactions import atomic_retry
from prescriptions import objections
from prescriptions.models import Prescription
from prescriptions.moves import check_version, live_items, locked, move
from prescriptions.states import RxState
from registration.desk import Notice
from registration.models import Clinician
from registration.signing import countersigner, waits_in

# For the poll of a doctor's queue: changes when a sheet begins or ceases to wait for them.
WAITING_SQL = (
    "SELECT COUNT(*) FROM prescriptions_prescription p"
    " JOIN registration_clinician c ON c.department_id = p.countersign_in_id"
    " WHERE c.id = %s AND p.state = 'submitted' AND c.title <> 'assistant'"
)


def begin(prescription: Prescription) -> None:
    """The sheet is being submitted: whether it waits for another doctor is settled now."""
    prescription.countersign_in = waits_in(prescription.consultation.clinician)
    prescription.countersigner = prescription.countersigned_at = None


def waits(prescription: Prescription) -> bool:
    """True when this doctor's sheets need a second doctor before the pharmacist."""
    return waits_in(prescription.consultation.clinician) is not None


def issue_where_no_pharmacy(prescription: Prescription, *, by) -> None:
    """A submitted sheet that nobody here reviews or hands out ends as the paper it is printed on;
    an assistant's waits for the second doctor first."""
    if prescription.countersign_in_id is None and not modules.is_on("pharmacy"):
        move(prescription, RxState.ISSUED, by=by)


def submitted_words(prescription: Prescription) -> str:
    """Where the sheet goes when its doctor hands it in."""
    values = {"number": prescription.number}
    if waits(prescription):
        return _("%(number)s waits for a doctor of the department to countersign it.") % values
    if not modules.is_on("pharmacy"):
        return _("Prescription %(number)s is issued. Please print it for the patient.") % values
    return _("Prescription %(number)s is with the pharmacist.") % values


def to_countersign(user):
    """Sheets of assistants that wait for this doctor's department; none for others."""
    doctor = _who_may(user)
    if doctor is None:
        return Prescription.objects.none()
    found = Prescription.objects.filter(
        state=RxState.SUBMITTED, countersign_in=doctor.department_id
    )
    return found.exclude(prescriber=user)


def _who_may(user) -> Clinician | None:
    doctor = countersigner(user)
    return doctor if doctor and doctor.may_prescribe else None


@atomic_retry
def countersign(*, prescription: Prescription, version: int | None = None, by) -> Prescription:
    """A doctor stands for the sheet as it was read; now it waits for the pharmacist."""
    prescription = _taken(prescription, version, by)
    prescription.countersign_in = None
    prescription.countersigner, prescription.countersigned_at = by, timezone.now()
    prescription.version += 1
    prescription.save()
    issue_where_no_pharmacy(prescription, by=by)
    return prescription


@atomic_retry
def send_back(
    *, prescription: Prescription, reason: str, version: int | None = None, by
) -> Prescription:
    """The doctor does not stand for it: the assistant corrects it."""
    prescription = _taken(prescription, version, by)
    told = objections.made(
        prescription, live_items(prescription), codes=(), remarks={}, words=reason
    )
    move(prescription, RxState.RETURNED, by=by, reason=reason.strip(), **told)
    return prescription


def _taken(prescription: Prescription, version: int | None, by) -> Prescription:
    prescription = locked(prescription)
    check_version(prescription, version)
    doctor = _who_may(by)
    if doctor is None or prescription.prescriber_id == by.pk:
        raise RuleBroken(
            _("Not countersigned: only a doctor above an assistant may do that."), rule="R-3"
        )
    if prescription.state != RxState.SUBMITTED or prescription.countersign_in_id is None:
        raise AlreadyDone(_("Not countersigned: this was done before, or is not needed."))
    if prescription.countersign_in_id != doctor.department_id:
        raise RuleBroken(
            _("Not countersigned: that is for a doctor of the same department."), rule="R-3"
        )
    return prescription


def require_done(prescription: Prescription) -> None:
    """RuleBroken while an assistant's sheet waits for the second doctor."""
    if prescription.countersign_in_id is not None:
        raise RuleBroken(
            _(
                "Not approved: an assistant doctor wrote it, and a doctor of the department has "
                "not countersigned it yet."
            ),
            rule="R-3",
        )


def notice(user) -> Notice | None:
    """Above a doctor's queue: so many prescriptions wait to be countersigned."""
    count = to_countersign(user).count()
    if not count:
        return None
    words = ngettext(
        "%(count)s prescription to countersign", "%(count)s prescriptions to countersign", count
    ) % {"count": count}
    return Notice(words, reverse("prescription_countersign_list"))
