"""Start, write, diagnose, finish (R-70, R-71)."""

import pytest
from django.core.exceptions import FieldError
from django.utils import timezone

from clinic.core.drafts import load_draft, save_draft
from clinic.core.errors import AlreadyDone, RuleBroken
from registration.consultation import (
    DRAFT,
    MOST_DIAGNOSES,
    Conflict,
    add_diagnosis,
    diagnoses_of,
    finish,
    finish_and_call,
    remove_diagnosis,
    save_record,
    start,
)
from registration.models import Consultation, Diagnosis, Registration
from registration.states import VisitState
from security.models import AuditEntry
from tests.factories.registration import (
    Icd10CodeFactory,
    called_visit,
    finished_record,
    open_record,
    waiting_visit,
)


@pytest.fixture
def record(session, frontdesk):
    return open_record(session, frontdesk)


def write(record, doctor, **texts):
    record = Consultation.objects.get(pk=record.pk)
    return save_record(consultation=record, version=record.version, by=doctor, **texts)


# -- start --


def test_start_opens_the_record_of_the_called_patient_R87(session, doctor, frontdesk):
    visit = called_visit(session, frontdesk)

    record = start(registration=visit, by=doctor)

    assert record.patient == visit.patient and record.started_at is not None
    assert Registration.objects.get().state == VisitState.IN_CONSULTATION


def test_a_second_press_opens_the_same_record(record, doctor):
    assert start(registration=record.registration, by=doctor) == record
    assert Consultation.objects.count() == 1


def test_who_was_not_called_is_not_started(session, doctor, frontdesk):
    with pytest.raises(RuleBroken):
        start(registration=waiting_visit(session, frontdesk), by=doctor)


def test_another_doctor_starts_nothing_here_R142(session, other_doctor, frontdesk):
    with pytest.raises(RuleBroken):
        start(registration=called_visit(session, frontdesk), by=other_doctor)


def test_the_second_visit_is_a_return_visit_R104(session, frontdesk):
    old = finished_record(session, frontdesk)

    assert old.first_visit
    assert not open_record(session, frontdesk, patient=old.patient).first_visit


# -- record --


def test_the_record_is_saved_and_counts_its_versions(record, doctor):
    saved = write(record, doctor, complaint="咳嗽 4 天", advice="多饮水")

    stored = Consultation.objects.get(pk=record.pk)
    assert (stored.complaint, stored.advice) == ("咳嗽 4 天", "多饮水")
    assert saved.version == stored.version == record.version + 1


def test_saving_the_same_again_changes_nothing(record, doctor):
    first = write(record, doctor, complaint="咳嗽")

    assert write(record, doctor, complaint="咳嗽").version == first.version


def test_the_second_of_two_windows_is_told_and_nothing_is_overwritten(record, doctor):
    save_record(consultation=record, version=1, by=doctor, complaint="第一个窗口")

    with pytest.raises(Conflict):
        save_record(consultation=record, version=1, by=doctor, complaint="第二个窗口")

    assert Consultation.objects.get(pk=record.pk).complaint == "第一个窗口"


def test_a_refused_next_step_saves_nothing_half(record, doctor):
    with pytest.raises(RuleBroken):
        save_record(consultation=record, version=1, by=doctor, complaint="咳嗽", then=finish)

    assert Consultation.objects.get(pk=record.pk).complaint is None


def test_saving_drops_the_draft(record, doctor):
    save_draft(form=DRAFT, subject=str(record.pk), content={"version": 1}, by=doctor)

    write(record, doctor, complaint="咳嗽")

    assert load_draft(form=DRAFT, subject=str(record.pk), by=doctor) == (None, None)


def test_only_the_own_doctor_writes_R71(record, other_doctor):
    with pytest.raises(RuleBroken):
        write(record, other_doctor, complaint="别人写的")


def test_the_text_stands_neither_in_the_table_nor_in_the_audit_log(record, doctor, settings):
    write(record, doctor, complaint="很特别的主诉文字")

    assert not AuditEntry.objects.filter(payload__contains="很特别").exists()
    assert AuditEntry.objects.filter(subject=record.patient_id, event="update").exists()


# -- diagnoses --


def test_diagnoses_stand_in_the_order_they_were_added(record, doctor, bronchitis, hypertension):
    add_diagnosis(consultation=record, code="J20.9", by=doctor)
    add_diagnosis(consultation=record, code="I10", by=doctor)

    assert [d.code for d in diagnoses_of(record)] == ["J20.9", "I10"]


@pytest.mark.parametrize("code", ["X99.9", "", "J20.9'; DROP TABLE", "急性"])
def test_a_code_that_is_not_in_the_table_is_refused(record, doctor, bronchitis, code):
    with pytest.raises(RuleBroken):
        add_diagnosis(consultation=record, code=code, by=doctor)


def test_a_code_out_of_use_is_refused(record, doctor, bronchitis):
    bronchitis.active = False
    bronchitis.save()

    with pytest.raises(RuleBroken):
        add_diagnosis(consultation=record, code="J20.9", by=doctor)


def test_the_same_diagnosis_is_added_once(record, doctor, bronchitis):
    add_diagnosis(consultation=record, code="J20.9", by=doctor)

    with pytest.raises(AlreadyDone):
        add_diagnosis(consultation=record, code="J20.9", by=doctor)

    assert Diagnosis.objects.count() == 1


def test_there_is_an_end_to_diagnoses(record, doctor):
    for n in range(MOST_DIAGNOSES + 1):
        Icd10CodeFactory(code=f"A{n:02d}", name=f"诊断{n}")
    for n in range(MOST_DIAGNOSES):
        add_diagnosis(consultation=record, code=f"A{n:02d}", by=doctor)

    with pytest.raises(RuleBroken):
        add_diagnosis(consultation=record, code=f"A{MOST_DIAGNOSES:02d}", by=doctor)


def test_a_removed_diagnosis_stays_in_the_table_marked_R147(
    record, doctor, bronchitis, hypertension
):
    for code in ("J20.9", "I10"):
        add_diagnosis(consultation=record, code=code, by=doctor)

    remove_diagnosis(diagnosis=diagnoses_of(record)[0], by=doctor)

    assert [d.code for d in diagnoses_of(record)] == ["I10"]
    assert Diagnosis.objects.filter(removed_at__isnull=False).count() == 1


def test_after_removal_it_can_be_added_again(record, doctor, bronchitis):
    add_diagnosis(consultation=record, code="J20.9", by=doctor)
    remove_diagnosis(diagnosis=Diagnosis.objects.get(), by=doctor)

    add_diagnosis(consultation=record, code="J20.9", by=doctor)

    assert len(diagnoses_of(record)) == 1


def test_month_and_code_can_be_counted_together_not_the_code_alone(record, doctor, bronchitis):
    add_diagnosis(consultation=record, code="J20.9", by=doctor)

    month = timezone.localdate(record.started_at).strftime("%Y-%m")
    assert Diagnosis.objects.find(month_code=f"{month}/J20.9").count() == 1
    with pytest.raises(FieldError, match="encrypted"):
        Diagnosis.objects.filter(code="J20.9").exists()


# -- finish --


def ready(record, doctor):
    write(record, doctor, complaint="咳嗽 4 天")
    return add_diagnosis(consultation=record, code="J20.9", by=doctor)


def test_finish_closes_record_and_visit_R70(record, doctor, bronchitis):
    finished = finish(consultation=ready(record, doctor), by=doctor)

    visit = Registration.objects.get()
    assert finished.finished_by == doctor and finished.finished_at is not None
    assert (visit.state, visit.live_key) == (VisitState.FINISHED, None)


def test_no_finish_without_a_complaint_R70(record, doctor, bronchitis):
    add_diagnosis(consultation=record, code="J20.9", by=doctor)

    with pytest.raises(RuleBroken) as refused:
        finish(consultation=record, by=doctor)

    assert refused.value.field == "complaint"


def test_no_finish_without_a_diagnosis_R70(record, doctor, bronchitis):
    ready(record, doctor)
    remove_diagnosis(diagnosis=Diagnosis.objects.get(), by=doctor)

    with pytest.raises(RuleBroken) as refused:
        finish(consultation=record, by=doctor)

    assert refused.value.field == "dx"


@pytest.mark.parametrize("verb", ["write", "add", "remove", "finish"])
def test_a_finished_record_is_only_read_R71(session, doctor, frontdesk, hypertension, verb):
    record = finished_record(session, frontdesk)

    with pytest.raises(RuleBroken):
        {
            "write": lambda: write(record, doctor, complaint="改了"),
            "add": lambda: add_diagnosis(consultation=record, code="I10", by=doctor),
            "remove": lambda: remove_diagnosis(diagnosis=Diagnosis.objects.get(), by=doctor),
            "finish": lambda: finish(consultation=record, by=doctor),
        }[verb]()

    stored = Consultation.objects.get(pk=record.pk)
    assert stored.complaint == "咳嗽 3 天" and len(diagnoses_of(stored)) == 1


def test_finish_and_call_calls_whoever_is_next(session, record, doctor, frontdesk, bronchitis):
    following = waiting_visit(session, frontdesk)

    called = finish_and_call(consultation=ready(record, doctor), by=doctor)

    assert called == following and called.state == VisitState.CALLED


def test_finish_and_call_finishes_although_nobody_waits(record, doctor, bronchitis):
    assert finish_and_call(consultation=ready(record, doctor), by=doctor) is None
    assert Registration.objects.get().state == VisitState.FINISHED
