"""Who is next: class first, then check-in, fair to those who wait long (R-92, R-93, R-167)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clinic.core.models import Setting
from registration.models import Registration
from registration.queue import (
    call_next,
    line_of,
    lines,
    pass_over,
    recall,
    waiting,
)
from registration.states import VisitState
from tests.factories.registration import called_visit, open_session, waiting_visit

Priority = Registration.Priority


def test_who_came_first_is_called_first_R167(session, frontdesk):
    visits = [waiting_visit(session, frontdesk) for _ in range(3)]

    assert waiting(session) == visits


def test_priority_goes_before_usual_order_and_emergency_before_all_R92(session, frontdesk):
    usual = waiting_visit(session, frontdesk)
    first = waiting_visit(session, frontdesk, reason="pregnant")
    urgent = waiting_visit(session, frontdesk, reason="emergency")

    assert waiting(session) == [urgent, first, usual]


def test_inside_a_class_first_come_first_served_R92(session, frontdesk):
    a = waiting_visit(session, frontdesk, reason="pregnant")
    b = waiting_visit(session, frontdesk, reason="disabled")

    assert waiting(session) == [a, b]


def test_a_clock_that_is_set_back_gives_nobody_a_better_place_R167(session, doctor, frontdesk):
    missed = called_visit(session, frontdesk)
    missed.priority = Priority.NORMAL
    missed.save()
    pass_over(registration=missed, by=doctor)
    there = waiting_visit(session, frontdesk)
    ahead = timezone.now() + timedelta(hours=1)
    Registration.objects.filter(pk=there.pk).update(checked_in_at=ahead)

    after = waiting_visit(session, frontdesk)
    recall(registration=missed, by=frontdesk)

    assert waiting(session) == [there, after, missed]


FAIR_WAIT = timedelta(minutes=30)


def test_emergencies_neither_count_nor_reset_R167(session, doctor, frontdesk):
    usual = waiting_visit(session, frontdesk)
    usual.checked_in_at = timezone.now() - FAIR_WAIT - timedelta(minutes=1)
    usual.save()
    for reason in ["pregnant", "emergency", "disabled"]:
        waiting_visit(session, frontdesk, reason=reason)
        pass_over(registration=call_next(clinician=session.clinician, by=doctor), by=doctor)
    waiting_visit(session, frontdesk, reason="military")

    assert waiting(session)[0] == usual


def missed_then_recalled(session, doctor, frontdesk, others: int):
    late = called_visit(session, frontdesk)
    late.priority = Priority.NORMAL
    late.save()
    pass_over(registration=late, by=doctor)
    line = [waiting_visit(session, frontdesk) for _ in range(others)]
    return recall(registration=late, by=frontdesk), line


@pytest.mark.parametrize("others, place", [(0, 0), (1, 1), (2, 2), (5, 2)])
def test_a_recalled_patient_comes_behind_the_next_two_R167(
    session, doctor, frontdesk, others, place
):
    late, line = missed_then_recalled(session, doctor, frontdesk, others)

    assert waiting(session) == [*line[:place], late, *line[place:]]


def test_how_many_go_first_is_a_setting_of_the_site_R167(session, doctor, frontdesk):
    Setting.objects.create(key="queue.recalled_after", value="1")

    late, line = missed_then_recalled(session, doctor, frontdesk, 3)

    assert waiting(session)[1] == late


def test_who_was_recalled_first_stays_first(session, doctor, frontdesk):
    late = [called_visit(session, frontdesk)]
    pass_over(registration=late[0], by=doctor)
    late.append(called_visit(session, frontdesk))
    pass_over(registration=late[1], by=doctor)
    Registration.objects.filter(pk__in=[v.pk for v in late]).update(priority=0)
    line = [waiting_visit(session, frontdesk) for _ in range(4)]

    for visit in late:
        recall(registration=visit, by=frontdesk)

    assert waiting(session) == [*line[:2], *late, *line[2:]]


def test_an_emergency_still_goes_before_a_recalled_patient(session, doctor, frontdesk):
    urgent = [waiting_visit(session, frontdesk, reason="emergency") for _ in range(1)]
    late = waiting_visit(session, frontdesk)
    late.state = VisitState.MISSED
    late.save()
    recall(registration=late, by=frontdesk)

    new = waiting_visit(session, frontdesk, reason="emergency")

    assert waiting(session) == [*urgent, new, late]


def test_emergencies_of_the_afternoon_go_before_the_morning(session, doctor, frontdesk):
    afternoon = open_session(doctor, period="pm")
    usual = waiting_visit(session, frontdesk)
    urgent = waiting_visit(afternoon, frontdesk, reason="emergency")

    assert line_of(session.clinician) == [urgent, usual]


def test_queues_of_several_doctors_take_a_fixed_number_of_queries(
    session, other_session, frontdesk, django_assert_num_queries
):
    for _ in range(5):
        waiting_visit(session, frontdesk)
        waiting_visit(other_session, frontdesk)

    with django_assert_num_queries(3):
        found = lines([session.pk, other_session.pk])
        assert [len(line) for line in found.values()] == [5, 5]
        assert found[session.pk][0].patient.name
