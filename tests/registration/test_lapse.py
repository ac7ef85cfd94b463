"""What nobody used by the end of the day has lapsed (R-95)."""

import datetime

from django.utils import timezone

from registration.models import Registration
from registration.queue import lapse_old, left_over
from registration.states import VisitState
from tests.factories.registration import called_visit, open_record, waiting_visit


def make_old(*visits):
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    Registration.objects.filter(pk__in=[visit.pk for visit in visits]).update(day=yesterday)


def test_yesterdays_unused_numbers_lapse_and_todays_stay_R95(session, frontdesk):
    called, old, today = (
        called_visit(session, frontdesk),
        *(waiting_visit(session, frontdesk) for _ in range(2)),
    )
    make_old(called, old)

    assert lapse_old() == 2

    states = dict(Registration.objects.values_list("pk", "state"))
    assert states[old.pk] == states[called.pk] == VisitState.LAPSED
    assert states[today.pk] == VisitState.WAITING


def test_an_open_record_of_yesterday_stays_open(session, frontdesk):
    record = open_record(session, frontdesk)
    make_old(record.registration)

    assert lapse_old() == 0


def test_a_second_run_changes_nothing(session, frontdesk):
    make_old(waiting_visit(session, frontdesk))

    assert [lapse_old(), lapse_old()] == [1, 0]


def test_what_was_finished_in_the_years_is_not_read_again(session, frontdesk):
    visits = [waiting_visit(session, frontdesk) for _turn in range(30)]
    make_old(*visits)
    Registration.objects.update(state=VisitState.FINISHED, live_key=None)

    plan = left_over().explain()

    assert "registration_left_over" in plan
