"""Sessions of a date, made from the week (R-99)."""

import datetime

import pytest
from django.utils import timezone

from registration.models import Session
from registration.scheduling import open_sessions_now, sessions_on
from tests.factories.registration import (
    ClinicianFactory,
    SessionFactory,
    WeeklyScheduleFactory,
)


@pytest.fixture
def clinician(doctor):
    return ClinicianFactory(user=doctor)


def test_sessions_are_made_from_the_week_with_its_room_and_quota_R99(clinician):
    WeeklyScheduleFactory(clinician=clinician, quota=17)

    (session,) = sessions_on(timezone.localdate())

    assert (session.clinician, session.room, session.quota) == (clinician, clinician.room, 17)


def test_asking_again_makes_nothing_new(clinician):
    WeeklyScheduleFactory(clinician=clinician)
    sessions_on(timezone.localdate())

    sessions_on(timezone.localdate())

    assert Session.objects.count() == 1


def test_a_plan_added_during_the_day_appears(clinician):
    WeeklyScheduleFactory(clinician=clinician)
    sessions_on(timezone.localdate())
    WeeklyScheduleFactory(clinician=clinician, period="pm")

    assert len(sessions_on(timezone.localdate())) == 2


@pytest.mark.parametrize("off", ["plan", "clinician"])
def test_what_is_out_of_use_makes_no_session(clinician, off):
    plan = WeeklyScheduleFactory(clinician=clinician)
    thing = plan if off == "plan" else clinician
    thing.active = False
    thing.save()

    assert sessions_on(timezone.localdate()) == []


def test_other_weekdays_make_nothing_today(clinician):
    tomorrow = (timezone.localdate().weekday() + 1) % 7
    WeeklyScheduleFactory(clinician=clinician, weekday=tomorrow)

    assert sessions_on(timezone.localdate()) == []


def test_no_session_is_made_for_days_gone_by(clinician):
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    WeeklyScheduleFactory(clinician=clinician, weekday=yesterday.weekday())

    assert sessions_on(yesterday) == []


def test_stopped_and_ended_sessions_take_nobody_now_R100(clinician):
    SessionFactory(clinician=clinician, open=False)
    SessionFactory(clinician=clinician, period="pm", ends="00:00:01")
    still = SessionFactory(clinician=clinician, period="night")

    assert open_sessions_now() == [still]
