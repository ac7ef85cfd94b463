"""The pages of a doctor away, and of another time (R-99, R-100, R-141)."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registration.models import Registration, Session, StoppedContact
from registration.stopping import people_left, stop_session
from security.models import AuditEntry
from tests.factories.patients import PatientFactory
from tests.factories.registration import (
    ClinicianFactory,
    WeeklyScheduleFactory,
    booked_visit,
    online_booking,
    open_session,
    waiting_visit,
)
from tests.helpers import post_ok

TOMORROW = timezone.localdate() + datetime.timedelta(days=1)
HOURS = {"starts": datetime.time(8), "ends": datetime.time(10), "slot_minutes": 60}
EIGHT, NINE = datetime.time(8), datetime.time(9)


@pytest.fixture
def tomorrow(doctor) -> Session:
    return open_session(doctor, date=TOMORROW, **HOURS)


@pytest.fixture
def number(tomorrow, frontdesk):
    return booked_visit(tomorrow, frontdesk, slot=EIGHT)


@pytest.fixture
def booking(tomorrow):
    return online_booking(tomorrow, NINE)


@pytest.fixture
def stopped(tomorrow, number, booking, frontdesk) -> Session:
    return stop_session(session=tomorrow, reason="ill", by=frontdesk)


@pytest.fixture
def desk(frontdesk, as_):
    return as_(frontdesk)


def test_stopping_leads_to_the_list_and_can_be_undone_at_once(tomorrow, number, desk):
    typed = {"clinician": tomorrow.clinician_id, "since": TOMORROW, "until": TOMORROW}

    page = desk.post("/registration/away/", {**typed, "reason": "leave"}, follow=True)
    assert page.redirect_chain[-1][0] == "/registration/stopped/"
    undo = f"/registration/stopped/{tomorrow.pk}/reopen/"
    assert f'action="{undo}"' in page.content.decode()
    post_ok(desk, undo)

    assert Session.objects.get().open


def test_a_stop_without_a_reason_is_shown_again_with_what_was_typed(tomorrow, desk):
    typed = {"clinician": tomorrow.clinician_id, "since": TOMORROW, "until": TOMORROW}

    form = desk.post("/registration/away/", typed).context["form"]

    assert list(form.errors) == ["reason"]
    assert form["since"].value() == f"{TOMORROW}"


def test_the_desk_counts_who_is_left_until_nobody_is(stopped, number, booking, desk):
    assert "/registration/stopped/" in desk.get("/registration/").content.decode()

    for who in (f"visit:{number.pk}", f"booking:{booking.pk}"):
        post_ok(desk, "/registration/stopped/act/", {"who": who, "do": "cancel"})

    assert people_left() == 0
    assert "/registration/stopped/" not in desk.get("/registration/").content.decode()


def test_phones_are_masked_until_somebody_asks_and_that_is_recorded_R141(
    stopped, number, booking, desk
):
    phones = [number.patient.phone, booking.phone]
    page = desk.get("/registration/stopped/").content.decode()
    assert not [phone for phone in phones if phone in page]

    page = desk.post("/registration/stopped/phones/").content.decode()

    assert all(phone in page for phone in phones)
    entries = AuditEntry.objects.filter(event="read", screen="stopped_phones")
    assert {entry.subject for entry in entries} == {number.patient_id, None}
    assert all("phone" in entry.additional_data["fields"] for entry in entries)


def test_tries_are_noted_from_the_list(stopped, number, booking, desk, frontdesk):
    for who, do in [(f"visit:{number.pk}", "missed"), (f"booking:{booking.pk}", "message")]:
        post_ok(desk, "/registration/stopped/act/", {"who": who, "do": do})

    told = StoppedContact.objects.values_list("registration", "booking", "outcome", "made_by")
    assert list(told) == [
        (number.pk, None, "missed", frontdesk.pk),
        (None, booking.pk, "message", frontdesk.pk),
    ]


@pytest.mark.parametrize("who", ["", "visit:x", "visit:", "nobody:1", "booking:%00"])
def test_nobody_is_nobody(who, desk):
    assert desk.post("/registration/stopped/act/", {"who": who, "do": "cancel"}).status_code == 404


def test_everybody_is_handed_over_with_one_press(stopped, other_doctor, desk):
    other = ClinicianFactory(user=other_doctor)

    post_ok(desk, f"/registration/stopped/{stopped.pk}/hand-over/", {"clinician": other.pk})

    assert people_left() == 0
    assert Session.objects.get(clinician=other).registrations.count() == 1


def test_who_is_ticked_is_handed_over_alone(stopped, booking, other_doctor, desk):
    other = ClinicianFactory(user=other_doctor)
    wanted = {"clinician": other.pk, "only": [booking.pk, "x"]}

    post_ok(desk, f"/registration/stopped/{stopped.pk}/hand-over/", wanted)

    booking.refresh_from_db()
    assert (booking.session.clinician, people_left()) == (other, 1)


def test_without_a_doctor_nobody_is_handed_over(stopped, desk):
    desk.post(f"/registration/stopped/{stopped.pk}/hand-over/", {"clinician": "x"})

    assert people_left() == 2


# -- another time --


def test_a_time_of_another_day_is_booked_at_the_desk(tomorrow, desk):
    patient = PatientFactory()
    url = f"/registration/new/{patient.pk}/later/?day={TOMORROW}"
    assert desk.get(url).content.decode().count("btn-primary") == 1

    answer = post_ok(desk, url, {"place": f"{tomorrow.pk}@09:00"})

    visit = Registration.objects.get()
    assert (visit.slot, visit.state, visit.day) == (NINE, "booked", TOMORROW)
    slip = desk.get(answer["Location"]).content.decode()
    assert "09:00" in slip and f"{TOMORROW}" in slip


def test_a_full_time_stays_visible_and_can_be_added_to(doctor, frontdesk, desk):
    session = open_session(doctor, date=TOMORROW, quota=1, **{**HOURS, "slot_minutes": 120})
    booked_visit(session, frontdesk, slot=EIGHT)
    url = f"/registration/new/{PatientFactory().pk}/later/?day={TOMORROW}"
    place = {"place": f"{session.pk}@08:00"}

    page = desk.post(url, place)
    assert page.status_code == 200 and page.context["form"].errors
    post_ok(desk, url, {**place, "added": "on"})

    assert Registration.objects.filter(added=True, registered_by=frontdesk).count() == 1


def test_a_doctor_books_the_next_visit_in_their_own_sessions_only_R104(
    tomorrow, other_doctor, doctor, as_
):
    other = open_session(other_doctor, date=TOMORROW, **HOURS)
    url = f"/registration/new/{PatientFactory().pk}/later/?day={TOMORROW}"
    client = as_(doctor)

    assert client.post(url, {"place": f"{other.pk}@08:00"}).context["form"].errors
    post_ok(client, url, {"place": f"{tomorrow.pk}@08:00"})

    assert Registration.objects.get().registered_by == doctor


def test_the_day_begins_with_the_next_one_of_the_doctor_of_last_time(doctor, desk):
    clinician = ClinicianFactory(user=doctor)
    WeeklyScheduleFactory(clinician=clinician, weekday=TOMORROW.weekday())

    page = desk.get(f"/registration/new/{PatientFactory().pk}/later/")

    assert page.context["day"] == TOMORROW


def test_somebody_of_a_stopped_session_is_moved_from_the_list(
    stopped, number, booking, other_doctor, desk
):
    other = open_session(other_doctor, date=TOMORROW, **HOURS)
    place = {"place": f"{other.pk}@09:00"}

    post_ok(desk, f"/registration/{number.pk}/rebook/?day={TOMORROW}", place)
    answer = post_ok(desk, f"/registration/bookings/{booking.pk}/rebook/?day={TOMORROW}", place)

    assert answer["Location"] == "/registration/stopped/"
    assert people_left() == 0
    assert other.registrations.count() == other.bookings.count() == 1


# -- the desk --


def test_when_all_numbers_are_taken_one_can_be_added_R99(doctor, frontdesk, desk):
    session = open_session(doctor, quota=1)
    url = f"/registration/new/{PatientFactory().pk}/"
    assert "added" not in desk.get(url).context["form"].fields
    waiting_visit(session, frontdesk)

    assert desk.post(url, {"session": session.pk}).context["form"].errors["session"]
    post_ok(desk, url, {"session": session.pk, "added": "on"})

    page = desk.get("/registration/")
    assert [row.visit.added for row in page.context["today"].rows].count(True) == 1


def test_a_doctors_own_number_gets_its_slip_at_check_in(session, doctor, desk, as_):
    url = f"/registration/new/{PatientFactory().pk}/later/?day={session.date}"
    post_ok(as_(doctor), url, {"place": f"{session.pk}@"})
    visit = Registration.objects.get()

    answer = post_ok(desk, f"/registration/{visit.pk}/check-in/")

    assert answer["Location"] == f"/registration/{visit.pk}/slip/?print=1"


# -- as many queries for many rows as for one --


def queries(client, url: str) -> int:
    client.get(url)  # what is noted once is noted
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(found)


@pytest.mark.parametrize(
    "url",
    [
        "/registration/stopped/",
        "/registration/bookings/",
        "/registration/",
        f"/registration/schedule/?week={TOMORROW}",
        "/registration/schedule/usual/",
        "/registration/schedule/holidays/",
        "/registration/paper/",
        "/registration/paper/entry/",
    ],
)
def test_pages_ask_the_database_as_often_for_many_rows(
    url, stopped, session, doctor, other_doctor, frontdesk, desk
):
    online_booking(session, NINE)
    before = queries(desk, url)

    more = open_session(other_doctor, date=TOMORROW, quota=50, **HOURS)
    for _ in range(6):
        booked_visit(more, frontdesk, slot=EIGHT)
        online_booking(more, NINE)
        online_booking(session, NINE)
    WeeklyScheduleFactory(clinician=more.clinician, weekday=(TOMORROW.weekday() + 1) % 7)
    stop_session(session=more, reason="ill", by=frontdesk)

    assert queries(desk, url) == before


def test_choosing_a_time_asks_as_often_for_many_sessions(tomorrow, other_doctor, frontdesk, desk):
    url = f"/registration/new/{PatientFactory().pk}/later/?day={TOMORROW}"
    before = queries(desk, url)

    for period in ("am", "pm", "night"):
        session = open_session(other_doctor, date=TOMORROW, period=period, **HOURS)
        booked_visit(session, frontdesk, slot=EIGHT)

    assert queries(desk, url) == before
