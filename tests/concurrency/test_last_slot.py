"""Several desks want the last number of a session (R-99)."""

import pytest

from registration.models import Registration
from tests.concurrency.together import run_together
from tests.factories.patients import PatientFactory
from tests.factories.registration import open_session

pytestmark = pytest.mark.django_db(transaction=True)
DESKS = 3


def race(doctor, by, *, locked: bool) -> list[dict]:
    session = open_session(doctor, quota=1)
    calls = [
        {"session": session.pk, "patients": [str(PatientFactory().pk)], "by": by.pk}
        | {"locked": locked}
        for _desk in range(DESKS)
    ]
    return run_together("tests.concurrency.callers:register", calls)


def test_without_the_lock_the_last_place_is_given_several_times(doctor, frontdesk):
    answers = race(doctor, frontdesk, locked=False)

    assert len([answer for answer in answers if "result" in answer]) > 1, answers


def test_the_last_place_is_given_once_R99(doctor, frontdesk):
    answers = race(doctor, frontdesk, locked=True)

    assert sorted(answer.get("error", "registered") for answer in answers) == [
        "RuleBroken",
        "RuleBroken",
        "registered",
    ]
    assert Registration.objects.count() == 1
