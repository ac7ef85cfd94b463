"""Changing the week: one date, the usual week, holidays, copying; promises are kept (R-99)."""

import datetime

import pytest
from django.utils import timezone

from clinic.core.errors import RuleBroken
from registration.booking import cancel_visit
from registration.models import Holiday, Session, WeeklySchedule
from registration.planning import (
    Hours,
    PromisesOutside,
    change_session,
    copy_week,
    drop_holiday,
    follow_plan,
    keep_as_is,
    save_plan,
    set_holiday,
)
from registration.scheduling import sessions_on
from registration.stopping import stop_session
from registration.week import week
from tests.factories.registration import (
    ClinicianFactory,
    RoomFactory,
    SessionFactory,
    WeeklyScheduleFactory,
    booked_visit,
    online_booking,
)

MORNING = {"starts": datetime.time(8), "ends": datetime.time(12)}
TODAY = timezone.localdate()
MONDAY = TODAY - datetime.timedelta(days=TODAY.weekday()) + datetime.timedelta(days=7)
NEXT_MONDAY = MONDAY + datetime.timedelta(days=7)


def hours(**changes) -> Hours:
    usual = {**MORNING, "room": None, "quota": 30, "online_quota": 0, "slot_minutes": 30}
    return Hours(**{**usual, **changes})


@pytest.fixture
def clinician(doctor):
    return ClinicianFactory(user=doctor)


@pytest.fixture
def plan(clinician):
    return WeeklyScheduleFactory(clinician=clinician, weekday=0, **MORNING)


@pytest.fixture
def monday(plan) -> Session:
    """The session of the coming Monday, made from the plan."""
    (session,) = sessions_on(MONDAY)
    return session


@pytest.fixture
def held(monday, frontdesk):
    """Somebody to whom 11:30 of that session is promised."""
    return booked_visit(monday, frontdesk, slot=datetime.time(11, 30))


def plan_monday(clinician, frontdesk, *, active=True, **changes):
    return save_plan(
        clinician=clinician,
        weekday=0,
        period="am",
        hours=hours(**changes),
        active=active,
        by=frontdesk,
    )


def change_monday(clinician, frontdesk, *, knowingly=False, **changes) -> Session:
    return change_session(
        clinician=clinician,
        day=MONDAY,
        period="am",
        hours=hours(**changes),
        knowingly=knowingly,
        by=frontdesk,
    )


# -- the usual week --


def test_a_session_nobody_holds_a_place_of_follows_the_plan(monday, clinician, frontdesk):
    room = RoomFactory()

    followed = plan_monday(clinician, frontdesk, quota=20, online_quota=8, room=room)

    monday.refresh_from_db()
    assert (monday.quota, monday.online_quota, monday.room) == (20, 8, room)
    assert (followed.changed, followed.kept) == ([monday], [])


@pytest.mark.parametrize("how", ["number", "booking"])
def test_a_session_with_a_number_or_booking_keeps_its_hours_and_is_shown(
    how, monday, clinician, frontdesk
):
    time = datetime.time(11, 30)
    booked_visit(monday, frontdesk, slot=time) if how == "number" else online_booking(monday, time)

    followed = plan_monday(clinician, frontdesk, ends=datetime.time(11))

    monday.refresh_from_db()
    assert monday.ends == datetime.time(12)
    assert followed.kept == [monday]
    assert [part.session for part in week(MONDAY).differing] == [monday]


def test_a_cancelled_number_holds_nothing(held, monday, clinician, frontdesk):
    cancel_visit(registration=held, reason="left", by=frontdesk)

    followed = plan_monday(clinician, frontdesk, ends=datetime.time(11))

    assert followed.changed == [monday]


def test_a_part_put_out_of_use_takes_nobody_and_comes_back_with_the_plan(
    monday, clinician, frontdesk
):
    plan_monday(clinician, frontdesk, active=False)
    assert not Session.objects.get().open

    plan_monday(clinician, frontdesk)

    assert Session.objects.get().open


def test_an_exception_of_the_date_wins_over_the_plan_R99(monday, clinician, frontdesk):
    change_monday(clinician, frontdesk, quota=12)

    followed = plan_monday(clinician, frontdesk, quota=50)

    monday.refresh_from_db()
    assert (monday.quota, monday.by_hand) == (12, True)
    assert followed.changed == []


@pytest.mark.parametrize(
    "wrong, field",
    [({"ends": datetime.time(7)}, "ends"), ({"online_quota": 31}, "online_quota")],
)
def test_hours_and_shares_must_make_sense(clinician, frontdesk, wrong, field):
    with pytest.raises(RuleBroken) as refused:
        plan_monday(clinician, frontdesk, **wrong)

    assert refused.value.field == field
    assert not WeeklySchedule.objects.exists()


def test_a_doctors_new_room_holds_for_days_to_come(monday, clinician, administrator, as_):
    room, client = RoomFactory(), as_(administrator)
    url = f"/admin/registration/clinician/{clinician.pk}/change/"
    form = client.get(url).context["adminform"].form
    typed = {
        name: form[name].value() for name in form.fields if form[name].value() not in (None, False)
    }

    client.post(url, {**typed, "room": room.pk})

    monday.refresh_from_db()
    assert monday.room == room


# -- one date --


def test_a_date_without_a_plan_gets_a_session_of_its_own(clinician, frontdesk):
    session = change_monday(clinician, frontdesk)

    assert (session.date, session.by_hand, session.room) == (MONDAY, True, clinician.room)


def test_the_quota_never_falls_under_the_places_taken(held, monday, clinician, frontdesk):
    online_booking(monday, datetime.time(8))

    with pytest.raises(RuleBroken, match="2") as refused:
        change_monday(clinician, frontdesk, quota=1)

    assert refused.value.field == "quota"
    assert change_monday(clinician, frontdesk, quota=2).quota == 2


def test_promised_times_outside_the_new_hours_are_named_first(held, monday, clinician, frontdesk):
    with pytest.raises(PromisesOutside, match=held.patient.name) as refused:
        change_monday(clinician, frontdesk, ends=datetime.time(11))

    assert [one.visit for one in refused.value.people] == [held]
    assert Session.objects.get().ends == datetime.time(12)


def test_knowingly_they_get_the_nearest_time(held, monday, clinician, frontdesk):
    booking = online_booking(monday, datetime.time(8))

    change_monday(
        clinician, frontdesk, starts=datetime.time(9), ends=datetime.time(11), knowingly=True
    )

    held.refresh_from_db()
    booking.refresh_from_db()
    assert (booking.slot, held.slot) == (datetime.time(9), datetime.time(10, 30))


def test_a_day_gone_by_and_a_stopped_session_are_not_changed(monday, clinician, frontdesk):
    stop_session(session=monday, reason="ill", by=frontdesk)
    yesterday = TODAY - datetime.timedelta(days=1)

    for day in (yesterday, MONDAY):
        with pytest.raises(RuleBroken):
            change_session(clinician=clinician, day=day, period="am", hours=hours(), by=frontdesk)


def test_a_session_that_differs_can_be_changed_knowingly_or_left(
    held, monday, clinician, frontdesk
):
    plan_monday(clinician, frontdesk, ends=datetime.time(11))
    with pytest.raises(PromisesOutside):
        follow_plan(session=monday, by=frontdesk)

    keep_as_is(session=monday, by=frontdesk)
    assert week(MONDAY).differing == []
    follow_plan(session=monday, knowingly=True, by=frontdesk)

    monday.refresh_from_db()
    assert (monday.ends, monday.by_hand) == (datetime.time(11), False)


# -- public holidays --


def test_nothing_is_made_on_a_day_off_and_what_was_made_takes_nobody(monday, plan, frontdesk):
    set_holiday(date=MONDAY, name="国庆节", as_weekday=None, by=frontdesk)
    set_holiday(date=NEXT_MONDAY, name="国庆节", as_weekday=None, by=frontdesk)

    assert [session.open for session in sessions_on(MONDAY)] == [False]
    assert sessions_on(NEXT_MONDAY) == []


def test_a_moved_working_day_follows_another_weekday(plan, frontdesk):
    saturday = MONDAY + datetime.timedelta(days=5)

    set_holiday(date=saturday, name="国庆节调休", as_weekday=0, by=frontdesk)

    assert [session.starts for session in sessions_on(saturday)] == [plan.starts]


def test_numbers_given_on_a_day_off_are_kept_and_named(held, monday, plan, frontdesk):
    followed = set_holiday(date=MONDAY, name="国庆节", as_weekday=None, by=frontdesk)

    monday.refresh_from_db()
    assert monday.open and followed.kept == [monday]
    (part,) = week(MONDAY).differing
    assert part.plan is None


def test_a_holiday_taken_back_stays_as_a_row_and_the_day_is_usual(monday, plan, frontdesk):
    set_holiday(date=MONDAY, name="国庆节", as_weekday=None, by=frontdesk)

    drop_holiday(holiday=Holiday.objects.get(), by=frontdesk)

    assert [session.open for session in sessions_on(MONDAY)] == [True]
    assert not Holiday.objects.get().active
    set_holiday(date=MONDAY, name="国庆节", as_weekday=None, by=frontdesk)
    assert Holiday.objects.get().active


# -- copying a week --


def test_a_week_is_copied_with_its_exceptions(plan, clinician, frontdesk):
    change_monday(clinician, frontdesk, quota=7)
    SessionFactory(
        clinician=clinician, date=MONDAY + datetime.timedelta(days=2), period="pm", **MORNING
    )

    report = copy_week(monday=MONDAY, by=frontdesk)

    copied = {s.period: s for s in Session.objects.filter(date__gte=NEXT_MONDAY)}
    assert (copied["am"].quota, copied["am"].by_hand) == (7, True)
    assert copied["pm"].date == NEXT_MONDAY + datetime.timedelta(days=2)
    assert (len(report.made), report.skipped) == (2, [])


def test_what_is_the_same_already_is_counted_and_not_written(monday, frontdesk):
    report = copy_week(monday=MONDAY, by=frontdesk)

    assert (report.made, report.same) == ([], 1)
    assert not Session.objects.filter(date=NEXT_MONDAY).exists()


@pytest.mark.parametrize("why", ["numbers", "away", "holiday"])
def test_what_can_not_be_copied_is_named_with_the_reason(why, plan, clinician, frontdesk):
    change_monday(clinician, frontdesk, quota=7)
    if why == "holiday":
        set_holiday(date=NEXT_MONDAY, name="国庆节", as_weekday=None, by=frontdesk)
    else:
        (there,) = sessions_on(NEXT_MONDAY)
        if why == "away":
            stop_session(session=there, reason="leave", by=frontdesk)
        else:
            online_booking(there, datetime.time(9))

    report = copy_week(monday=MONDAY, by=frontdesk)

    ((words, reason),) = report.skipped
    assert clinician.user.full_name in words and reason
    assert not Session.objects.filter(date=NEXT_MONDAY, quota=7).exists()


def test_a_doctor_away_this_week_is_not_copied_as_away(monday, frontdesk):
    stop_session(session=monday, reason="ill", by=frontdesk)

    copy_week(monday=MONDAY, by=frontdesk)

    assert [session.open for session in sessions_on(NEXT_MONDAY)] == [True]


# -- the week itself --


def test_two_doctors_in_one_room_at_one_time_are_marked(plan, clinician, other_doctor):
    other = ClinicianFactory(user=other_doctor, room=clinician.room)
    WeeklyScheduleFactory(
        clinician=other, weekday=0, starts=datetime.time(11), ends=datetime.time(13)
    )

    rows = week(MONDAY, by_room=True).rows

    (parts,) = [row.cells[0].parts for row in rows if row.cells[0].parts]
    assert [part.shares_room for part in parts] == [True, True]


def test_looking_at_a_week_makes_no_session(plan):
    shown = week(MONDAY)

    assert shown.rows[0].cells[0].parts[0].session.quota == 30
    assert not Session.objects.exists()
