"""Long care at a visit: told to the doctor, opened for a diagnosis, nothing typed twice (R-63)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from patients import records
from patients.followup import verbs
from patients.models import CareFile, CareKind
from registration import followups
from registration.consultation import add_diagnosis, save_record
from security.access import cares_for
from tests.factories.patients import PatientFactory
from tests.factories.prescriptions import draft, row
from tests.factories.registration import Icd10CodeFactory, open_record

VITALS = {"systolic": Decimal(146), "diastolic": Decimal(92), "weight": Decimal("70.5")}


@pytest.fixture
def record(session, frontdesk, doctor):
    patient = PatientFactory(birth_date=date(1980, 3, 16))
    made = open_record(session, frontdesk, patient=patient)
    return save_record(
        consultation=made, version=made.version, complaint="头晕 3 天", vitals=VITALS, by=doctor
    )


def told(record, user) -> dict:
    request = RequestFactory().get("/")
    request.user = user
    return followups.panel(record, request)


def opened(record, by, *, days=0, kind=CareKind.HYPERTENSION) -> CareFile:
    day = timezone.localdate() - timedelta(days=days)
    return verbs.open_file(patient=record.patient, kind=kind, doctor=by, opened_on=day, by=by)


def test_a_diagnosis_offers_its_file_once_R63(record, doctor):
    for code, suspected in (("I10", False), ("E11.9", True)):
        Icd10CodeFactory(code=code, name=code)
        add_diagnosis(consultation=record, code=code, suspected=suspected, by=doctor)

    assert [one["act"] for one in told(record, doctor)["offers"]] == ["follow_htn"]

    opened(record, doctor)
    assert told(record, doctor)["offers"] == []


def test_what_is_due_within_two_weeks_is_told(record, doctor, nurse):
    care = opened(record, doctor, days=3)

    (due,) = told(record, doctor)["due"]

    assert (due["row"].care_file, due["row"].when) == (care, "overdue")
    later = timezone.localdate() + timedelta(days=15)
    verbs.reschedule(follow_up=due["row"], version=1, due_on=later, reason="外出", by=nurse)
    assert told(record, doctor)["due"] == []


def test_from_35_on_the_pressure_is_asked_for_once_a_year_R63(
    record, doctor, other_session, frontdesk
):
    grown = open_record(
        other_session, frontdesk, patient=PatientFactory(birth_date=date(1980, 1, 1))
    )
    assert told(grown, doctor)["pressure"]

    assert not told(record, doctor)["pressure"]  # measured at this visit
    grown.patient.birth_date = timezone.localdate() - timedelta(days=34 * 365)
    assert not told(grown, doctor)["pressure"]


def test_one_press_saves_opens_the_file_and_leads_to_its_form_R68(record, doctor, as_):
    url = reverse("consultation", args=[record.pk])
    typed = {"version": record.version, "complaint": "头晕 4 天", "panel": "follow_htn"}

    first = as_(doctor).post(url, typed)

    row_of = CareFile.objects.get(patient=record.patient).follow_ups.get()
    assert first.url.startswith(reverse("followup_record", args=[row_of.pk]))
    page = as_(doctor).get(first.url).context
    form = page["form"]
    assert page["next"] == url
    assert (form["systolic"].value(), form["weight"].value()) == ("146", "70.5")
    assert form["symptoms_other"].value() == "头晕 4 天"
    assert str(form["visit"].value()) == str(record.pk)


def test_drugs_for_weeks_are_taken_over_and_short_ones_not_R68(record, doctor, nurse):
    sheet = draft(doctor, record=record)
    row(sheet, days=7, frequency="qd")
    row(sheet, days=3)

    found = records.visit_values(record.patient, user=nurse)

    assert len(found["drugs"]) == 1 and found["drugs"][0][2] == "30mg"
    assert found["systolic"] == "146"
    assert "symptoms_other" not in found  # the complaint is not for nurses


def test_of_a_guarded_visit_others_get_figures_only_R140(record, doctor, other_doctor, nurse):
    row(draft(doctor, record=record), days=7)
    Icd10CodeFactory(code="F32.9", name="抑郁发作")
    add_diagnosis(consultation=record, code="F32.9", by=doctor)

    for stranger in (other_doctor, nurse):
        found = records.visit_values(record.patient, user=stranger)
        assert "drugs" not in found and "symptoms_other" not in found
        assert found["systolic"] == "146"
    assert "drugs" in records.visit_values(record.patient, user=doctor)


def test_the_doctor_of_a_file_has_the_patient_in_care_R143(record, doctor, other_doctor):
    patient = record.patient_id
    assert not cares_for(other_doctor, patient)

    care = opened(record, other_doctor)

    assert cares_for(other_doctor, patient)
    verbs.close_file(care_file=care, version=care.version, reason="迁出", by=doctor)
    assert not cares_for(other_doctor, patient)


def test_the_queue_tells_a_doctor_of_the_own_files_that_are_due(record, doctor, other_doctor):
    opened(record, doctor, days=1)

    assert "1" in followups.notice(doctor).words
    assert followups.notice(other_doctor) is None
