"""Two rooms and one patient, a call against a cancellation, a client killed in its call (R-94)."""

import pytest

from registration.models import Call, Registration
from registration.queue import call_next, pass_over
from registration.states import VisitState
from tests.concurrency.together import Worker, run_together
from tests.factories.patients import PatientFactory
from tests.factories.registration import BORN, open_session, waiting_visit

pytestmark = pytest.mark.django_db(transaction=True)


def two_rooms(doctor, other_doctor, frontdesk, *, locked: bool) -> list[dict]:
    """Both doctors press “next”, and the same person is first in both queues."""
    person = PatientFactory(birth_date=BORN)
    sessions = [open_session(doctor), open_session(other_doctor)]
    for session in sessions:
        waiting_visit(session, frontdesk, patient=person)
    calls = [{"clinician": session.clinician.pk, "locked": locked} for session in sessions]
    return run_together("tests.concurrency.callers:call_into_room", calls)


def test_without_the_lock_two_rooms_call_one_patient(doctor, other_doctor, frontdesk):
    answers = two_rooms(doctor, other_doctor, frontdesk, locked=False)

    assert Registration.objects.filter(state=VisitState.CALLED).count() == 2, answers


def test_two_rooms_never_call_one_patient_R94(doctor, other_doctor, frontdesk):
    answers = two_rooms(doctor, other_doctor, frontdesk, locked=True)

    assert sorted(answer.get("error", "called") for answer in answers) == [
        "NobodyWaiting",
        "called",
    ]
    assert Call.objects.count() == 1


def call_against_cancel(doctor, frontdesk, *, locked: bool) -> tuple[list[dict], str]:
    session = open_session(doctor)
    visit = waiting_visit(session, frontdesk)
    both = {
        "clinician": session.clinician.pk,
        "visit": str(visit.pk),
        "by": frontdesk.pk,
        "locked": locked,
    }
    answers = run_together(
        "tests.concurrency.callers:call_or_cancel",
        [{"what": "call", **both}, {"what": "cancel", **both}],
    )
    visit.refresh_from_db()
    return answers, visit.state


def test_without_the_lock_a_cancelled_number_is_called(doctor, frontdesk):
    answers, state = call_against_cancel(doctor, frontdesk, locked=False)

    assert answers[1] == {"result": "cancelled"} and state == VisitState.CALLED, answers


def test_a_cancelled_number_is_never_called_afterwards_R102(doctor, frontdesk):
    answers, state = call_against_cancel(doctor, frontdesk, locked=True)

    assert answers[1] == {"result": "cancelled"} and state == VisitState.CANCELLED
    assert answers[0] == {"result": "called"} or answers[0]["error"] == "NobodyWaiting"


def test_a_client_killed_in_its_call_leaves_nobody_stuck(doctor, frontdesk):
    session = open_session(doctor)
    first, second = (waiting_visit(session, frontdesk) for _ in range(2))
    worker = Worker("tests.concurrency.callers:call_for_long")
    worker.begin(clinician=session.clinician.pk)
    worker.wait_until_it_looks()
    worker.end()

    called = call_next(clinician=session.clinician, by=doctor)

    assert called == first and Call.objects.count() == 1
    pass_over(registration=called, by=doctor)
    assert call_next(clinician=session.clinician, by=doctor) == second
