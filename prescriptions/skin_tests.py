"""The skin test of a row: what the doctor orders, and the result that comes of it (R-45, R-171)."""

from datetime import time

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.transactions import atomic_retry
from patients.models import Allergy
from patients.services import add_allergy
from prescriptions.models import Prescription, PrescriptionItem
from prescriptions.moves import locked
from prescriptions.rules.facts import SKIN_TEST_NEEDED
from prescriptions.skin_timer import is_on, note_paper, require_time
from prescriptions.states import EDITABLE, RxState
from prescriptions.treatments import follow_test

SkinTest = PrescriptionItem.SkinTest
RESULTS = [SkinTest.NEGATIVE, SkinTest.POSITIVE]
# The prescriber orders the test and, working alone, also reads it.
ORDERS = [SkinTest.PENDING, SkinTest.CONTINUED, SkinTest.EXEMPT]
# A result is taken as long as nothing was handed out.
OPEN = {
    RxState.DRAFT,
    RxState.RETURNED,
    RxState.SUBMITTED,
    RxState.APPROVED,
    RxState.UNPAID,
    RxState.PAID,
}


def states_for(item: PrescriptionItem, prescription: Prescription, user) -> list[SkinTest]:
    """What this person may choose for this row now."""
    if not item.drug.skin_test.startswith(SKIN_TEST_NEEDED) or prescription.state not in OPEN:
        return []
    if prescription.state in EDITABLE and prescription.prescriber_id == user.pk:
        return ORDERS + RESULTS
    return RESULTS if item.skin_test == SkinTest.PENDING else []


@atomic_retry
def record_skin_test(
    *, item: PrescriptionItem, state: str, lot: str = "", put_on_at: time | None = None, by
) -> PrescriptionItem:
    """Set the state of the row's skin test: by the prescriber while writing, else the result.

    `put_on_at` is the time at which a test that was done on paper was put on.
    A positive result goes into the patient's allergies at once, as severe: the group is blocked
    from then on (R-45).
    """
    prescription = locked(item.prescription)
    item = PrescriptionItem.objects.select_related("drug").get(pk=item.pk)
    if item.removed_at is not None or state not in states_for(item, prescription, by):
        raise AlreadyDone(
            _(
                "Not saved: the skin test of %(drug)s is now “%(state)s”. Please look at the "
                "prescription again."
            )
            % {"drug": item.drug_name, "state": item.get_skin_test_display()},
            rule="R-45",
        )
    if state in RESULTS:
        note_paper(item, put_on_at)
    require_time(item, state)
    if state == SkinTest.PENDING and not is_on(item):
        item.skin_test_started_at = None  # ordered anew
    item.skin_test, item.skin_test_lot = state, lot
    item.skin_test_at, item.skin_test_by = timezone.now(), by
    item.save()
    prescription.version += 1
    prescription.save()
    follow_test(item)
    if state == SkinTest.POSITIVE:
        _add_allergy(prescription, item, by)
    return item


def _add_allergy(prescription: Prescription, item: PrescriptionItem, by) -> None:
    group = item.drug.allergy_groups.partition(";")[0]
    rows = prescription.patient.allergies.filter(state=Allergy.State.ACTIVE)
    known = [row for row in rows if row.group_code == group]
    if any(row.severity == Allergy.Severity.SEVERE for row in known):
        return
    substance = item.drug_name
    if any(row.substance == substance for row in known):  # the old, milder entry stays beside it
        substance = _("%(drug)s (skin test)") % {"drug": substance}
    add_allergy(
        patient=prescription.patient,
        group_code=group,
        substance=substance,
        reaction=_("Skin test positive"),
        severity=Allergy.Severity.SEVERE,
        source=Allergy.Source.TEST,
        since=timezone.localdate().isoformat(),
        by=by,
    )


def require_done(items: list[PrescriptionItem]) -> None:
    """RuleBroken while a test is pending or was positive (R-45)."""
    for item in items:
        if item.skin_test == SkinTest.PENDING:
            raise RuleBroken(
                _(
                    "Not dispensed: the skin test of %(drug)s is pending. Please wait for the "
                    "result and record it first."
                )
                % {"drug": item.drug_name},
                rule="R-45",
            )
        if item.skin_test == SkinTest.POSITIVE:
            raise RuleBroken(
                _(
                    "Not dispensed: the skin test of %(drug)s was positive. Please send the "
                    "prescription back to the doctor."
                )
                % {"drug": item.drug_name},
                rule="R-45",
            )
