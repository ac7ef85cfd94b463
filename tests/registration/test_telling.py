"""Who was put with another doctor is told, by the desk, one by one (R-100, R-141)."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic.core.errors import RuleBroken
from registration.booking import cancel_visit
from registration.models import StoppedContact
from registration.moving import hand_over
from registration.stopping import record_contact, stop_session
from registration.telling import moved_ahead, moved_left
from security.models import AuditEntry
from tests.factories.registration import booked_visit, online_booking, open_session
from tests.helpers import post_ok

TOMORROW = timezone.localdate() + datetime.timedelta(days=1)
HOURS = {"starts": datetime.time(8), "ends": datetime.time(10), "slot_minutes": 60}
EIGHT, NINE = datetime.time(8), datetime.time(9)
Outcome = StoppedContact.Outcome


@pytest.fixture
def number(doctor, frontdesk):
    return booked_visit(open_session(doctor, date=TOMORROW, **HOURS), frontdesk, slot=EIGHT)


@pytest.fixture
def booking(number):
    return online_booking(number.session, NINE)


@pytest.fixture
def handed(number, booking, other_session, frontdesk):
    """Both people, put with the other doctor."""
    stop_session(session=number.session, reason="ill", by=frontdesk)
    hand_over(session=number.session, clinician=other_session.clinician, by=frontdesk)
    return number, booking


def test_whoever_was_handed_over_stands_on_the_list_until_told(handed, frontdesk, other_doctor):
    number, booking = handed
    number.refresh_from_db()
    booking.refresh_from_db()
    assert [one.promise.key for one in moved_ahead()] == [number.pk, booking.pk]
    assert moved_ahead()[0].promise.row.session.clinician.user == other_doctor

    record_contact(registration=number, outcome=Outcome.NOT_REACHED, by=frontdesk)
    record_contact(booking=booking, outcome=Outcome.REACHED, by=frontdesk)

    (left,) = moved_ahead()
    assert left.promise.key == number.pk and moved_left() == 1
    assert [one.outcome for one in left.tries] == [Outcome.HANDED_OVER, Outcome.NOT_REACHED]
    cancel_visit(registration=number, reason="left", by=frontdesk)
    assert moved_ahead() == [] and moved_left() == 0


def test_who_was_never_moved_has_nothing_to_be_told(number, frontdesk):
    with pytest.raises(RuleBroken):
        record_contact(registration=number, outcome=Outcome.REACHED, by=frontdesk)

    assert not StoppedContact.objects.exists()


def test_the_desk_is_prompted_phones_are_masked_and_a_look_at_them_is_recorded_R141(
    handed, frontdesk, as_
):
    number, booking = handed
    desk = as_(frontdesk)
    assert "/registration/stopped/" in desk.get("/registration/").content.decode()
    page = desk.get("/registration/stopped/").content.decode()
    assert booking.phone not in page and number.patient.phone not in page

    shown = desk.post("/registration/stopped/phones/").content.decode()
    for who in (f"visit:{number.pk}", f"booking:{booking.pk}"):
        post_ok(desk, "/registration/stopped/act/", {"who": who, "do": "reached"})

    assert booking.phone in shown and number.patient.phone in shown
    assert AuditEntry.objects.filter(event="read", screen="stopped_phones").exists()
    assert moved_left() == 0
    assert "/registration/stopped/" not in desk.get("/registration/").content.decode()


def test_as_many_queries_for_many_as_for_one(handed, other_session, frontdesk):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            [(one.promise.name, one.was_with.user.full_name) for one in moved_ahead()]
        return len(queries)

    before, session = count(), handed[0].session
    session.refresh_from_db()
    old = StoppedContact.objects.first().session
    for _ in range(4):
        online_booking(old, NINE)
    old.refresh_from_db()
    hand_over(session=old, clinician=other_session.clinician, by=frontdesk)

    assert len(moved_ahead()) == 6 and count() == before == 1
