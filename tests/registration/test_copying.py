"""The last visit again (R-74): copied, then changed; never over what is written (R-71)."""

import uuid

import pytest

from clinic.core.errors import RuleBroken
from registration import guarded
from registration.consultation import add_diagnosis, diagnoses_of, finish, guard, save_record
from registration.copying import copy_visit
from registration.models import Consultation
from tests.factories.registration import Icd10CodeFactory, finished_record, open_record

TEXTS = {
    "complaint": "高血压复诊",
    "present_illness": "规律服药，无不适。",
    "past_history": "糖尿病 5 年。",
    "examination": "心律齐。",
    "advice": "低盐饮食。",
}
OF_ITS_DAY = {"auxiliary": "心电图正常", "referral_to": "市医院", "sick_reason": "发热"}


@pytest.fixture
def old(session, frontdesk, doctor, bronchitis, hypertension):
    record = open_record(session, frontdesk)
    save_record(consultation=record, version=1, by=doctor, **TEXTS, **OF_ITS_DAY)
    add_diagnosis(consultation=record, code="I10", by=doctor)
    add_diagnosis(consultation=record, code="J20.9", suspected=True, by=doctor)
    return finish(consultation=record, by=doctor)


@pytest.fixture
def record(old, session, frontdesk):
    return open_record(session, frontdesk, patient=old.patient)


def send(room, record, **data):
    version = Consultation.objects.get(pk=record.pk).version
    body = {"version": version, "once": str(uuid.uuid4()), "dx": "", "code": "", **data}
    return room.post(f"/registration/consultations/{record.pk}/", body)


def test_one_key_copies_texts_and_diagnoses_and_keeps_what_is_typed_R74(old, record, doctor, as_):
    room = as_(doctor)
    page = room.get(f"/registration/consultations/{record.pk}/").content.decode()

    response = send(room, record, complaint="今天头晕", copy=old.pk)

    saved = Consultation.objects.get(pk=record.pk)
    button = page[page.index('name="copy"') :]
    assert 'accesskey="t"' in button[: button.index(">")] and response.status_code == 302
    assert saved.complaint == "今天头晕"
    assert {name: getattr(saved, name) for name in TEXTS} == {**TEXTS, "complaint": "今天头晕"}
    assert [(d.code, d.suspected) for d in diagnoses_of(record)] == [
        ("I10", False),
        ("J20.9", True),
    ]


def test_results_sick_note_and_referral_stay_with_their_day_R71(old, record, doctor):
    copied = copy_visit(consultation=record, source=old, by=doctor).consultation

    assert [getattr(copied, name) for name in OF_ITS_DAY] == [None] * 3


def test_a_second_press_copies_nothing_twice(old, record, doctor):
    copy_visit(consultation=record, source=old, by=doctor)
    version = Consultation.objects.get(pk=record.pk).version

    copy_visit(consultation=record, source=old, by=doctor)

    assert Consultation.objects.get(pk=record.pk).version == version
    assert len(diagnoses_of(record)) == 2


def test_a_diagnosis_out_of_use_is_named_and_the_rest_is_copied(
    old, record, doctor, as_, hypertension
):
    hypertension.active = False
    hypertension.save()
    room = as_(doctor)

    page = room.get(send(room, record, copy=old.pk)["Location"])

    assert "高血压" in [str(m) for m in page.context["messages"]][-1]
    assert [d.code for d in diagnoses_of(record)] == ["J20.9"]


def test_a_copy_of_a_guarded_record_is_guarded_R140(session, frontdesk, doctor, bronchitis):
    secret = open_record(session, frontdesk)
    save_record(consultation=secret, version=1, by=doctor, complaint="不便说")
    add_diagnosis(consultation=secret, code="J20.9", by=doctor)
    guard(consultation=secret, on=True, by=doctor)
    finish(consultation=secret, by=doctor)
    record = open_record(session, frontdesk, patient=secret.patient)

    copy_visit(consultation=record, source=secret, by=doctor)

    assert Consultation.objects.get(pk=record.pk).guarded == guarded.YES


def test_a_guarded_visit_of_a_colleague_is_neither_offered_nor_copied_R140(
    session, other_session, frontdesk, doctor, as_
):
    Icd10CodeFactory(code="F32.9", name="抑郁发作", initials="YYFZ")
    secret = finished_record(other_session, frontdesk, code="F32.9")
    record = open_record(session, frontdesk, patient=secret.patient)
    room = as_(doctor)

    answer = send(room, record, copy=secret.pk)

    page = room.get(f"/registration/consultations/{record.pk}/").content.decode()
    assert 'name="copy"' not in page
    assert answer.status_code == 200 and answer.context["form"].non_field_errors()
    assert Consultation.objects.get(pk=record.pk).complaint is None


def test_another_patients_visit_is_not_copied(record, session, frontdesk, doctor, as_):
    other = finished_record(session, frontdesk)

    assert send(as_(doctor), record, copy=other.pk).status_code == 404
    with pytest.raises(RuleBroken):
        copy_visit(consultation=record, source=other, by=doctor)


def test_a_finished_record_takes_no_copy(old, session, frontdesk, doctor):
    done = finished_record(session, frontdesk, patient=old.patient)

    with pytest.raises(RuleBroken):
        copy_visit(consultation=done, source=old, by=doctor)


def test_a_visit_without_drugs_offers_no_refill(old, record, doctor, as_):
    room = as_(doctor)

    page = room.get(f"/registration/consultations/{record.pk}/").content.decode()
    answer = send(room, record, complaint="续方", refill=old.pk)

    assert 'name="refill"' not in page
    assert answer.status_code == 200 and "续方" in answer.content.decode()
    assert Consultation.objects.get(pk=record.pk).advice is None  # all or nothing
