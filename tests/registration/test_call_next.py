"""Calling, calling again, passing over (R-94, R-95)."""

import pytest

from clinic.core.errors import RuleBroken
from registration.models import Call, Registration
from registration.queue import (
    AlreadyCalled,
    NobodyWaiting,
    call_again,
    call_next,
    pass_over,
    recall,
    waiting,
)
from registration.states import VisitState
from tests.factories.registration import called_visit, open_record, waiting_visit


def test_the_next_one_is_called_into_the_doctors_room_R94(session, doctor, frontdesk):
    first, second = (waiting_visit(session, frontdesk) for _ in range(2))

    called = call_next(clinician=session.clinician, by=doctor)

    assert called == first and called.state == VisitState.CALLED
    assert called.first_called_at is not None
    assert Call.objects.get().room == session.room
    assert waiting(session) == [second]


def test_nobody_is_called_while_somebody_called_is_not_here_yet(session, doctor, frontdesk):
    first, _second = (waiting_visit(session, frontdesk) for _ in range(2))
    call_next(clinician=session.clinician, by=doctor)

    with pytest.raises(AlreadyCalled, match=first.number):
        call_next(clinician=session.clinician, by=doctor)

    assert Call.objects.count() == 1


def test_an_empty_queue_says_so(session, doctor):
    with pytest.raises(NobodyWaiting):
        call_next(clinician=session.clinician, by=doctor)


def test_a_doctor_calls_only_from_the_own_queue_R142(session, other_doctor, frontdesk):
    waiting_visit(session, frontdesk)

    with pytest.raises(RuleBroken):
        call_next(clinician=session.clinician, by=other_doctor)


def test_a_call_is_repeated_up_to_three_times_R95(session, doctor, frontdesk):
    visit = called_visit(session, frontdesk)
    call_again(registration=visit, by=doctor)
    call_again(registration=visit, by=doctor)

    with pytest.raises(RuleBroken, match=visit.number):
        call_again(registration=visit, by=doctor)

    assert Call.objects.count() == 3


def test_only_a_called_number_is_called_again(session, doctor, frontdesk):
    with pytest.raises(RuleBroken):
        call_again(registration=waiting_visit(session, frontdesk), by=doctor)


def test_who_does_not_come_is_passed_over_and_not_deleted_R95(session, doctor, frontdesk):
    visit = pass_over(registration=called_visit(session, frontdesk), by=doctor)

    assert visit.state == VisitState.MISSED
    assert visit.missed_times == 1
    assert visit.live_key is not None


def test_three_misses_and_the_number_lapses_R95(session, doctor, frontdesk):
    visit = called_visit(session, frontdesk)
    for _ in range(2):
        pass_over(registration=visit, by=doctor)
        recall(registration=visit, by=frontdesk)
        call_next(clinician=session.clinician, by=doctor)

    visit = pass_over(registration=visit, by=doctor)

    assert visit.state == VisitState.LAPSED
    with pytest.raises(RuleBroken):
        recall(registration=visit, by=frontdesk)


def test_after_a_recall_the_calls_count_anew_R95(session, doctor, frontdesk):
    visit = called_visit(session, frontdesk)
    call_again(registration=visit, by=doctor)
    pass_over(registration=visit, by=doctor)

    assert recall(registration=visit, by=frontdesk).called_times == 0


@pytest.mark.parametrize("verb", [call_again, pass_over])
def test_other_doctors_touch_nothing_of_this_queue_R142(session, other_doctor, frontdesk, verb):
    visit = called_visit(session, frontdesk)

    with pytest.raises(RuleBroken):
        verb(registration=visit, by=other_doctor)

    assert Registration.objects.get(pk=visit.pk).state == VisitState.CALLED


def test_a_patient_inside_is_not_passed_over(session, doctor, frontdesk):
    visit = open_record(session, frontdesk).registration

    with pytest.raises(RuleBroken):
        pass_over(registration=visit, by=doctor)
