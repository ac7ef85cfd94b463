"""A doctor away: stopping, telling, moving, handing over, and coming after all (R-100)."""

import datetime

import pytest
from django.utils import timezone

from clinic.core.errors import RuleBroken
from registration.bookings_desk import drop_booking
from registration.models import Registration, Session, StoppedContact
from registration.moving import hand_over, move_booking, move_visit
from registration.queue import call_next
from registration.quota import places_taken
from registration.states import BookingState, VisitState
from registration.stopping import (
    cancel_stopped,
    people_left,
    record_contact,
    reopen,
    stop_days,
    stop_session,
    stopped_ahead,
)
from tests.factories.registration import (
    ClinicianFactory,
    WeeklyScheduleFactory,
    booked_visit,
    finished_record,
    online_booking,
    open_session,
    waiting_visit,
)

TODAY = timezone.localdate()
TOMORROW = TODAY + datetime.timedelta(days=1)
EIGHT, NINE = datetime.time(8), datetime.time(9)
HOURS = {"starts": EIGHT, "ends": datetime.time(10), "slot_minutes": 60, "quota": 4}


@pytest.fixture
def tomorrow(doctor) -> Session:
    return open_session(doctor, date=TOMORROW, **HOURS)


@pytest.fixture
def other_tomorrow(other_doctor) -> Session:
    return open_session(other_doctor, date=TOMORROW, **HOURS)


@pytest.fixture
def number(tomorrow, frontdesk) -> Registration:
    return booked_visit(tomorrow, frontdesk, slot=EIGHT)


@pytest.fixture
def booking(tomorrow):
    return online_booking(tomorrow, NINE)


@pytest.fixture
def stopped(tomorrow, number, booking, frontdesk) -> Session:
    return stop_session(session=tomorrow, reason="ill", by=frontdesk)


def outcomes() -> list[str]:
    return list(StoppedContact.objects.values_list("outcome", flat=True))


# -- stopping --


def test_a_span_of_days_is_stopped_for_this_doctor_with_who_when_and_why(
    doctor, other_doctor, frontdesk
):
    clinician = ClinicianFactory(user=doctor)
    for weekday in range(7):
        WeeklyScheduleFactory(clinician=clinician, weekday=weekday, starts=EIGHT, ends=NINE)
    open_session(other_doctor, date=TOMORROW)

    sessions = stop_days(
        clinician=clinician,
        since=TOMORROW,
        until=TOMORROW + datetime.timedelta(days=2),
        reason="leave",
        by=frontdesk,
    )

    assert [session.date.day for session in sessions] == [
        (TOMORROW + datetime.timedelta(days=n)).day for n in range(3)
    ]
    assert {(s.open, s.stopped_by, s.stop_reason) for s in sessions} == {
        (False, frontdesk, "leave")
    }
    assert Session.objects.filter(open=True).count() == 1


def test_one_part_of_the_day_can_be_stopped_alone(tomorrow, doctor, frontdesk):
    afternoon = open_session(doctor, date=TOMORROW, period="pm")

    stopped = stop_days(
        clinician=tomorrow.clinician,
        since=TOMORROW,
        until=TOMORROW,
        period="pm",
        reason="duty",
        by=frontdesk,
    )

    assert stopped == [afternoon]


@pytest.mark.parametrize("since, until", [(-1, 1), (2, 1), (1, 40), (5, 6)])
def test_days_that_make_no_sense_stop_nothing(tomorrow, frontdesk, since, until):
    days = [TODAY + datetime.timedelta(days=n) for n in (since, until)]

    with pytest.raises(RuleBroken):
        stop_days(
            clinician=tomorrow.clinician,
            since=days[0],
            until=days[1],
            reason="ill",
            by=frontdesk,
        )

    assert Session.objects.get().open


# -- the list --


def test_everybody_who_holds_a_place_stands_on_the_list(stopped, number, booking):
    (group,) = stopped_ahead()

    assert [person.promise.row for person in group.people] == [number, booking]
    assert people_left() == 2


def test_whoever_was_seen_already_needs_no_word(session, frontdesk):
    finished_record(session, frontdesk)
    waiting = waiting_visit(session, frontdesk)

    stop_session(session=session, reason="ill", by=frontdesk)

    (group,) = stopped_ahead()
    assert [person.promise.row for person in group.people] == [waiting]
    assert group.people[0].promise.is_here


def test_each_try_is_a_row_with_who_and_how(stopped, number, booking, frontdesk, nurse):
    record_contact(registration=number, outcome="missed", by=frontdesk)
    record_contact(registration=number, outcome="reached", by=nurse)
    record_contact(booking=booking, outcome="message", by=nurse)

    (group,) = stopped_ahead()
    first, second = group.people
    assert [(t.outcome, t.made_by) for t in first.tries] == [
        ("missed", frontdesk),
        ("reached", nurse),
    ]
    assert [t.outcome for t in second.tries] == ["message"]
    assert people_left() == 2  # told, but where they go is still open


def test_a_try_has_one_of_four_outcomes_and_a_stopped_session(stopped, number, frontdesk, session):
    for who, outcome in [(number, "rebooked"), (waiting_visit_of(session, frontdesk), "reached")]:
        with pytest.raises(RuleBroken):
            record_contact(registration=who, outcome=outcome, by=frontdesk)

    assert outcomes() == []


def waiting_visit_of(session, by):
    return waiting_visit(session, by)


def test_giving_back_empties_the_list_and_frees_the_places_R102(
    stopped, number, booking, frontdesk
):
    cancel_stopped(registration=number, by=frontdesk)
    cancel_stopped(booking=booking, by=frontdesk)

    number.refresh_from_db()
    booking.refresh_from_db()
    assert (number.state, number.cancel_reason) == (VisitState.CANCELLED, "stopped")
    assert (booking.state, booking.live_key) == (BookingState.CANCELLED, None)
    assert (people_left(), places_taken(stopped)) == (0, 0)
    assert outcomes() == ["cancelled", "cancelled"]


# -- another time --


def test_a_number_is_moved_to_another_doctor_and_never_used_again(
    stopped, number, other_tomorrow, frontdesk
):
    moved = move_visit(registration=number, session=other_tomorrow, slot=NINE, by=frontdesk)

    number.refresh_from_db()
    assert (moved.slot, moved.state, moved.patient) == (NINE, VisitState.BOOKED, number.patient)
    assert moved.number != number.number and moved.number[0] == other_tomorrow.clinician.letter
    assert (number.state, number.cancel_reason) == (VisitState.CANCELLED, "stopped")
    assert (moved.slip_prints, outcomes()) == (0, ["rebooked"])


def test_whoever_waits_keeps_their_time_of_check_in(session, other_session, frontdesk):
    waiting = waiting_visit(session, frontdesk)
    stop_session(session=session, reason="ill", by=frontdesk)

    moved = move_visit(registration=waiting, session=other_session, by=frontdesk)

    waiting.refresh_from_db()
    assert moved.state == VisitState.WAITING
    assert moved.checked_in_at == waiting.checked_in_at
    assert moved.slip_prints == 1


def test_a_booking_is_moved_and_its_code_stays(stopped, booking, other_tomorrow, frontdesk):
    code = booking.code

    moved = move_booking(booking=booking, session=other_tomorrow, slot=EIGHT, by=frontdesk)

    assert (moved.session, moved.slot, moved.code) == (other_tomorrow, EIGHT, code)
    assert moved.live_key.startswith(f"{other_tomorrow.pk}/")
    assert (places_taken(stopped), places_taken(other_tomorrow)) == (1, 1)
    assert outcomes() == ["rebooked"]


def test_another_time_of_the_same_session_keeps_the_number(tomorrow, number, frontdesk):
    moved = move_visit(registration=number, session=tomorrow, slot=NINE, by=frontdesk)

    assert (moved.pk, moved.number, moved.slot) == (number.pk, number.number, NINE)
    assert outcomes() == []


@pytest.mark.parametrize("who", ["number", "booking"])
def test_a_full_time_is_refused_and_nothing_is_moved(
    who, stopped, number, booking, other_tomorrow, frontdesk
):
    for _ in range(2):
        booked_visit(other_tomorrow, frontdesk, slot=EIGHT)

    with pytest.raises(RuleBroken):
        move(who, number, booking, other_tomorrow, frontdesk)

    number.refresh_from_db()
    assert number.state == VisitState.BOOKED and people_left() == 2
    move(who, number, booking, other_tomorrow, frontdesk, added=True)
    assert people_left() == 1


def move(who, number, booking, session, by, **more):
    verb, owner = (
        (move_visit, {"registration": number})
        if who == "number"
        else (move_booking, {"booking": booking})
    )
    return verb(**owner, session=session, slot=EIGHT, by=by, **more)


def test_who_holds_a_number_there_already_is_not_moved_R102(
    stopped, number, other_tomorrow, frontdesk
):
    booked_visit(other_tomorrow, frontdesk, number.patient, slot=NINE)

    with pytest.raises(RuleBroken):
        move_visit(registration=number, session=other_tomorrow, slot=EIGHT, by=frontdesk)


# -- another doctor at the same hours --


def test_handing_over_keeps_numbers_and_times_for_everybody(
    stopped, number, booking, other_tomorrow, frontdesk
):
    report = hand_over(session=stopped, clinician=other_tomorrow.clinician, by=frontdesk)

    number.refresh_from_db()
    booking.refresh_from_db()
    assert (number.session, number.slot) == (other_tomorrow, EIGHT)
    assert (booking.session, booking.slot) == (other_tomorrow, NINE)
    assert number.number[0] == stopped.clinician.letter  # the slip in the hand stays true
    assert (report.moved, people_left()) == (2, 0)
    assert outcomes() == ["handed", "handed"]


def test_one_person_can_be_handed_over_alone(stopped, number, booking, other_tomorrow, frontdesk):
    other = other_tomorrow.clinician

    report = hand_over(session=stopped, clinician=other, only=[number.pk], by=frontdesk)

    number.refresh_from_db()
    assert (report.moved, number.session, people_left()) == (1, other_tomorrow, 1)


def test_a_doctor_without_a_session_then_gets_one_like_it(stopped, number, other_doctor, frontdesk):
    other = ClinicianFactory(user=other_doctor)

    made = hand_over(session=stopped, clinician=other, by=frontdesk).session

    assert (made.clinician, made.starts, made.room, made.by_hand) == (
        other,
        stopped.starts,
        stopped.room,
        True,
    )


def test_the_quota_grows_so_that_nobody_loses_their_place(
    stopped, number, booking, other_tomorrow, frontdesk
):
    for slot in (EIGHT, EIGHT, NINE, NINE):
        booked_visit(other_tomorrow, frontdesk, slot=slot)

    hand_over(session=stopped, clinician=other_tomorrow.clinician, by=frontdesk)

    other_tomorrow.refresh_from_db()
    assert other_tomorrow.quota == places_taken(other_tomorrow) == 6


def test_a_handed_over_patient_is_called_by_the_other_doctor(
    session, other_session, frontdesk, other_doctor
):
    waiting = waiting_visit(session, frontdesk)
    stop_session(session=session, reason="ill", by=frontdesk)

    hand_over(session=session, clinician=other_session.clinician, by=frontdesk)

    assert call_next(clinician=other_session.clinician, by=other_doctor) == waiting


def test_who_has_a_place_with_the_other_doctor_stays_on_the_list(
    stopped, number, booking, other_tomorrow, frontdesk
):
    booked_visit(other_tomorrow, frontdesk, number.patient, slot=NINE)

    report = hand_over(session=stopped, clinician=other_tomorrow.clinician, by=frontdesk)

    assert [one.row for one in report.left] == [number]
    assert (report.moved, people_left()) == (1, 1)


def test_a_doctor_who_is_away_too_takes_nobody_over(stopped, other_tomorrow, frontdesk):
    stop_session(session=other_tomorrow, reason="leave", by=frontdesk)

    for clinician in (other_tomorrow.clinician, stopped.clinician):
        with pytest.raises(RuleBroken):
            hand_over(session=stopped, clinician=clinician, by=frontdesk)


# -- after all --


def test_a_stop_is_undone_before_anything_happened(stopped, frontdesk):
    opened = reopen(session=stopped, by=frontdesk)

    assert (opened.open, opened.stopped_at, opened.stop_reason) == (True, None, "")


@pytest.mark.parametrize("what", ["told", "moved", "cancelled online"])
def test_afterwards_it_is_opened_again_only_knowingly(
    what, stopped, number, booking, other_tomorrow, frontdesk
):
    if what == "told":
        record_contact(registration=number, outcome="reached", by=frontdesk)
    elif what == "moved":
        move_visit(registration=number, session=other_tomorrow, slot=NINE, by=frontdesk)
    else:
        drop_booking(booking=booking, by=frontdesk)

    with pytest.raises(RuleBroken):
        reopen(session=stopped, by=frontdesk)

    assert reopen(session=stopped, knowingly=True, by=frontdesk).open
