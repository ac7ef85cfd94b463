"""The week at a glance, edited in place; the lists behind it (R-99)."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from registration.models import Clinician, Department, Holiday, Icd10Code, Room, Session
from tests.factories.registration import (
    ClinicianFactory,
    WeeklyScheduleFactory,
    booked_visit,
    online_booking,
    open_session,
)
from tests.helpers import post_ok

TODAY = timezone.localdate()
MONDAY = TODAY - datetime.timedelta(days=TODAY.weekday()) + datetime.timedelta(days=7)
URL = "/registration/schedule/"
HOURS = {"starts": "08:00", "ends": "12:00", "room": "", "quota": 20}
HOURS |= {"online_quota": 8, "slot_minutes": 20}


@pytest.fixture
def clinician(doctor):
    return ClinicianFactory(user=doctor)


@pytest.fixture
def plan(clinician):
    return WeeklyScheduleFactory(
        clinician=clinician,
        weekday=2,
        quota=17,
        starts=datetime.time(8),
        ends=datetime.time(12),
    )


@pytest.fixture
def wednesday(clinician) -> Session:
    hours = {"starts": datetime.time(8), "ends": datetime.time(12)}
    return open_session(clinician.user, date=MONDAY + datetime.timedelta(days=2), **hours)


@pytest.fixture
def desk(frontdesk, as_):
    return as_(frontdesk)


def cell_url(clinician, day=MONDAY, period="am") -> str:
    return f"{URL}cell/?clinician={clinician.pk}&day={day}&period={period}"


def test_the_week_shows_who_when_and_how_many(plan, desk):
    page = desk.get(f"{URL}?week={MONDAY}")

    (row,) = page.context["week"].rows
    assert [len(cell.parts) for cell in row.cells] == [0, 0, 1, 0, 0, 0, 0]
    assert "0/17" in page.content.decode()


def test_what_is_out_of_use_is_not_shown(plan, desk):
    plan.active = False
    plan.save()

    (row,) = desk.get(f"{URL}?week={MONDAY}").context["week"].rows

    assert not any(cell.parts for cell in row.cells)


@pytest.mark.parametrize("typed", ["", "2026-13-45", "0001-01-01", "9999-12-31", "x"])
def test_a_week_that_is_none_shows_one_all_the_same(typed, plan, desk):
    assert desk.get(URL, {"week": typed}).status_code == 200


def test_rooms_can_stand_in_the_rows(plan, desk):
    page = desk.get(f"{URL}?week={MONDAY}&by=room")

    assert [row.owner for row in page.context["week"].rows] == [plan.clinician.room]


def test_whoever_may_not_change_the_week_is_offered_nothing(plan, doctor, as_):
    page = as_(doctor).get(f"{URL}?week={MONDAY}").content.decode()

    assert "/cell/" not in page and "/copy/" not in page


def test_one_date_is_written_in_its_cell(plan, clinician, desk):
    opened = desk.get(cell_url(clinician)).content.decode()
    assert opened.count("btn-primary") == 1

    answer = post_ok(desk, cell_url(clinician), HOURS)

    session = Session.objects.get()
    assert (session.date, session.quota, session.online_quota) == (MONDAY, 20, 8)
    assert answer["Location"] == f"{URL}?week={MONDAY}#d{clinician.pk}"


def test_a_refusal_keeps_the_cell_open_and_asks_whether_people_are_told(
    wednesday, clinician, frontdesk, desk
):
    visit = booked_visit(wednesday, frontdesk, slot=datetime.time(11, 30))
    url, typed = cell_url(clinician, wednesday.date), {**HOURS, "ends": "11:00"}

    page = desk.post(url, typed)
    assert visit.patient.name in page.content.decode()
    assert page.context["cell"]["form"].asks_knowing
    post_ok(desk, url, {**typed, "knowingly": "on"})

    visit.refresh_from_db()
    assert visit.slot == datetime.time(10, 40)


@pytest.mark.parametrize("query", ["", "?clinician=x&day=2026-11-30&period=am", "?day=1&period=zz"])
def test_a_cell_that_is_none_is_not_found(query, desk, clinician):
    assert desk.get(f"{URL}cell/{query}").status_code == 404
    assert desk.get(f"{URL}cell/?clinician={clinician.pk}&day={MONDAY}&period=x").status_code == 404


def test_the_usual_week_is_written_in_place_and_says_what_kept_its_hours(
    plan, wednesday, clinician, desk
):
    online_booking(wednesday, datetime.time(8))
    url = f"{URL}usual/?clinician={clinician.pk}&weekday=2&period=am"
    assert desk.get(url).content.decode().count("btn-primary") == 1

    page = desk.post(url, {**HOURS, "active": "on"}, follow=True)

    plan.refresh_from_db()
    assert (plan.quota, plan.slot_minutes) == (20, 20)
    assert f"{wednesday.date:%m-%d}" in page.content.decode()
    assert desk.get(f"{URL}?week={MONDAY}").context["week"].differing


def test_a_session_that_differs_is_changed_or_left_from_the_week(plan, wednesday, desk):
    online_booking(wednesday, datetime.time(8))
    page = desk.get(f"{URL}?week={MONDAY}").content.decode()
    url = reverse("session_align", args=[wednesday.pk])
    assert url in page

    post_ok(desk, url, {"do": "keep"})
    assert url not in desk.get(f"{URL}?week={MONDAY}").content.decode()
    post_ok(desk, url)

    wednesday.refresh_from_db()
    assert (wednesday.quota, wednesday.by_hand) == (17, False)


def test_copying_says_what_was_left_out(wednesday, clinician, desk):
    next_one = open_session(clinician.user, date=wednesday.date + datetime.timedelta(days=7))
    online_booking(next_one, datetime.time(9))

    page = desk.post(f"{URL}copy/", {"week": MONDAY}, follow=True).content.decode()

    assert f"{next_one.date:%m-%d} {next_one.get_period_display()}" in page


def test_public_holidays_are_written_and_taken_back_never_deleted(plan, wednesday, desk):
    url = f"{URL}holidays/"
    post_ok(desk, url, {"date": wednesday.date, "name": "元旦", "as_weekday": ""})
    assert not Session.objects.get().open

    post_ok(desk, f"{url}{Holiday.objects.get().pk}/drop/")

    assert Session.objects.get().open
    assert "元旦" in desk.get(url).content.decode()


def test_the_administrator_keeps_the_week_but_sees_no_patient(plan, administrator, as_):
    client = as_(administrator)

    assert "stopped/" not in client.get(f"{URL}?week={MONDAY}").content.decode()
    assert client.get("/registration/stopped/").status_code == 403


def test_the_week_can_not_be_changed_behind_its_rules(administrator, as_):
    client = as_(administrator)

    assert client.get("/admin/registration/weeklyschedule/").status_code == 404


@pytest.mark.parametrize("model", [Department, Room, Clinician, Icd10Code])
def test_the_administrator_keeps_the_lists_and_deletes_nothing(
    plan, bronchitis, administrator, as_, model
):
    client, name = as_(administrator), model._meta.model_name
    row = model.objects.first()

    for view in ("changelist", "add"):
        assert client.get(reverse(f"admin:registration_{name}_{view}")).status_code == 200
    assert (
        client.get(reverse(f"admin:registration_{name}_change", args=[row.pk])).status_code == 200
    )
    gone = client.post(reverse(f"admin:registration_{name}_delete", args=[row.pk]), {"post": "yes"})
    assert gone.status_code == 403 and model.objects.filter(pk=row.pk).exists()
