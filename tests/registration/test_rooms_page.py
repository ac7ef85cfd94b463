"""The doctor's buttons besides calling, as pages (R-94, R-100, R-102)."""

import uuid

import pytest

from registration.models import HandOver, Registration
from registration.queue import pass_over, send_for_examination
from registration.states import VisitState
from registration.stopping import stop_session
from tests.factories.registration import called_visit, open_record, waiting_visit
from tests.helpers import post_ok

QUEUE = "/registration/queue/"
ROWS = "/registration/queue/rows/"


@pytest.fixture
def room(doctor, as_):
    return as_(doctor)


def wide(number: str) -> str:
    """As an input method writes it."""
    return "".join(chr(ord(letter) + 0xFEE0) for letter in number)


def words(response) -> str:
    return response.content.decode()


def test_pause_takes_next_away_and_resume_brings_it_back_R94(session, frontdesk, room):
    waiting_visit(session, frontdesk)

    post_ok(room, "/registration/queue/pause/")
    paused = words(room.get(QUEUE))
    refused = room.post("/registration/queue/next/", follow=True)
    post_ok(room, "/registration/queue/resume/")

    assert "/queue/next/" not in paused and paused.count("btn-primary") == 1
    assert "message-error" in words(refused)
    assert "/queue/next/" in words(room.get(QUEUE))


def test_a_stopped_session_is_told_in_the_column_and_at_the_button_R100(session, frontdesk, room):
    waiting_visit(session, frontdesk)
    stop_session(session=session, reason="ill", by=frontdesk)

    page = room.post("/registration/queue/next/", follow=True)

    assert "queue-notice" in words(page) and "message-error" in words(page)
    assert Registration.objects.get().state == VisitState.WAITING


def test_from_the_record_to_the_examination_with_what_was_typed(session, doctor, frontdesk, room):
    record = open_record(session, frontdesk)
    form = {"version": record.version, "complaint": "腹痛半天", "exam": "1"}

    response = post_ok(room, f"/registration/consultations/{record.pk}/", form)
    page = words(room.get(QUEUE))

    record.refresh_from_db()
    assert response["Location"] == QUEUE and record.complaint == "腹痛半天"
    assert f"{record.registration_id}/recall/" in page
    assert f"{record.registration_id}/start/" in page


@pytest.mark.parametrize("who", ["doctor", "nurse", "frontdesk"])
def test_back_from_the_examination_at_the_desk_or_the_doctor_R94(
    session, doctor, frontdesk, as_, request, who
):
    visit = open_record(session, frontdesk).registration
    send_for_examination(registration=visit, by=doctor)

    post_ok(as_(request.getfixturevalue(who)), f"/registration/{visit.pk}/recall/")

    assert Registration.objects.get().state == VisitState.WAITING


def test_the_poll_brings_pause_examination_and_a_changed_order(session, doctor, frontdesk, room):
    visit = open_record(session, frontdesk).registration
    seen = {room.get(ROWS)["ETag"]}
    for change in [
        lambda: send_for_examination(registration=visit, by=doctor),
        lambda: post_ok(room, "/registration/queue/pause/"),
        lambda: stop_session(session=session, reason="ill", by=frontdesk),
    ]:
        change()

        etag = room.get(ROWS)["ETag"]
        assert etag not in seen
        seen.add(etag)
    assert room.get(ROWS, HTTP_IF_NONE_MATCH=etag).status_code == 304


def test_handing_over_asks_to_whom_and_why_and_keeps_the_number_R94(
    session, other_session, frontdesk, room
):
    visit = called_visit(session, frontdesk)
    here, to = f"/registration/{visit.pk}/hand-over/", other_session.clinician

    empty = room.post(here, {"clinician": ""})
    form = {"clinician": to.pk, "reason": "specialty", "once": uuid.uuid4()}
    for _click in range(2):
        post_ok(room, here, form)

    assert empty.status_code == 200 and len(empty.context["form"].errors) == 2
    assert HandOver.objects.get().registration == visit
    assert Registration.objects.get().session == other_session


def test_without_another_doctor_the_page_says_so(session, frontdesk, room):
    visit = waiting_visit(session, frontdesk)

    page = room.get(f"/registration/{visit.pk}/hand-over/")

    assert "btn-primary" not in words(page)


def test_the_administrator_finds_the_number_and_cancels_R102(
    session, frontdesk, administrator, as_
):
    visit = open_record(session, frontdesk).registration
    client, here = as_(administrator), "/registration/begun/"

    found = client.get(here, {"number": visit.number.lower()})
    nobody = client.get(here, {"number": "Z999"})
    no_reason = client.post(here, {"number": visit.number})
    form = {"number": wide(visit.number), "reason": "mistake", "once": uuid.uuid4()}
    for _click in range(2):
        post_ok(client, here, form)

    assert found.context["visit"] == visit and visit.patient.name not in words(found)
    assert nobody.context["find"].errors and no_reason.status_code == 200
    assert Registration.objects.get().state == VisitState.CANCELLED


def test_a_called_patient_of_a_crashed_browser_is_still_in_the_doctors_hand(
    session, doctor, frontdesk, as_
):
    """Whatever happened to the browser: the page of another one shows the call and its buttons."""
    visit = called_visit(session, frontdesk)

    page = words(as_(doctor).get(QUEUE))

    for verb in ("start", "call-again", "pass-over", "hand-over"):
        assert f"/registration/{visit.pk}/{verb}/" in page
    pass_over(registration=visit, by=doctor)
    assert Registration.objects.get().state == VisitState.MISSED
