"""Several windows of one doctor press the same key at the same moment (R-94)."""

import pytest

from registration.models import Call, Registration
from registration.states import VisitState
from tests.concurrency.together import run_together
from tests.factories.registration import open_session, waiting_visit

pytestmark = pytest.mark.django_db(transaction=True)
WINDOWS = 3


def race(doctor, frontdesk, *, locked: bool) -> list[dict]:
    session = open_session(doctor)
    for _n in range(WINDOWS + 1):
        waiting_visit(session, frontdesk)
    call = {"clinician": session.clinician.pk, "locked": locked}
    return run_together("tests.concurrency.callers:call_next", [call] * WINDOWS)


def test_without_the_lock_several_windows_call(doctor, frontdesk):
    answers = race(doctor, frontdesk, locked=False)

    assert len([answer for answer in answers if "result" in answer]) > 1, answers


def test_one_patient_is_called_once_and_the_others_are_told_R94(doctor, frontdesk):
    answers = race(doctor, frontdesk, locked=True)

    assert sorted(answer.get("error", "called") for answer in answers) == [
        "AlreadyCalled",
        "AlreadyCalled",
        "called",
    ]
    assert Call.objects.count() == 1
    assert Registration.objects.filter(state=VisitState.CALLED).count() == 1
