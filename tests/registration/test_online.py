"""Booking online by verb: places, limits, the code, change and cancel (R-99, R-102, R-103)."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from clinic.core.errors import RuleBroken
from clinic.core.models import Setting
from registration import challenge, no_shows, online
from registration.booking_code import LENGTH, LETTERS, clean_code, code_for, spaced
from registration.bookings_desk import find_bookings, keep_booking
from registration.models import Booking, Registration, Session
from registration.online_limits import TRIES_OF_PERSON, WRONG_OF_ADDRESS, WRONG_OF_CODE
from registration.quota import left_on_site, places_taken, taken
from registration.states import BookingState
from registration.stopping import stop_session
from security.models import AuditEntry, WrongTries
from tests.factories.online import (
    EIGHT,
    NINE,
    SOMEWHERE,
    TOMORROW,
    book,
    online_session,
    somebody_online,
)
from tests.factories.patients import PatientFactory
from tests.factories.registration import booked_visit, open_session, waiting_visit

MIDNIGHT = datetime.time(0)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


@pytest.fixture
def tomorrow(doctor):
    return online_session(doctor)


def refused(verb, **arguments) -> str:
    with pytest.raises(RuleBroken) as refusal:
        verb(**arguments)
    return str(refusal.value)


def show(booking, **fields):
    known = {"code": booking.code, "last4": booking.phone[-4:], "address": SOMEWHERE}
    return online.show(**{**known, **fields})


def test_a_booking_holds_a_place_of_the_session_its_slot_and_the_online_share(tomorrow):
    person = somebody_online()

    booking = book(tomorrow, person)

    booking.refresh_from_db()
    assert (booking.state, booking.slot, booking.name) == (BookingState.BOOKED, EIGHT, person.name)
    assert (places_taken(tomorrow), taken(tomorrow).online) == (1, 1)
    assert find_bookings(spaced(booking.code)) == [booking]
    assert booking.live_key.startswith(f"{tomorrow.pk}/")
    assert person.id_number not in booking.live_key


def test_slot_online_share_and_quota_are_each_a_limit(doctor, other_doctor, frontdesk):
    slot_full = online_session(doctor)
    for _n in range(2):
        book(slot_full)
    share_full = online_session(other_doctor, quota=4, online_quota=1)
    book(share_full)
    quota_full = online_session(doctor, period="night", online_quota=0)
    for slot in (EIGHT, EIGHT, NINE):
        booked_visit(quota_full, frontdesk, slot=slot)
    quota_full.online_quota = 4
    quota_full.save()
    book(quota_full, slot=NINE)

    assert "08:00" in refused(book, session=slot_full)
    assert "09:00" in refused(book, session=share_full, slot=NINE)
    assert "09:00" in refused(book, session=quota_full, slot=NINE)
    assert places_taken(quota_full) == quota_full.quota


@pytest.mark.parametrize("why", ["stopped", "too far", "too late", "no slot"])
def test_what_can_not_be_booked_is_refused(why, doctor, administrator):
    fields, slot = {}, EIGHT
    if why == "too far":
        fields["date"] = timezone.localdate() + datetime.timedelta(days=8)
    if why == "too late":
        Setting.objects.create(key="booking.close_minutes", value="1440")
        fields, slot = {"starts": MIDNIGHT}, MIDNIGHT
    session = online_session(doctor, **fields)
    if why == "stopped":
        session = stop_session(session=session, reason="ill", by=administrator)
    if why == "no slot":
        slot = datetime.time(8, 7)

    refused(book, session=session, slot=slot)

    assert not Booking.objects.exists()


def test_when_online_booking_closes_its_places_are_the_desks_R103(doctor):
    session = online_session(doctor, starts=MIDNIGHT)
    closing = Setting.objects.create(key="booking.close_minutes", value="0")
    assert left_on_site(session, taken(session)) == 0

    closing.value = "1440"
    closing.save()

    assert left_on_site(session, taken(session)) == 4


def test_the_same_form_sent_again_is_the_same_booking_and_no_other_form(tomorrow):
    person, nonce = somebody_online(), challenge.ask().nonce
    booking = book(tomorrow, person, nonce=nonce)

    again = book(tomorrow, person, nonce=nonce)

    assert again == booking
    assert "question" in refused(book, session=tomorrow, nonce=nonce)
    assert Booking.objects.count() == 1


def test_a_question_is_good_for_one_try_also_when_that_was_refused(tomorrow, other_doctor):
    nonce = challenge.ask().nonce
    refused(book, session=tomorrow, slot=datetime.time(8, 7), nonce=nonce)

    said = refused(book, session=tomorrow, nonce=nonce)

    assert "question" in said


def test_one_booking_of_a_session_and_two_of_a_day_in_the_same_words_R102(
    doctor, other_doctor, nurse
):
    person = somebody_online()
    morning = online_session(doctor)
    book(morning, person)
    same_session = refused(book, session=morning, person=person, slot=NINE)
    book(online_session(other_doctor), person)

    third = refused(book, session=online_session(doctor, period="pm"), person=person)

    assert third == same_session
    later = online_session(doctor, date=TOMORROW + datetime.timedelta(days=1))
    assert book(later, person).pk


def test_whoever_was_here_is_refused_in_the_same_way_as_whoever_was_not(doctor, frontdesk):
    """Else a stranger who made a booking could learn that it was kept."""
    session, person = online_session(doctor), somebody_online()
    first = book(session, person)
    before = refused(book, session=session, person=person, slot=NINE)
    Session.objects.update(date=timezone.localdate())
    patient = PatientFactory(id_number=person.id_number)
    keep_booking(booking=first, patient=patient, by=frontdesk)
    Session.objects.update(date=TOMORROW)

    after = refused(book, session=session, person=person, slot=NINE)

    assert after == before


def test_nobody_can_tell_a_patient_from_a_stranger(doctor, frontdesk):
    """The same answer after the same work: no query asks for a file or for a person's number."""
    session = online_session(doctor, quota=9, online_quota=6)
    known, holding = PatientFactory(), PatientFactory(birth_date=datetime.date(1990, 1, 1))
    booked_visit(session, frontdesk, holding, slot=NINE)
    asked = {}
    for who, file in {"warm": None, "stranger": None, "known": known, "holding": holding}.items():
        typed = {"id_number": file.id_number, "phone": file.phone} if file else {}

        with CaptureQueriesContext(connection) as queries:
            booking = book(session, somebody_online(**typed))

        assert booking.state == BookingState.BOOKED
        asked[who] = [query["sql"] for query in queries]

    assert len(asked["stranger"]) == len(asked["known"]) == len(asked["holding"])
    assert not [sql for sql in sum(asked.values(), []) if "patients_" in sql]


def test_tries_of_one_document_number_are_counted_whatever_comes_of_them(tomorrow, doctor):
    person = somebody_online()
    sessions = [
        online_session(doctor, date=TOMORROW + datetime.timedelta(days=n + 1)) for n in range(3)
    ]
    booked = [book(one, person) for one in sessions]
    for _n in range(TRIES_OF_PERSON - len(booked)):
        refused(book, session=sessions[0], person=person)

    refused(book, session=tomorrow, person=person)

    rows = WrongTries.objects.filter(account__startswith="#p")
    assert rows.get().closed_until is not None
    assert person.id_number not in rows.get().account


def test_the_code_with_the_phone_shows_the_booking_however_it_is_typed(tomorrow):
    booking = book(tomorrow)

    found = show(booking, code=spaced(booking.code).lower())

    assert found == booking


def test_wrong_code_and_wrong_phone_are_told_in_the_same_words(tomorrow):
    booking = book(tomorrow)
    other = code_for("somebody else's")
    refused(show, booking=booking, last4="0000")
    refused(show, booking=booking, code=other)

    with CaptureQueriesContext(connection) as for_phone:
        wrong_phone = refused(show, booking=booking, last4="0000")
    with CaptureQueriesContext(connection) as for_code:
        wrong_code = refused(show, booking=booking, code=other)

    assert wrong_phone == wrong_code
    assert len(for_phone) == len(for_code)


@pytest.mark.parametrize("exists", [True, False])
def test_guessing_ends_after_some_tries_at_a_code_or_from_an_address(tomorrow, exists):
    booking = book(tomorrow)
    code = booking.code if exists else code_for("nobody's")
    for n in range(WRONG_OF_CODE):
        refused(show, booking=booking, code=code, last4="0000", address=f"192.0.2.{n}")

    closed = refused(show, booking=booking, code=code, address="192.0.2.99")

    assert "half an hour" in closed
    noted = AuditEntry.objects.get(event="refused")
    assert (noted.screen, noted.additional_data) == ("booking", {"too_many": "code"})
    for n in range(WRONG_OF_ADDRESS):
        refused(show, booking=booking, code=code_for(str(n)), address="2001:db8:1:2::1")
    other = book(tomorrow, slot=NINE)
    assert "connection" in refused(show, booking=other, address="2001:db8:1:2:9::7")


def test_a_cancelled_booking_gives_its_place_back_once_R102(tomorrow):
    booking = book(tomorrow)

    online.cancel(booking=booking)

    assert places_taken(tomorrow) == 0
    refused(online.cancel, booking=booking)
    book(tomorrow, somebody_online(id_number=booking.id_number))


def test_a_change_keeps_the_code_and_moves_the_place(doctor, other_doctor):
    session = online_session(doctor, quota=2, online_quota=2)
    booking = book(session)
    book(session, slot=NINE)
    later = online_session(doctor, date=TOMORROW + datetime.timedelta(days=1))

    refused(online.change, booking=booking, session=session, slot=NINE)
    online.change(booking=booking, session=session, slot=EIGHT)
    moved = online.change(booking=booking, session=later, slot=NINE)

    assert (moved.session, moved.slot, moved.code) == (later, NINE, booking.code)
    assert (places_taken(session), places_taken(later)) == (1, 1)
    assert moved.live_key.startswith(f"{later.pk}/")


@pytest.mark.parametrize("what", ["change", "cancel", "keep"])
def test_a_booking_that_another_window_moved_meanwhile_stays_where_it_is_R103(
    what, tomorrow, doctor, other_doctor, frontdesk
):
    booking = book(tomorrow)
    older = Booking.objects.get(pk=booking.pk)
    later = online_session(doctor, date=TOMORROW + datetime.timedelta(days=1))
    online.change(booking=booking, session=later, slot=NINE)

    if what == "change":
        third = online_session(other_doctor)
        refused(online.change, booking=older, session=third, slot=NINE)
    elif what == "cancel":
        refused(online.cancel, booking=older)
    else:
        patient = PatientFactory(id_number=booking.id_number)
        words = refused(keep_booking, booking=older, patient=patient, by=frontdesk)
        assert "moved" in words

    kept = Booking.objects.get()
    assert (kept.session, kept.state) == (later, BookingState.BOOKED)


def test_nobody_changes_into_a_session_they_booked_already(doctor, other_doctor):
    person = somebody_online()
    first, second = online_session(doctor), online_session(other_doctor)
    booking = book(first, person)
    book(second, person)

    refused(online.change, booking=booking, session=second, slot=NINE)

    booking.refresh_from_db()
    assert booking.session == first


def test_who_missed_three_books_at_the_desk_only_where_the_site_wants_it_R103(doctor):
    person = somebody_online()
    for n in (1, 2, 3):
        day = timezone.localdate() - datetime.timedelta(days=n)
        past = book(online_session(doctor, period="pm"), person)
        Booking.objects.filter(pk=past.pk).update(
            state=BookingState.MISSED, session=online_session(doctor, date=day)
        )
        past.session.delete()
    assert book(online_session(doctor), person).pk
    Setting.objects.create(key="booking.missed_stops", value="yes")
    later = online_session(doctor, date=TOMORROW + datetime.timedelta(days=1))

    refused(book, session=later, person=person)


def over(session) -> None:
    session.date = timezone.localdate() - datetime.timedelta(days=1)
    session.save()


def test_a_booking_nobody_came_for_is_missed_once_its_session_is_over_R103(tomorrow, doctor):
    booking = book(tomorrow)
    other = book(online_session(doctor, date=TOMORROW + datetime.timedelta(days=1)))
    over(tomorrow)

    count = no_shows.close_missed()

    booking.refresh_from_db()
    other.refresh_from_db()
    assert (count, booking.state, booking.live_key) == (1, BookingState.MISSED, None)
    assert other.state == BookingState.BOOKED


@pytest.mark.parametrize("why", ["away", "has the desk's number"])
def test_whoever_could_not_miss_it_did_not_R103(why, doctor, frontdesk, administrator):
    session = open_session(doctor, quota=4, online_quota=4)
    person = somebody_online()
    held = online_session(doctor, period="pm")
    booking = book(held, person)
    if why == "away":
        stop_session(session=held, reason="ill", by=administrator)
    else:
        patient = PatientFactory(id_number=person.id_number)
        visit = waiting_visit(session, frontdesk, patient)
        Registration.objects.filter(pk=visit.pk).update(session=held)
    held.refresh_from_db()
    over(held)

    no_shows.close_missed()

    booking.refresh_from_db()
    assert booking.state == BookingState.CANCELLED


def test_the_audit_log_tells_of_a_booking_by_nobody_and_none_of_its_data(tomorrow):
    person = somebody_online()
    booking = book(tomorrow, person)

    online.cancel(booking=booking)

    entries = AuditEntry.objects.filter(object_pk=str(booking.pk))
    told = "".join(entry.payload for entry in entries)
    assert entries.count() == 2
    assert {entry.actor for entry in entries} == {None}
    for secret in (person.name, person.id_number, person.phone, booking.code):
        assert secret not in told


def test_the_code_has_more_than_forty_bits_and_no_letters_that_look_alike():
    codes = {code_for(challenge.ask().nonce) for _n in range(200)}

    assert len(codes) == 200
    assert len(LETTERS) ** LENGTH >= 2**45
    assert not set("".join(codes)) & set("ILOU")
    assert clean_code("o1i l-") == "0111"


def test_the_question_is_answered_in_digits_or_words_and_ages(monkeypatch):
    asked = challenge.Question("nonce", 7, 5, minus=False)

    assert asked.is_answered_by(" １２ ") and asked.is_answered_by("Twelve")
    assert not asked.is_answered_by("13")
    assert challenge.read(asked.token) == asked
    assert challenge.read(asked.token[:-1]) is None
    monkeypatch.setattr(challenge, "SECONDS", -1)
    assert challenge.read(asked.token) is None
