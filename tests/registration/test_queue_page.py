"""The doctor's queue: the page, its buttons, and the poll."""

import uuid

import pytest
from django.contrib.sessions.models import Session as BrowserSession

from registration.models import Call, Consultation, Registration
from registration.states import VisitState
from security.models import AuditEntry
from tests.factories.registration import called_visit, open_record, waiting_visit
from tests.helpers import post_ok

QUEUE = "/registration/queue/"
ROWS = "/registration/queue/rows/"


@pytest.fixture
def room(doctor, as_):
    return as_(doctor)


def test_the_page_shows_who_is_in_who_was_called_and_who_waits(session, doctor, frontdesk, room):
    inside = open_record(session, frontdesk)
    called = called_visit(session, frontdesk)
    line = [waiting_visit(session, frontdesk) for _ in range(2)]

    page = room.get(QUEUE)

    board = page.context["board"]
    assert board["inside"] == [inside.registration]
    assert (board["called"], board["line"]) == (called, line)


def test_from_call_to_record_with_one_key_each(session, frontdesk, room):
    visit = waiting_visit(session, frontdesk)

    post_ok(room, "/registration/queue/next/")
    page = room.get(QUEUE).content.decode()
    response = post_ok(room, f"/registration/{visit.pk}/start/")

    assert f"{visit.pk}/start/" in page and page.count("btn-primary") == 1
    assert response["Location"] == f"/registration/consultations/{Consultation.objects.get().pk}/"


def test_a_double_click_calls_one_patient_once(session, frontdesk, room):
    for _ in range(2):
        waiting_visit(session, frontdesk)
    data = {"once": str(uuid.uuid4())}

    for _ in range(2):
        assert room.post("/registration/queue/next/", data).status_code == 302

    assert Call.objects.count() == 1


def test_two_windows_call_one_patient_and_the_second_is_told(session, frontdesk, room):
    for _ in range(2):
        waiting_visit(session, frontdesk)
    post_ok(room, "/registration/queue/next/")

    page = room.post("/registration/queue/next/", {"once": str(uuid.uuid4())}, follow=True)

    assert Call.objects.count() == 1
    assert "message-error" in page.content.decode()


def test_call_again_and_pass_over_by_their_buttons(session, frontdesk, room):
    visit = called_visit(session, frontdesk)

    post_ok(room, f"/registration/{visit.pk}/call-again/")
    post_ok(room, f"/registration/{visit.pk}/pass-over/")

    assert Call.objects.count() == 2
    assert Registration.objects.get().state == VisitState.MISSED


def test_after_three_calls_the_button_is_gone_R95(session, frontdesk, room):
    visit = called_visit(session, frontdesk)
    for _ in range(2):
        post_ok(room, f"/registration/{visit.pk}/call-again/")

    page = room.get(QUEUE).content.decode()

    assert "/call-again/" not in page and "/pass-over/" in page


@pytest.mark.parametrize("verb", ["start", "call-again", "pass-over", "recall"])
def test_another_doctors_patient_is_not_found(session, other_session, frontdesk, as_, verb):
    visit = called_visit(session, frontdesk)
    other = other_session.clinician.user

    assert as_(other).post(f"/registration/{visit.pk}/{verb}/").status_code == 404
    assert Registration.objects.get().state == VisitState.CALLED


@pytest.mark.parametrize("verb", ["start", "call-again", "pass-over"])
def test_the_front_desk_does_not_call(session, frontdesk, as_, verb):
    visit = called_visit(session, frontdesk)

    assert as_(frontdesk).post(f"/registration/{visit.pk}/{verb}/").status_code == 403


def test_a_doctor_without_a_room_is_told_what_to_do(doctor, room):
    page = room.get(QUEUE)

    assert page.status_code == 200 and page.context["clinician"] is None
    assert room.get(ROWS).status_code == 204
    assert room.post("/registration/queue/next/").status_code == 302


# -- the poll --


def test_the_poll_is_answered_304_while_nobody_came_or_went(session, frontdesk, room):
    waiting_visit(session, frontdesk)
    etag = room.get(ROWS)["ETag"]

    assert room.get(ROWS, HTTP_IF_NONE_MATCH=etag).status_code == 304


@pytest.mark.parametrize("event", ["come", "call", "recall"])
def test_the_poll_brings_what_changed(session, doctor, frontdesk, room, event):
    visit = called_visit(session, frontdesk)
    if event == "recall":
        post_ok(room, f"/registration/{visit.pk}/pass-over/")
    etag = room.get(ROWS)["ETag"]

    {
        "come": lambda: waiting_visit(session, frontdesk),
        "call": lambda: post_ok(room, f"/registration/{visit.pk}/call-again/"),
        "recall": lambda: post_ok(room, f"/registration/{visit.pk}/recall/"),
    }[event]()

    assert room.get(ROWS, HTTP_IF_NONE_MATCH=etag).status_code == 200


def test_the_poll_neither_saves_nor_extends_the_session(session, frontdesk, room):
    waiting_visit(session, frontdesk)
    room.get(QUEUE)
    before = BrowserSession.objects.get()

    room.get(ROWS)

    after = BrowserSession.objects.get()
    assert (after.session_data, after.expire_date) == (before.session_data, before.expire_date)


def test_an_unchanged_poll_writes_nothing(session, frontdesk, room, django_assert_num_queries):
    waiting_visit(session, frontdesk)
    etag = room.get(ROWS)["ETag"]
    entries = AuditEntry.objects.count()

    room.get(ROWS, HTTP_IF_NONE_MATCH=etag)

    assert AuditEntry.objects.count() == entries


def test_names_that_a_poll_brings_are_a_recorded_read(session, frontdesk, room):
    room.get(QUEUE)
    visit = waiting_visit(session, frontdesk)

    room.get(ROWS)

    assert AuditEntry.objects.get(event="read", screen="queue").subject == visit.patient_id


def test_the_open_record_stays_marked_in_the_polled_list(session, frontdesk, room):
    record = open_record(session, frontdesk)

    page = room.get(f"{ROWS}?at={record.pk}").content.decode()

    assert 'aria-current="true"' in page
