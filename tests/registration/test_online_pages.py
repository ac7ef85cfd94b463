"""The public pages of booking: a phone's steps, nothing personal left behind (R-99, R-102)."""

import datetime
import logging
import re

import pytest
from django.contrib.sessions.models import Session as BrowserSession
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from installer.setup.listeners import PUBLIC_PREFIXES, PUBLIC_STATIC
from registration import challenge
from registration.models import Booking, Department, Session
from registration.online_limits import WRONG_OF_ADDRESS
from registration.states import BookingState
from registration.stopping import stop_session
from security.access import mark_of
from tests.factories.online import (
    NINE,
    TOMORROW,
    book,
    book_by_page,
    code_on,
    filled,
    online_session,
    somebody_online,
)
from tests.factories.patients import PatientFactory
from tests.factories.registration import ClinicianFactory, booked_visit
from tests.helpers import SecureClient

pytestmark = pytest.mark.django_db
BUDGET = 24


@pytest.fixture
def tomorrow(doctor):
    return online_session(doctor)


@pytest.fixture
def phone():
    """A browser that nobody is signed in at, with the check of our own forms."""
    return SecureClient(headers={"accept-language": "en"})


def mine(client, booking, name="booking_mine", **fields):
    known = {"code": booking.code, "last4": booking.phone[-4:], **fields}
    return client.post(reverse(name), known)


def test_department_doctor_time_person_code(phone, tomorrow, other_doctor):
    eyes = ClinicianFactory(user=other_doctor, department=Department.objects.create(name="眼科"))
    online_session(other_doctor)
    person = somebody_online()

    first = phone.get(reverse("booking")).content.decode()
    doctors = phone.get(reverse("booking_doctors", args=[tomorrow.clinician.department_id]))
    times = phone.get(reverse("booking_times", args=[tomorrow.pk])).content.decode()
    made = book_by_page(phone, tomorrow, person)

    assert reverse("booking_doctors", args=[eyes.department_id]) in first
    assert reverse("booking_times", args=[tomorrow.pk]) in doctors.content.decode()
    assert reverse("booking_person", args=[tomorrow.pk]) in times
    assert made.status_code == 200
    assert code_on(made.content.decode()) == Booking.objects.get().code


def test_with_one_department_the_doctors_come_first(phone, tomorrow):
    page = phone.get(reverse("booking")).content.decode()

    assert reverse("booking_times", args=[tomorrow.pk]) in page


def test_full_times_stay_in_sight_and_can_not_be_chosen(phone, tomorrow):
    for _n in range(2):
        book(tomorrow)

    page = phone.get(reverse("booking_times", args=[tomorrow.pk])).content.decode()

    assert re.search(r'value="08:00"[^>]* disabled', page)
    assert not re.search(r'value="09:00"[^>]* disabled', page)


def test_what_was_typed_stays_when_the_time_is_gone(phone, tomorrow):
    person = somebody_online()
    url = reverse("booking_person", args=[tomorrow.pk])
    form = filled(phone.get(f"{url}?time=08:00").content.decode(), person)
    for _n in range(2):
        book(tomorrow)

    page = phone.post(url, form).content.decode()

    for typed in (person.name, person.id_number, person.phone):
        assert f'value="{typed}"' in page
    assert "<option>09:00</option>" in page
    assert Booking.objects.count() == 2


def test_what_was_typed_stays_when_the_doctor_is_away_meanwhile(phone, tomorrow, frontdesk):
    url, person = reverse("booking_person", args=[tomorrow.pk]), somebody_online()
    form = filled(phone.get(f"{url}?time=08:00").content.decode(), person)
    stop_session(session=tomorrow, reason="ill", by=frontdesk)

    page = phone.post(url, form).content.decode()
    Session.objects.update(online_quota=0)
    inside = phone.post(url, form).content.decode()

    assert person.id_number in page and "message-error" in page
    assert tomorrow.clinician.user.full_name not in inside  # never offered to the world
    assert not Booking.objects.exists()


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", "1"),
        ("id_number", "320582196003160021"),
        ("id_number", "钱"),
        ("phone", "1390000"),
        ("answer", "99"),
        ("fax", "spam"),
        ("question", "forged"),
        ("question", ""),
        ("time", "08:07"),
        ("time", "now"),
        ("time", ""),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_booked(field, typed, phone, tomorrow):
    answer = book_by_page(phone, tomorrow, somebody_online(), **{field: typed})

    assert answer.status_code == 200
    assert not Booking.objects.exists()
    page = answer.content.decode()
    assert "field-error" in page or 'role="alert"' in page


def test_a_slip_in_the_number_is_told_without_a_choice_that_is_not_there(phone, tomorrow):
    wrong = {"id_number": "320582196003160021"}

    page = book_by_page(phone, tomorrow, somebody_online(), **wrong).content.decode()

    assert "The last character of the document number does not fit" in page
    assert "No document" not in page


def test_a_wrong_answer_brings_a_new_question_and_many_close_the_door(phone, tomorrow):
    url = reverse("booking_person", args=[tomorrow.pk])
    form = filled(phone.get(f"{url}?time=08:00").content.decode(), somebody_online())
    pages = [phone.post(url, {**form, "answer": "99"}) for _n in range(WRONG_OF_ADDRESS)]

    closed = phone.post(url, form).content.decode()

    page = pages[0].content.decode()
    assert f'value="{form["question"]}"' not in page
    assert challenge.read(re.search(r'name="question" value="([^"]+)"', page)[1]).words in page
    assert "half an hour" in closed
    assert not Booking.objects.exists()


def test_a_reload_shows_the_same_code(phone, tomorrow):
    url = reverse("booking_person", args=[tomorrow.pk])
    form = filled(phone.get(f"{url}?time=08:00").content.decode(), somebody_online())

    pages = [phone.post(url, form).content.decode() for _n in range(2)]

    assert code_on(pages[0]) == code_on(pages[1])
    assert Booking.objects.count() == 1


def test_the_page_for_a_patient_with_a_number_is_that_of_a_stranger(phone, doctor, frontdesk):
    session = online_session(doctor, quota=6, online_quota=4)
    patient = PatientFactory(birth_date=datetime.date(1990, 1, 1))
    booked_visit(session, frontdesk, patient, slot=NINE)
    known = {"id_number": patient.id_number, "phone": patient.phone, "name": patient.name}

    pages = [
        book_by_page(phone, session, person).content.decode()
        for person in (somebody_online(), somebody_online(**known))
    ]

    bare = [page.replace(code_on(page), "").replace(code_on(page)[:3], "") for page in pages]
    for n, page in enumerate(pages):
        spaced = re.search(r'class="code">([^<]+)<', page)[1]
        bare[n] = page.replace(spaced, "")
    assert bare[0] == bare[1]


def test_the_code_shows_changes_and_cancels(phone, tomorrow, doctor):
    booking = book(tomorrow)
    later = online_session(doctor, date=TOMORROW + datetime.timedelta(days=1))

    shown = mine(phone, booking).content.decode()
    times = mine(phone, booking, "booking_change").content.decode()
    changed = mine(phone, booking, "booking_change", choose="1", place=f"{later.pk}@09:00")
    booking.refresh_from_db()
    cancelled = mine(phone, booking, "booking_cancel").content.decode()

    assert code_on(shown) == booking.code
    assert f"{later.pk}@09:00" in times
    assert str(later.date) in changed.content.decode()
    assert (booking.session, booking.slot) == (later, NINE)
    booking.refresh_from_db()
    assert booking.state == BookingState.CANCELLED
    assert "cancelled" in cancelled
    assert "closed" in mine(phone, booking).content.decode()


@pytest.mark.parametrize("name", ["booking_mine", "booking_cancel", "booking_change"])
def test_without_the_phone_the_code_does_nothing(name, phone, tomorrow):
    booking = book(tomorrow)

    page = mine(phone, booking, name, last4="0000", choose="1").content.decode()

    booking.refresh_from_db()
    assert booking.state == BookingState.BOOKED
    assert str(tomorrow.date) not in page
    assert "field-error" in page


def test_nothing_personal_stands_in_addresses_sessions_or_logs(phone, tomorrow, caplog):
    caplog.set_level(logging.DEBUG)
    person = somebody_online()

    page = book_by_page(phone, tomorrow, person)
    booking = Booking.objects.get()
    shown = mine(phone, booking)

    secrets = (person.name, person.id_number, person.phone, booking.code)
    links = re.findall(r'(?:href|action)="([^"]+)"', (page.content + shown.content).decode())
    said = [record for record in caplog.records if not record.name.startswith("django.db")]
    left_behind = " ".join(links + [record.getMessage() for record in said])
    assert not [secret for secret in secrets if secret in left_behind]
    assert not BrowserSession.objects.exists()
    assert set(phone.cookies) <= {"__Host-clinic-csrf"}
    assert page["Cache-Control"] == "no-store"


def test_a_form_of_another_site_is_refused(tomorrow):
    strict = SecureClient(enforce_csrf_checks=True)
    url = reverse("booking_person", args=[tomorrow.pk])
    form = filled(strict.get(f"{url}?time=08:00").content.decode(), somebody_online())

    assert strict.post(url, form, headers={"origin": "https://evil.example"}).status_code == 403
    assert not Booking.objects.exists()


@pytest.mark.parametrize("name", ["booking", "booking_doctors", "booking_times", "booking_person"])
def test_a_page_asks_as_many_questions_with_many_doctors_and_bookings(
    name, phone, tomorrow, django_user_model, django_assert_num_queries
):
    values = {"booking_doctors": [tomorrow.clinician.department_id]}
    arguments = values.get(name, [tomorrow.pk] if name != "booking" else [])
    url = reverse(name, args=arguments) + "?time=08:00"
    phone.get(url)
    with CaptureQueriesContext(connection) as with_one:
        phone.get(url)
    for n in range(12):
        other = online_session(django_user_model.objects.create_user(f"many{n}", full_name="某"))
        book(other)

    with django_assert_num_queries(len(with_one)):
        assert phone.get(url).status_code == 200

    assert len(with_one) <= BUDGET


def test_what_the_world_can_reach_is_public_and_nothing_public_is_forgotten():
    """The prefixes of `--public-url`, and the marks of the pages below them."""
    below = [
        pattern
        for part in get_resolver().url_patterns
        if any(str(part.pattern) == prefix.strip("/") + "/" for prefix in PUBLIC_PREFIXES)
        for pattern in part.url_patterns
    ]

    assert len(below) >= 7
    assert [one.name for one in below if not mark_of(one.callback).public] == []


def test_the_pages_link_to_nothing_that_the_world_can_not_reach(phone, tomorrow, settings):
    booking = book(tomorrow)
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    person = reverse("booking_person", args=[tomorrow.pk]) + "?time=08:00"
    pages = [
        phone.get(url).content.decode()
        for url in (
            reverse("booking"),
            reverse("booking_times", args=[tomorrow.pk]),
            reverse("booking_times", args=[0]),
            reverse("booking_mine"),
            person,
        )
    ]
    pages += [mine(phone, booking).content.decode()]

    found = set(re.findall(r'(?:href|src|action)="(/[^"?]*)', "".join(pages)))

    files = {f"/static/{name}" for name in PUBLIC_STATIC}
    assert {one for one in found if not one.startswith(PUBLIC_PREFIXES)} == files


def test_the_question_is_asked_in_words_and_the_empty_field_is_for_programs(phone, tomorrow):
    url = reverse("booking_person", args=[tomorrow.pk]) + "?time=08:00"

    page = phone.get(url).content.decode()

    token = re.search(r'name="question" value="([^"]+)"', page)[1]
    assert challenge.read(token).words in page
    assert re.search(r'aria-hidden="true"><label for="id_fax"', page)


def test_whoever_comes_from_outside_is_led_back_to_booking_and_not_to_the_sign_in(phone):
    strict = SecureClient(enforce_csrf_checks=True)

    stale = strict.post(reverse("booking_mine"), {"code": "x"}).content.decode()
    nothing = phone.get("/booking/nothing/here/").content.decode()

    for page in (stale, nothing):
        assert 'href="/booking/"' in page
        assert 'href="/"' not in page


def test_a_time_that_is_full_leads_back_to_the_times(phone, tomorrow):
    for _n in range(2):
        book(tomorrow)

    page = phone.get(reverse("booking_person", args=[tomorrow.pk]) + "?time=08:00")

    assert 'role="alert"' in page.content.decode()
    assert 'name="id_number"' not in page.content.decode()
