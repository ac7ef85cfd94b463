"""Polls are answered before anybody is looked up, and never wrongly (R-98)."""

import re

import pytest
from django.contrib.sessions.models import Session as BrowserSession
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registration.polling import EVERYBODY, stamp
from registration.queue import call_again, call_next, pass_over, recall
from security.models import AuditEntry
from tests.factories.registration import called_visit, open_record, waiting_visit
from tests.helpers import SecureClient

ROWS = "/registration/queue/rows/"


def settled(client, url=ROWS) -> str:
    """The ETag of a poll that knows whose queue it is."""
    etag = ""
    for _n in range(2):
        etag = client.get(url, HTTP_IF_NONE_MATCH=etag)["ETag"]
    return etag


def poll(client, etag: str, url=ROWS):
    answer = client.get(url, HTTP_IF_NONE_MATCH=etag)
    if answer.status_code == 304 and answer["ETag"] != etag:  # the minutes turned just now
        answer = client.get(url, HTTP_IF_NONE_MATCH=answer["ETag"])
    return answer


def test_an_unchanged_queue_costs_three_queries_and_looks_nobody_up(
    session, doctor, frontdesk, as_
):
    waiting_visit(session, frontdesk)
    room = as_(doctor)
    etag = poll(room, settled(room))["ETag"]

    with CaptureQueriesContext(connection) as queries:
        answer = room.get(ROWS, HTTP_IF_NONE_MATCH=etag)

    assert answer.status_code == 304 and len(queries) <= 3
    assert not any("security_" in query["sql"] for query in queries)


def test_it_neither_reads_nor_saves_a_session_and_writes_nothing(session, doctor, frontdesk, as_):
    called_visit(session, frontdesk)
    room = as_(doctor)
    etag = settled(room)
    entries, sessions = AuditEntry.objects.count(), list(BrowserSession.objects.values())

    poll(room, etag)

    assert AuditEntry.objects.count() == entries
    assert list(BrowserSession.objects.values()) == sessions


@pytest.mark.parametrize("change", ["register", "call", "again", "over", "recall", "pause", "open"])
def test_every_move_in_the_queue_changes_the_answer(session, doctor, frontdesk, as_, change):
    if change in ("again", "over", "recall"):
        visit = called_visit(session, frontdesk)
    if change == "recall":
        pass_over(registration=visit, by=doctor)
    waiting_visit(session, frontdesk)
    room, tv = as_(doctor), SecureClient()
    etag, shown = settled(room), tv.get("/display/rows/")["ETag"]

    if change == "register":
        waiting_visit(session, frontdesk)
    elif change == "call":
        call_next(clinician=session.clinician, by=doctor)
    elif change == "again":
        call_again(registration=visit, by=doctor)
    elif change == "over":
        pass_over(registration=visit, by=doctor)
    elif change == "recall":
        recall(registration=visit, by=frontdesk)
    elif change == "pause":
        session.paused_at = timezone.now()
        session.save()
    else:
        open_record(session, frontdesk)

    assert (
        room.get(ROWS, HTTP_IF_NONE_MATCH=etag)["ETag"].partition(".")[0] != etag.partition(".")[0]
    )
    assert tv.get("/display/rows/", HTTP_IF_NONE_MATCH=shown).status_code == 200


def test_another_doctors_patients_do_not_wake_this_queue(
    session, other_session, doctor, frontdesk, as_
):
    waiting_visit(session, frontdesk)
    room = as_(doctor)
    etag = settled(room)
    waiting_visit(other_session, frontdesk)

    answer = poll(room, etag)

    assert answer.status_code == 304


def test_a_mark_of_another_doctors_queue_opens_nothing(
    session, other_session, doctor, other_doctor, frontdesk, as_
):
    mine = waiting_visit(session, frontdesk)
    theirs = settled(as_(other_doctor))

    answer = as_(doctor).get(ROWS, HTTP_IF_NONE_MATCH=f'"{theirs[1:-1].partition(".")[0]}.x"')

    assert answer.status_code == 304  # that queue has not changed; nothing is told of this one
    room = as_(doctor)
    assert mine.number in room.get(ROWS).content.decode()


@pytest.mark.parametrize(
    "told",
    ['"all-.x"', '"1-0000.x"', '"-.x"', '"x"', "*", '"1-"', "W/", '"²-1.x"', '"9999999999-1"'],
)
def test_a_made_up_mark_is_no_answer(session, doctor, frontdesk, as_, told):
    waiting_visit(session, frontdesk)

    assert as_(doctor).get(ROWS, HTTP_IF_NONE_MATCH=told).status_code == 200
    assert SecureClient().get("/display/rows/", HTTP_IF_NONE_MATCH=told).status_code == 200


def test_a_stranger_is_sent_away_from_the_queue(session, frontdesk):
    assert SecureClient().get(ROWS).status_code == 302


def test_a_stamp_tells_nothing_and_is_keyed(session, frontdesk, settings):
    waiting_visit(session, frontdesk)
    one = stamp(EVERYBODY)
    settings.SECRET_KEY = "another-" + settings.SECRET_KEY

    assert re.fullmatch(r"[0-9a-f]{24}", one) and stamp(EVERYBODY) != one


def test_twenty_screens_are_drawn_once(session, frontdesk):
    called_visit(session, frontdesk)
    tv = SecureClient()
    first = tv.get("/display/rows/")

    with CaptureQueriesContext(connection) as queries:
        second = tv.get("/display/rows/")

    if second["ETag"] == first["ETag"]:  # else the minute turned just now
        assert second.content == first.content and len(queries) <= 2
