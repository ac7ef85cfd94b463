"""Places: the online share, slots, numbers beyond the quota (R-99)."""

import datetime

import pytest
from django.utils import timezone

from clinic.core.errors import RuleBroken
from registration.booking import cancel_visit, check_in, register_visit
from registration.care import is_treating
from registration.choosing import choices
from registration.models import Registration, Session
from registration.quota import left_on_site, openings, places_taken, taken
from registration.states import VisitState
from registration.stopping import stop_session
from tests.factories.patients import PatientFactory
from tests.factories.registration import (
    WeeklyScheduleFactory,
    booked_visit,
    online_booking,
    open_session,
    waiting_visit,
)

TOMORROW = timezone.localdate() + datetime.timedelta(days=1)
EIGHT, NINE = datetime.time(8), datetime.time(9)


@pytest.fixture
def tomorrow(doctor) -> Session:
    """Four places from eight to ten, two of them online, in slots of an hour."""
    return open_session(
        doctor,
        date=TOMORROW,
        starts=EIGHT,
        ends=datetime.time(10),
        quota=4,
        online_quota=2,
        slot_minutes=60,
    )


def left(session: Session) -> list[int]:
    return [one.left for one in openings(session, taken(session))]


def test_places_nobody_booked_online_yet_are_kept_for_online(tomorrow, frontdesk):
    booked_visit(tomorrow, frontdesk, slot=EIGHT)
    assert left_on_site(tomorrow, taken(tomorrow)) == 1
    booked_visit(tomorrow, frontdesk, slot=NINE)

    with pytest.raises(RuleBroken):
        booked_visit(tomorrow, frontdesk, slot=NINE)

    assert (places_taken(tomorrow), left(tomorrow)) == (2, [0, 0])


def test_an_online_booking_takes_of_the_online_share(tomorrow, frontdesk):
    online_booking(tomorrow, EIGHT)

    assert left_on_site(tomorrow, taken(tomorrow)) == 2
    assert left(tomorrow) == [1, 2]


def test_once_the_session_began_the_kept_places_are_everybodys(doctor):
    session = open_session(doctor, quota=4, online_quota=4)

    assert left_on_site(session, taken(session)) == 4


def test_a_later_day_always_promises_a_time(tomorrow, frontdesk):
    young = PatientFactory(birth_date=datetime.date(1990, 3, 16))

    visit = register_visit(patient=young, session=tomorrow, by=frontdesk)

    assert (visit.state, visit.slot, visit.priority) == (
        VisitState.BOOKED,
        EIGHT,
        Registration.Priority.BOOKED,
    )


@pytest.mark.parametrize("time", [datetime.time(8, 30), datetime.time(10), datetime.time(7)])
def test_only_a_time_of_the_session_is_promised(tomorrow, frontdesk, time):
    with pytest.raises(RuleBroken) as refused:
        booked_visit(tomorrow, frontdesk, slot=time)

    assert refused.value.field == "place"


def test_a_full_time_is_refused_while_another_is_left(doctor, frontdesk):
    session = open_session(
        doctor, date=TOMORROW, starts=EIGHT, ends=datetime.time(10), quota=2, slot_minutes=60
    )
    booked_visit(session, frontdesk, slot=EIGHT)

    with pytest.raises(RuleBroken, match="08:00"):
        booked_visit(session, frontdesk, slot=EIGHT)

    assert booked_visit(session, frontdesk, slot=NINE).slot == NINE


def test_a_cancelled_time_goes_back_to_the_pool_R102(tomorrow, frontdesk):
    visit = booked_visit(tomorrow, frontdesk, slot=EIGHT)

    cancel_visit(registration=visit, reason="left", by=frontdesk)

    assert left(tomorrow) == [2, 2]


# -- added numbers --


def test_a_number_beyond_the_quota_is_counted_apart_with_who_gave_it(doctor, frontdesk):
    session = open_session(doctor, quota=1)
    waiting_visit(session, frontdesk)

    visit = register_visit(patient=PatientFactory(), session=session, by=frontdesk, added=True)

    session.refresh_from_db()
    assert (visit.added, visit.registered_by) == (True, frontdesk)
    assert (session.added, places_taken(session), taken(session).added) == (1, 1, 1)


def test_while_places_are_left_nothing_is_added(doctor, frontdesk):
    session = open_session(doctor, quota=2)

    visit = register_visit(patient=PatientFactory(), session=session, by=frontdesk, added=True)

    assert not visit.added
    assert Session.objects.get().added == 0


def test_an_emergency_beyond_the_quota_is_an_added_number_R92(doctor, frontdesk):
    session = open_session(doctor, quota=1)
    waiting_visit(session, frontdesk)

    assert waiting_visit(session, frontdesk, reason="emergency").added
    assert places_taken(session) == 1


def test_a_doctor_gives_numbers_of_their_own_sessions_only_R142(session, other_session, doctor):
    visit = register_visit(patient=PatientFactory(), session=session, by=doctor)

    with pytest.raises(RuleBroken):
        register_visit(patient=PatientFactory(), session=other_session, by=doctor)

    assert (visit.state, visit.slip_prints) == (VisitState.BOOKED, 0)


def test_a_number_the_doctor_gave_opens_no_file_before_check_in_R143(session, doctor, frontdesk):
    visit = register_visit(patient=PatientFactory(), session=session, by=doctor)
    assert not is_treating(doctor, visit.patient_id)

    checked = check_in(registration=visit, by=frontdesk)

    assert is_treating(doctor, visit.patient_id)
    assert checked.slip_prints == 1


# -- one number for one person --


def test_whoever_booked_online_gets_no_second_number_R102(session, frontdesk):
    patient = PatientFactory()
    online_booking(session, datetime.time(9), patient)

    with pytest.raises(RuleBroken, match="09:00"):
        register_visit(patient=patient, session=session, by=frontdesk)


def test_of_a_stopped_session_nobody_is_checked_in_or_registered_R100(session, frontdesk):
    visit = booked_visit(session, frontdesk, slot=_later(session))
    stop_session(session=session, reason="ill", by=frontdesk)

    with pytest.raises(RuleBroken):
        check_in(registration=visit, by=frontdesk)
    with pytest.raises(RuleBroken):
        waiting_visit(session, frontdesk)


def _later(session: Session) -> datetime.time:
    """A time of today's session that is not over."""
    return openings(session, taken(session))[-1].slot.starts


@pytest.mark.parametrize("days", [-1, 400])
def test_days_gone_by_and_far_away_offer_nothing_and_make_nothing(days, session):
    day = TOMORROW + datetime.timedelta(days=days - 1)
    WeeklyScheduleFactory(clinician=session.clinician, weekday=day.weekday(), period="night")

    assert choices(day, only=session.clinician) == choices(day) == []
    assert Session.objects.count() == 1


def test_the_doctor_of_last_time_stands_first_R104(session, other_session, frontdesk):
    first = choices(session.date, first=other_session.clinician_id)

    assert [one.session for one in first] == [other_session, session]
