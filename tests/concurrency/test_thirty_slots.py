"""Two hundred people want thirty places; cancelling against checking in; two desks, one booking."""

import datetime

import pytest

from registration.booking import register_visit
from registration.models import Registration
from registration.quota import places_taken
from registration.states import VisitState
from tests.concurrency.together import run_together
from tests.factories.patients import PatientFactory
from tests.factories.registration import online_booking, open_session

pytestmark = pytest.mark.django_db(transaction=True)
DESKS, EACH, PLACES = 8, 25, 30


def test_two_hundred_for_thirty_places_are_thirty_numbers_and_170_refusals_R99(doctor, frontdesk):
    session = open_session(doctor, quota=PLACES)
    queues = [[str(PatientFactory().pk) for _ in range(EACH)] for _desk in range(DESKS)]
    calls = [{"session": session.pk, "patients": who, "by": frontdesk.pk} for who in queues]

    answers = run_together("tests.concurrency.callers:register_many", calls, seconds=300)

    assert not [answer for answer in answers if "error" in answer], answers
    numbers = [n for answer in answers for n in answer["result"]["numbers"]]
    refusals = [r for answer in answers for r in answer["result"]["refusals"]]
    assert len(numbers) == len(set(numbers)) == Registration.objects.count() == PLACES
    assert refusals == ["R-99 session"] * (DESKS * EACH - PLACES)


def race_over_a_visit(doctor, by, *, locked: bool) -> tuple[Registration, list[dict]]:
    # A number the doctor gave: not checked in yet.
    visit = register_visit(patient=PatientFactory(), session=open_session(doctor), by=doctor)
    call = {"visit": str(visit.pk), "by": by.pk, "locked": locked}
    answers = run_together(
        "tests.concurrency.callers:cancel_or_check_in",
        [{**call, "what": what} for what in ("check_in", "cancel")],
    )
    visit.refresh_from_db()
    return visit, answers


def test_without_the_lock_a_cancelled_number_may_wait(doctor, frontdesk):
    _visit, answers = race_over_a_visit(doctor, frontdesk, locked=False)

    assert [answer.get("result") for answer in answers] == ["waiting", "cancelled"]


def test_cancelling_against_check_in_ends_cancelled_whoever_was_first_R102(doctor, frontdesk):
    visit, answers = race_over_a_visit(doctor, frontdesk, locked=True)

    checked_in, cancelled = answers
    assert cancelled == {"result": "cancelled"}
    assert checked_in in ({"result": "waiting"}, {**checked_in, "error": "RuleBroken"})
    # Checked in first: both times stand there. Cancelled first: nobody was checked in.
    assert (visit.checked_in_at is None) == ("error" in checked_in)
    assert visit.state == VisitState.CANCELLED and visit.live_key is None


def race_over_a_booking(doctor, by, *, locked: bool) -> list[dict]:
    patient, session = PatientFactory(), open_session(doctor)
    made = online_booking(session, datetime.time(9), patient)
    call = {"made": str(made.pk), "patient": str(patient.pk), "by": by.pk, "locked": locked}
    return run_together("tests.concurrency.callers:keep_booking", [call, call])


def test_two_desks_keep_one_booking_once(doctor, frontdesk):
    answers = race_over_a_booking(doctor, frontdesk, locked=True)

    assert sorted(answer.get("error", "kept") for answer in answers) == ["RuleBroken", "kept"]
    visit = Registration.objects.get()
    assert places_taken(visit.session) == 1
