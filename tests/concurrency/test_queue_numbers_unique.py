"""Several desks give out numbers at the same moment (R-89)."""

import pytest
from django.utils import timezone

from clinic.core.models import Counter
from registration.models import Registration, Session
from tests.concurrency.together import run_together
from tests.factories.patients import PatientFactory
from tests.factories.registration import ClinicianFactory, WeeklyScheduleFactory, open_session

pytestmark = pytest.mark.django_db(transaction=True)
CALLERS = "tests.concurrency.callers"
DESKS, EACH = 3, 2  # together shorter than a desk waits for its turn


def test_without_the_lock_one_number_is_given_several_times(db):
    Counter.objects.create(name="race")

    answers = run_together(f"{CALLERS}:take_number", [{"locked": False}] * DESKS)

    numbers = [answer["result"] for answer in answers]
    assert len(set(numbers)) < DESKS, numbers


def test_a_number_is_given_once(db):
    answers = run_together(f"{CALLERS}:take_number", [{"locked": True}] * DESKS)

    assert sorted(answer["result"] for answer in answers) == [1, 2, 3]


def test_desks_register_at_once_without_a_double_or_a_hole_R89(doctor, frontdesk):
    session = open_session(doctor)
    patients = [[str(PatientFactory().pk) for _n in range(EACH)] for _desk in range(DESKS)]

    answers = run_together(
        f"{CALLERS}:register",
        [{"session": session.pk, "patients": some, "by": frontdesk.pk} for some in patients],
    )

    given = sorted(number for answer in answers for number in answer.get("result", [answer]))
    letter = session.clinician.letter
    assert given == [f"{letter}{n:03d}" for n in range(1, EACH * DESKS + 1)]


def test_one_patient_at_two_desks_gets_one_number_R102(doctor, frontdesk):
    session = open_session(doctor)
    call = {"session": session.pk, "patients": [str(PatientFactory().pk)], "by": frontdesk.pk}

    answers = run_together(f"{CALLERS}:register", [call] * 2)

    assert sorted(answer.get("error", "registered") for answer in answers) == [
        "RuleBroken",
        "registered",
    ]
    assert Registration.objects.count() == 1


def test_the_sessions_of_a_day_are_made_once_by_all_who_look_first_R99(doctor):
    WeeklyScheduleFactory(clinician=ClinicianFactory(user=doctor))

    answers = run_together(
        f"{CALLERS}:open_day", [{"day": timezone.localdate().isoformat()}] * DESKS
    )

    assert [answer.get("result") for answer in answers] == [1] * DESKS
    assert Session.objects.count() == 1
