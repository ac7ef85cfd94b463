"""What this app tells the patient's file: who treats, what was, whether it is in use."""

import pytest
from django.urls import reverse
from django.utils import timezone

from patients import records
from registration.care import (
    has_open_visit,
    is_treating,
    last_visit_days,
    past_visits,
)
from registration.consultation import add_diagnosis, diagnoses_of, remove_diagnosis, save_record
from security.access import cares_for
from tests.factories.patients import PatientFactory
from tests.factories.registration import (
    Icd10CodeFactory,
    finished_record,
    open_record,
    open_session,
    waiting_visit,
)


def test_a_doctor_treats_whoever_waits_for_them_R143(session, doctor, other_doctor, frontdesk):
    patient = waiting_visit(session, frontdesk).patient

    assert is_treating(doctor, patient.pk) and cares_for(doctor, patient.pk)
    assert not is_treating(other_doctor, patient.pk)
    assert not is_treating(frontdesk, patient.pk)


def test_a_doctor_still_treats_whom_they_saw_before_R143(session, doctor, frontdesk):
    record = finished_record(session, frontdesk)

    assert is_treating(doctor, record.patient_id)


def test_a_cancelled_visit_is_no_relation_R143(session, doctor, frontdesk):
    visit = waiting_visit(session, frontdesk)
    visit.state, visit.live_key = "cancelled", None
    visit.save()

    assert not is_treating(doctor, visit.patient_id)


def test_a_file_with_an_open_visit_is_in_use(session, frontdesk):
    free, waits = PatientFactory(), waiting_visit(session, frontdesk).patient

    assert has_open_visit(waits) and records.is_in_use(waits)
    assert not has_open_visit(free)


def test_the_last_visit_is_told_for_many_at_once(session, frontdesk, django_assert_num_queries):
    seen, never = finished_record(session, frontdesk).patient, PatientFactory()

    with django_assert_num_queries(1):
        days = last_visit_days([seen.pk, never.pk])

    assert days == {seen.pk: timezone.localdate()}


def test_past_visits_show_what_stands_and_not_what_was_removed(session, doctor, frontdesk):
    Icd10CodeFactory(code="I10", name="高血压", initials="GXY")
    record = open_record(session, frontdesk)
    for code in ("I10", Icd10CodeFactory().code):
        add_diagnosis(consultation=record, code=code, by=doctor)
    remove_diagnosis(diagnosis=diagnoses_of(record)[0], by=doctor)

    (visit,) = past_visits(record.patient, user=doctor)

    assert [d.name for d in visit.standing] == ["急性支气管炎"]


def test_the_finished_visit_appears_in_the_chart(session, doctor, frontdesk, as_):
    record = finished_record(session, frontdesk)

    page = as_(doctor).get(reverse("patient_chart", args=[record.patient_id])).content.decode()

    assert "急性支气管炎" in page and "咳嗽 3 天" in page


def test_the_front_desk_opens_no_chart(session, frontdesk, as_):
    record = finished_record(session, frontdesk)

    page = as_(frontdesk).get(reverse("patient_chart", args=[record.patient_id]))

    assert page.status_code == 403 or "急性支气管炎" not in page.content.decode()


@pytest.mark.parametrize("text", ["<b>粗</b>", "{{ x }}"])
def test_what_was_written_is_shown_as_text(session, doctor, frontdesk, as_, text):
    record = open_record(open_session(doctor, period="pm"), frontdesk)
    save_record(consultation=record, version=1, by=doctor, complaint=text)

    page = as_(doctor).get(reverse("patient_chart", args=[record.patient_id])).content.decode()

    assert "<b>粗</b>" not in page
