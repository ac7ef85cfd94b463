"""An online booking becomes a registration at check-in, counted once (R-102, R-103)."""

import datetime

import pytest
from django.utils import timezone

from clinic.core.errors import RuleBroken
from patients.models import Patient
from registration.bookings_desk import drop_booking, file_of, find_bookings, keep_booking
from registration.models import Registration
from registration.quota import places_taken, taken
from registration.states import BookingState, VisitState
from registration.stopping import stop_session
from security.models import AuditEntry
from tests.factories.patients import PatientFactory
from tests.factories.registration import online_booking, open_session, waiting_visit
from tests.helpers import post_ok

NINE = datetime.time(9)


@pytest.fixture
def patient(db):
    return PatientFactory(birth_date=datetime.date(1990, 3, 16))


@pytest.fixture
def booking(session, patient):
    return online_booking(session, NINE, patient)


@pytest.fixture
def desk(frontdesk, as_):
    return as_(frontdesk)


def test_it_waits_with_its_promised_time_and_its_place_is_counted_once(
    booking, patient, session, frontdesk
):
    visit = keep_booking(booking=booking, patient=patient, by=frontdesk)

    booking.refresh_from_db()
    assert (visit.state, visit.slot, visit.source) == (VisitState.WAITING, NINE, "online")
    assert visit.priority == Registration.Priority.BOOKED
    assert (booking.state, booking.registration, booking.live_key) == (
        BookingState.KEPT,
        visit,
        None,
    )
    assert (places_taken(session), taken(session).online) == (1, 1)


def test_it_is_kept_although_everybody_else_took_the_other_places(doctor, patient, frontdesk):
    session = open_session(doctor, quota=2)
    booking = online_booking(session, NINE, patient)
    waiting_visit(session, frontdesk)

    visit = keep_booking(booking=booking, patient=patient, by=frontdesk)

    assert not visit.added


def test_it_is_kept_once(booking, patient, frontdesk):
    keep_booking(booking=booking, patient=patient, by=frontdesk)

    with pytest.raises(RuleBroken):
        keep_booking(booking=booking, patient=patient, by=frontdesk)

    assert Registration.objects.count() == 1


@pytest.mark.parametrize("why", ["another file", "another day", "away", "cancelled", "holds one"])
def test_it_is_not_kept_and_says_why(why, booking, patient, session, frontdesk):
    if why == "another file":
        patient = PatientFactory()
    elif why == "another day":
        session.date += datetime.timedelta(days=1)
        session.save()
    elif why == "away":
        stop_session(session=session, reason="ill", by=frontdesk)
    elif why == "cancelled":
        drop_booking(booking=booking, by=frontdesk)
    else:
        booking.id_number, number = "320582199003160048", booking.id_number
        booking.save()
        waiting_visit(session, frontdesk, patient)
        booking.id_number = number
        booking.save()

    with pytest.raises(RuleBroken):
        keep_booking(booking=booking, patient=patient, by=frontdesk)

    booking.refresh_from_db()
    assert booking.state != BookingState.KEPT


def test_whoever_comes_after_the_place_was_given_back_gets_an_added_number(
    doctor, patient, frontdesk
):
    session = open_session(doctor, quota=1)
    booking = online_booking(session, NINE, patient, state="missed")
    waiting_visit(session, frontdesk)

    visit = keep_booking(booking=booking, patient=patient, by=frontdesk)

    assert (visit.added, places_taken(session)) == (True, 1)


def test_a_dropped_booking_gives_its_place_back_R102(booking, session, frontdesk):
    drop_booking(booking=booking, by=frontdesk)

    assert places_taken(session) == 0


def test_it_is_found_by_code_document_or_phone(booking):
    for text in (booking.code, booking.id_number, booking.phone, f" {booking.code.lower()} "):
        assert find_bookings(text) == [booking], text
    assert find_bookings("nothing") == []


def test_the_file_is_found_by_the_exact_document(booking, patient):
    assert file_of(booking) == patient
    patient.state = "withdrawn"
    patient.save()

    assert file_of(booking) is None


# -- the pages --


def test_the_desk_lists_who_booked_and_checks_them_in(booking, patient, desk):
    url = f"/registration/bookings/{booking.pk}/"

    page = desk.get("/registration/").content.decode()
    assert booking.name in page and booking.phone not in page and url in page
    answer = post_ok(desk, url)

    visit = Registration.objects.get()
    assert answer["Location"] == f"/registration/{visit.pk}/slip/?print=1"
    assert url not in desk.get("/registration/").content.decode()


def test_who_looked_at_bookings_is_recorded_once_in_a_while(booking, desk):
    for _ in range(2):
        desk.get("/registration/bookings/")

    entry = AuditEntry.objects.get(event="read", screen="desk_bookings")
    assert entry.additional_data["bookings"] == [booking.pk.hex]


def test_a_code_leads_straight_to_the_booking(booking, desk):
    answer = desk.post("/registration/bookings/", {"q": booking.code})

    assert answer["Location"] == f"/registration/bookings/{booking.pk}/"


def test_without_a_file_it_is_opened_with_what_was_typed_online(session, desk):
    booking = online_booking(session, NINE, name="金丝雀")
    url = f"/registration/bookings/{booking.pk}/"
    page = desk.get(url).content.decode()
    given = {"begin": "", "source": f"booking:{booking.pk}", "back": url}
    assert all(f'name="{name}" value="{value}"' in page for name, value in given.items())
    assert booking.id_number not in page and booking.phone not in page

    form = desk.post("/patients/new/", given).context["form"]
    typed = {name: form.initial[name] for name in ("name", "id_type", "id_number", "phone")}
    answer = post_ok(
        desk,
        "/patients/new/",
        {
            **typed,
            "payment": "self",
            "allergy_status": "denied",
            "notice_given": "on",
            "back": url,
            "then": "save",
        },
    )

    assert answer["Location"] == url
    assert Patient.objects.get().name == "金丝雀"
    post_ok(desk, url)
    assert Registration.objects.get().patient == Patient.objects.get()


def test_what_was_typed_online_is_shown_to_the_desk_alone(booking, doctor, as_):
    given = {"begin": "", "source": f"booking:{booking.pk}"}

    form = as_(doctor).post("/patients/new/", given).context["form"]

    assert "id_number" not in form.initial


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_the_way_back_leads_to_our_own_pages_only(back, desk):
    page = desk.post("/patients/new/", {"begin": "", "back": back})

    assert page.context["back"] == ""


def test_a_booking_is_cancelled_at_the_desk(booking, desk):
    post_ok(desk, f"/registration/bookings/{booking.pk}/drop/")

    booking.refresh_from_db()
    assert (booking.state, booking.ended_at <= timezone.now()) == (BookingState.CANCELLED, True)
