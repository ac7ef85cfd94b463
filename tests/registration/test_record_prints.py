"""Papers of a record: what stands on them, who prints them, each is counted (R-70, R-73)."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from clinic.core.models import Setting
from registration import printing
from registration.consultation import add_diagnosis, finish, guard, save_record
from registration.models import Consultation, Diagnosis, RecordPrint
from security.glass import break_glass
from security.models import AuditEntry
from tests.factories.patients import AllergicPatientFactory
from tests.factories.registration import open_record

TEXTS = {
    "complaint": "咳嗽 4 天",
    "present_illness": "受凉后咳嗽。",
    "past_history": "高血压 10 年。",
    "examination": "咽充血。",
    "auxiliary": "白细胞 11.8×10⁹/L。",
    "advice": "多饮水。\n三天后复诊。",
    "referral_to": "市第一人民医院",
    "referral_reason": "需行胸部 CT",
    "sick_reason": "需要休息",
}


with translation.override("zh-hans"):
    WORDS = Diagnosis(name="急性支气管炎", suspected=True).words


def written(session, by, *, code="J20.9", **fields) -> Consultation:
    """An open record in which everything stands."""
    record = open_record(session, by, patient=AllergicPatientFactory(name="王秀英", **fields))
    today = timezone.localdate()
    days = {"sick_from": today, "sick_until": today + datetime.timedelta(days=2)}
    doctor = session.clinician.user
    record = save_record(consultation=record, version=1, by=doctor, **TEXTS, **days)
    return add_diagnosis(consultation=record, code=code, suspected=True, by=doctor)


@pytest.fixture
def record(session, frontdesk, doctor, bronchitis):
    return finish(consultation=written(session, frontdesk), by=doctor)


def url(name: str, record, query: str = "") -> str:
    return reverse(name, args=[record.pk]) + query


def text(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_cover_and_every_part_stand_on_the_paper_R70(record, doctor, as_):
    page = text(as_(doctor).get(url("record_print", record)))

    patient = record.patient
    for words in (patient.name, patient.record_no, patient.address):
        assert words in page
    for words in (*TEXTS.values(), f"{WORDS}（J20.9）", doctor.full_name):
        for line in words.splitlines():
            assert line in page
    assert timezone.localtime(record.started_at).strftime("%Y-%m-%d %H:%M") in page
    assert "青霉素" in page and "copy-mark" not in page
    assert page.count("<dd></dd>") == 4  # ethnic group, marriage, occupation, workplace: by hand


def test_what_r70_asks_for_and_nobody_wrote_is_a_dash(session, frontdesk, doctor, bronchitis):
    record = open_record(session, frontdesk)
    record = save_record(consultation=record, version=1, complaint="咳嗽", by=doctor)

    with translation.override("en"):
        rows = dict(printing.rows(record))

    assert rows["Physical examination"] == rows["Past history"] == ["—"]
    assert "Sick note" not in rows and "Vital signs" not in rows


@pytest.mark.parametrize("size, sheet", [("a4", "a4"), ("a5", "a5"), ("a3", "a5"), ("", "a5")])
def test_the_paper_is_a4_or_a5_as_asked_or_set(record, doctor, as_, size, sheet):
    Setting.objects.create(key="record.paper", value="a5")

    page = text(as_(doctor).get(url("record_print", record, f"?paper={size}")))

    assert f"print-record-{sheet}" in page and f'class="paper on-{sheet}"' in page


def test_the_patients_copy_says_so_and_has_a_box_for_the_stamp_R73(record, doctor, as_):
    page = text(as_(doctor).get(url("record_print", record, "?copy=1")))

    assert 'class="copy-mark"' in page and 'class="box"' in page
    assert 'name="copy" value="1"' in page


def test_every_paper_is_counted_audited_and_marked_when_it_is_printed_again_R73(
    record, doctor, as_
):
    room, here = as_(doctor), url("record_print", record)

    first = room.post(here, {"paper": "a5"})
    fresh = room.get(first["Location"])
    second = room.post(here, {"paper": "a5"})
    again = room.get(second["Location"])
    room.post(here, {"copy": "1"})

    assert "data-autoprint" in text(fresh) and fresh.context["again"] == 0
    assert "data-autoprint" in text(again) and again.context["again"] == 1
    assert "补打第 1 次" in text(again) and "补打第" not in text(fresh)
    assert "data-autoprint" not in text(room.get(first["Location"]))  # its moment is over
    kinds = list(RecordPrint.objects.order_by("pk").values_list("kind", "version", "printed_by"))
    version = record.version
    assert kinds == [(kind, version, doctor.pk) for kind in ("record", "record", "copy")]
    entries = AuditEntry.objects.filter(event="print", screen="record_print").order_by("pk")
    assert [entry.additional_data["copy"] for entry in entries] == [1, 2, 1]
    assert {entry.subject for entry in entries} == {record.patient_id}


def test_sick_note_and_referral_are_printed_while_the_patient_is_there(
    session, frontdesk, doctor, bronchitis, as_
):
    record, room = written(session, frontdesk), as_(doctor)

    note = text(room.get(url("sick_note_print", record)))
    letter = text(room.get(url("referral_print", record)))

    today = timezone.localdate()
    for words in (WORDS, today.isoformat(), "需要休息", 'class="box"'):
        assert words in note
    assert (today + datetime.timedelta(days=2)).isoformat() in note
    assert "咽充血" not in note  # an employer needs no more
    for words in ("市第一人民医院", "需行胸部 CT", "咽充血", "白细胞"):
        assert words in letter


def test_the_button_saves_what_is_typed_and_opens_the_paper(session, frontdesk, doctor, as_):
    record = open_record(session, frontdesk)
    typed = {"version": 1, "complaint": "发热", "sick_days": "2", "print": "sick"}

    answer = as_(doctor).post(url("consultation", record), typed)

    assert answer["Location"] == url("sick_note_print", record)
    assert Consultation.objects.get(pk=record.pk).sick_until is not None


def test_finish_and_print_leads_to_the_paper(session, frontdesk, doctor, bronchitis, as_):
    record = written(session, frontdesk)
    typed = {"version": record.version, "complaint": "发热", "print": "1"}

    answer = as_(doctor).post(url("consultation_finish", record), typed)

    assert answer["Location"] == url("record_print", record)
    assert Consultation.objects.get(pk=record.pk).finished_at is not None


@pytest.mark.parametrize("name", ["record_print", "sick_note_print", "referral_print"])
def test_what_is_not_there_yet_is_not_printed_and_says_why(
    session, frontdesk, doctor, bronchitis, as_, name
):
    record, room = open_record(session, frontdesk), as_(doctor)

    for answer in (room.get(url(name, record)), room.post(url(name, record))):
        assert answer["Location"] == url("consultation", record)
    assert [m.level_tag for m in room.get(url("consultation", record)).context["messages"]]
    assert not RecordPrint.objects.exists()


# -- who may --


def test_another_doctor_prints_an_open_file_and_asks_for_a_closed_one_R143(
    record, other_doctor, as_
):
    room, here = as_(other_doctor), url("record_print", record)

    closed = room.get(here)
    break_glass(patient=record.patient_id, reason="colleague", by=other_doctor)

    assert reverse("break_glass", args=[record.patient_id]) in closed["Location"]
    assert TEXTS["complaint"] in text(room.get(here))
    assert room.post(here)["Location"].startswith(here)


def test_a_guarded_record_is_not_printed_by_a_colleague_R140(
    session, other_session, frontdesk, doctor, bronchitis, as_
):
    record = guard(consultation=written(session, frontdesk), on=True, by=doctor)
    record = finish(consultation=record, by=doctor)
    other = other_session.clinician.user
    open_record(other_session, frontdesk, patient=record.patient)

    answer = as_(other).get(url("record_print", record))

    assert "secret=1" in answer["Location"]
    assert as_(other).post(url("record_print", record)).status_code == 302
    assert not RecordPrint.objects.exists()


def test_a_guarded_diagnosis_is_not_for_the_employer_but_for_the_next_doctor_R140(
    session, frontdesk, doctor, bronchitis, as_
):
    record = guard(consultation=written(session, frontdesk), on=True, by=doctor)
    room = as_(doctor)

    assert "支气管炎" not in text(room.get(url("sick_note_print", record)))
    assert "支气管炎" in text(room.get(url("referral_print", record)))


@pytest.mark.parametrize("who", ["frontdesk", "nurse", "pharmacist", "administrator"])
def test_nobody_else_prints_records(record, request, as_, who):
    assert as_(request.getfixturevalue(who)).get(url("record_print", record)).status_code == 403


def test_reading_the_paper_is_recorded(record, doctor, as_):
    as_(doctor).get(url("record_print", record))

    assert AuditEntry.objects.get(event="read", screen="record_print").subject == record.patient_id
