"""Strangers and the desk want the last places of a session; one person wants many (R-99, R-102)."""

import dataclasses

import pytest

from registration import challenge
from registration.models import Booking
from registration.quota import places_taken, taken
from tests.concurrency.together import Worker, run_together
from tests.factories.online import online_session, somebody_online

pytestmark = pytest.mark.django_db(transaction=True)
PHONES, EACH, PLACES = 4, 5, 6
BOOK = "tests.concurrency.strangers:book"


def people(count: int, **fields) -> list[dict]:
    """As many forms, each with a question of its own."""
    return [
        {**dataclasses.asdict(somebody_online(**fields)), "nonce": challenge.ask().nonce}
        for _n in range(count)
    ]


def calls(session, forms: list[list[dict]], **more) -> list[dict]:
    return [
        {"session": session.pk, "people": some, "address": f"203.0.113.{n}", **more}
        for n, some in enumerate(forms)
    ]


def test_without_the_lock_the_last_place_is_sold_several_times(doctor):
    session = online_session(doctor, quota=1, online_quota=1, slot_minutes=120)

    run_together(BOOK, calls(session, [people(1), people(1), people(1)], locked=False))

    assert places_taken(session) > 1


def test_the_last_places_are_sold_once_to_strangers_and_the_desk_together_R99(doctor, frontdesk):
    session = online_session(doctor, quota=2 * PLACES, online_quota=PLACES, slot_minutes=120)
    forms = calls(session, [people(EACH) for _phone in range(PHONES)])
    desk = Worker("tests.concurrency.strangers:register")
    desk.begin(session=session.pk, times=2 * PLACES, by=frontdesk.pk)

    answers = run_together(BOOK, forms, seconds=120)

    at_desk = desk.answer(120)["result"]
    desk.rest()
    online = [word for answer in answers for word in answer["result"]]
    assert sorted(set(online)) == ["R-99", "booked"]
    assert online.count("booked") == at_desk.count("booked") == PLACES
    assert (places_taken(session), taken(session).online) == (2 * PLACES, PLACES)
    assert len({booking.code for booking in Booking.objects.all()}) == PLACES


def test_one_person_in_many_windows_gets_one_place_of_a_session_and_two_of_a_day_R102(
    doctor, other_doctor, nurse
):
    person = dataclasses.asdict(somebody_online())
    sessions = [online_session(who) for who in (doctor, other_doctor, nurse)]
    windows = [
        call
        for session in sessions
        for call in calls(session, [[{**person, "nonce": challenge.ask().nonce}] for _n in "ab"])
    ]

    answers = run_together(BOOK, windows, seconds=120)

    words = [word for answer in answers for word in answer["result"]]
    assert sorted(words) == ["R-102"] * 4 + ["booked"] * 2
    assert len({booking.session_id for booking in Booking.objects.all()}) == 2


def test_the_same_form_sent_twice_at_once_is_one_booking(doctor):
    session = online_session(doctor)
    form = people(1)

    answers = run_together(BOOK, calls(session, [form, form, form]))

    assert [answer["result"] for answer in answers] == [["booked"]] * 3
    assert Booking.objects.count() == 1
