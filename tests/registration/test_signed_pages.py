"""Pages of a signed record, all of it without any script (R-3, R-145)."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registration.consultation import diagnoses_of
from registration.models import Clinician, Consultation
from security.glass import break_glass
from tests.factories.registration import finished_record

OLD, NEW = "咳嗽 3 天", "咳嗽 13 天"


@pytest.fixture
def record(session, frontdesk, hypertension):
    return finished_record(session, frontdesk)


@pytest.fixture
def room(doctor, as_):
    return as_(doctor)


def url(record, what: str = "") -> str:
    return f"/registration/consultations/{record.pk}/{what}"


def fields(record, **changed) -> dict:
    return {"version": record.version, "complaint": OLD, "kind": "first", **changed}


def archived(record) -> None:
    Consultation.objects.filter(pk=record.pk).update(archives_at=record.finished_at)


def text(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_the_author_sees_who_signed_and_corrects_from_there_R145(record, room, doctor):
    assert url(record, "correct/") in text(room.get(url(record)))
    assert OLD in text(room.get(url(record, "correct/")))

    answer = room.post(url(record, "correct/"), fields(record, complaint=NEW))

    page = text(room.get(url(record, "history/")))
    assert answer["Location"] == url(record)
    assert OLD in page and NEW in page and doctor.full_name in page


def test_a_diagnosis_is_looked_for_first_and_chosen_then(record, room):
    wrong = str(diagnoses_of(record)[0].pk)
    typed = fields(record, add="gxy", remove=[wrong])

    found = room.post(url(record, "correct/"), typed)
    assert 'name="chosen"' in text(found) and record.versions.count() == 1
    room.post(url(record, "correct/"), {**typed, "chosen": "I10"})

    assert [d.code for d in diagnoses_of(record)] == ["I10"]


def test_a_diagnosis_that_is_not_found_is_told_at_the_top_and_nothing_is_saved(record, room):
    page = text(room.post(url(record, "correct/"), fields(record, complaint=NEW, add="qqqq")))

    assert page.index('role="alert"') < page.index('id="id_complaint"')
    assert record.versions.count() == 1
    complaint = re.search(r"<input[^>]*id=\"id_complaint\"[^>]*>", page)[0]
    assert "autofocus" not in complaint  # the eye is led to what is wrong


def test_what_is_refused_stands_on_the_page_with_what_was_typed(record, room):
    page = text(room.post(url(record, "correct/"), fields(record, complaint="", advice="新意见")))

    assert "新意见" in page and record.versions.count() == 1


def test_an_archived_record_offers_only_additions_R145(record, room):
    archived(record)

    assert url(record, "correct/") not in text(room.get(url(record)))
    assert room.get(url(record, "correct/"))["Location"] == url(record, "history/")
    assert text(room.post(url(record, "correct/"), fields(record, complaint=NEW)))
    room.post(url(record, "history/"), {"text": "化验回报正常。"})

    assert Consultation.objects.get(pk=record.pk).complaint == OLD
    for page in (url(record), url(record, "history/"), url(record, "print/")):
        assert "化验回报正常。" in text(room.get(page)), page
    assert "化验回报正常。" in text(room.get(f"/patients/{record.patient_id}/"))


def test_a_colleague_reads_the_versions_and_adds_nothing(record, other_doctor, as_):
    break_glass(patient=record.patient_id, reason="colleague", by=other_doctor)
    room = as_(other_doctor)

    assert OLD in text(room.get(url(record, "history/")))
    room.post(url(record, "history/"), {"text": "别人的补充"})

    assert not record.additions.exists()


def test_a_record_that_was_changed_in_the_database_raises_an_alarm_R148(record, room):
    assert 'role="alert"' not in text(room.get(url(record, "history/")))
    changed = Consultation.objects.get(pk=record.pk)
    changed.advice = "被改过"
    changed.save(update_fields=["advice"])

    assert 'role="alert"' in text(room.get(url(record, "history/")))


# -- countersigning --


@pytest.fixture
def assistants(session, frontdesk, other_session):
    """An assistant's record; the other doctor is of the same department."""
    Clinician.objects.filter(pk=session.clinician_id).update(title=Clinician.Title.ASSISTANT)
    session.clinician.refresh_from_db()
    return finished_record(session, frontdesk)


def test_the_doctor_is_told_reads_and_countersigns_R3(assistants, other_doctor, as_):
    room = as_(other_doctor)
    assert "/registration/countersign/" in text(room.get("/registration/queue/"))
    assert assistants.patient.name in text(room.get("/registration/countersign/"))
    assert OLD in text(room.get(url(assistants, "countersign/")))

    form = {"version": assistants.version, "once": uuid.uuid4()}
    first, again = [room.post(url(assistants, "countersign/"), form) for _click in range(2)]

    assert (again.status_code, again["Location"]) == (302, first["Location"])
    assert assistants.countersignatures.get().signed_by == other_doctor
    assert assistants.patient.name not in text(room.get("/registration/countersign/"))


@pytest.mark.parametrize("version", ["", "x", "-1", "99", "9" * 5000])
def test_another_version_than_the_one_read_is_not_countersigned(
    assistants, other_doctor, as_, version
):
    answer = as_(other_doctor).post(url(assistants, "countersign/"), {"version": version})

    assert answer.status_code == 302 and not assistants.countersignatures.exists()


def test_the_assistant_countersigns_nothing(assistants, doctor, as_):
    room = as_(doctor)

    assert room.post(url(assistants, "countersign/"), {"version": 2}).status_code == 404
    assert assistants.patient.name not in text(room.get("/registration/countersign/"))


def test_lists_and_history_cost_the_same_for_many(
    assistants, session, frontdesk, other_doctor, doctor, as_
):
    pages = {
        "/registration/countersign/": as_(other_doctor),
        url(assistants, "history/"): as_(doctor),
    }

    def queries(page) -> int:
        pages[page].get(page)
        with CaptureQueriesContext(connection) as found:
            assert pages[page].get(page).status_code == 200
        return len(found)

    before = {page: queries(page) for page in pages}
    for number in range(4):
        finished_record(session, frontdesk)
        record = Consultation.objects.get(pk=assistants.pk)
        typed = fields(record, complaint=f"{OLD}，{number}")
        assert as_(doctor).post(url(record, "correct/"), typed).status_code == 302
        as_(doctor).post(url(record, "history/"), {"text": f"补充 {number}"})
    Consultation.objects.filter(pk=assistants.pk).update(
        archives_at=assistants.archives_at + timedelta(hours=1)
    )

    assert {page: queries(page) for page in pages} == before
