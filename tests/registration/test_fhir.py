"""This app's part of an export (FHIR R4): complete, well-formed, guarded ones marked."""

import datetime
import json
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from patients import records
from registration import fhir
from registration.booking import cancel_visit
from registration.consultation import add_diagnosis, remove_diagnosis, save_record
from registration.models import Registration
from registration.states import VisitState
from registration.vitals import VITALS
from tests.factories.registration import (
    Icd10CodeFactory,
    finished_record,
    open_record,
    open_session,
    waiting_visit,
)

# Elements that R4 requires (cardinality 1..) or a constraint asks for.
REQUIRED = {
    "Appointment": {"id", "status", "participant"},
    "Encounter": {"id", "status", "class", "subject"},
    "Condition": {"id", "subject", "clinicalStatus", "verificationStatus", "code"},
    "Observation": {"id", "status", "code", "subject"},
}
VALUES = {key: Decimal("37.5") if vital.places else Decimal(90) for key, vital in VITALS.items()}


@pytest.fixture
def record(session, frontdesk, doctor, bronchitis, hypertension):
    record = open_record(session, frontdesk)
    due = timezone.localdate() + datetime.timedelta(days=28)
    record = save_record(
        consultation=record,
        version=1,
        vitals=VALUES,
        complaint="咳嗽 <4> 天",
        examination="咽充血",
        follow_up_on=due,
        by=doctor,
    )
    add_diagnosis(consultation=record, code="J20.9", suspected=True, by=doctor)
    return add_diagnosis(consultation=record, code="I10", by=doctor)


def of(kind: str, patient) -> list[dict]:
    return [found for found in fhir.contribute(patient, by=None) if found["resourceType"] == kind]


def references(value) -> set[str]:
    if isinstance(value, dict):
        own = {value["reference"]} if "reference" in value else set()
        return own.union(*(references(part) for part in value.values()))
    if isinstance(value, list):
        return set().union(*(references(part) for part in value))
    return set()


def test_every_resource_is_complete_and_points_at_what_is_there(record):
    found = fhir.contribute(record.patient, by=None)

    assert fhir.contribute in records.fhir_contributors()
    assert {part["resourceType"] for part in found} == set(REQUIRED)
    for part in found:
        assert part.keys() >= REQUIRED[part["resourceType"]], part
    there = {f"{part['resourceType']}/{part['id']}" for part in found}
    there.add(f"Patient/{record.patient_id}")
    assert len(there) == len(found) + 1  # no id twice
    assert references(found) <= there
    assert json.loads(json.dumps(found, ensure_ascii=False)) == found


def test_a_visit_is_an_encounter_with_its_diagnoses_in_order(record):
    (encounter,) = of("Encounter", record.patient)

    conditions = of("Condition", record.patient)
    assert encounter["status"] == "in-progress" and encounter["class"]["code"] == "AMB"
    assert encounter["reasonCode"] == [{"text": "咳嗽 <4> 天"}]
    assert "&lt;4&gt;" in encounter["text"]["div"] and "咽充血" in encounter["text"]["div"]
    assert [part["condition"]["reference"] for part in encounter["diagnosis"]] == [
        f"Condition/{condition['id']}" for condition in conditions
    ]
    status = [c["verificationStatus"]["coding"][0]["code"] for c in conditions]
    codes = [c["code"]["coding"][0]["code"] for c in conditions]
    assert [codes, status] == [["J20.9", "I10"], ["provisional", "confirmed"]]


def test_a_diagnosis_taken_off_is_not_exported(record, doctor):
    remove_diagnosis(diagnosis=record.diagnoses.get(rank=1), by=doctor)

    assert [c["code"]["coding"][0]["code"] for c in of("Condition", record.patient)] == ["I10"]


def test_vital_signs_have_their_loinc_code_and_unit(record):
    found = {o["code"]["coding"][0]["code"]: o for o in of("Observation", record.patient)}

    assert len(found) == len(VITALS) - 1  # both pressures are one
    temperature = {"value": 37.5, "unit": "℃", "code": "Cel", "system": fhir.UCUM}
    assert found["8310-5"]["valueQuantity"] == temperature
    parts = {p["code"]["coding"][0]["code"]: p for p in found["85354-9"]["component"]}
    assert set(parts) == {"8480-6", "8462-4"}
    assert parts["8480-6"]["valueQuantity"]["value"] == 90
    assert set(fhir.CODES) == set(VITALS)


def test_numbers_and_the_follow_up_are_appointments(record, doctor, frontdesk):
    evening = open_session(doctor, period="pm")
    visit = waiting_visit(evening, frontdesk, patient=record.patient)
    cancel_visit(registration=visit, reason="left", by=frontdesk)

    statuses = {a["id"]: a["status"] for a in of("Appointment", record.patient)}

    assert statuses.pop(str(record.registration_id)) == "fulfilled"
    assert statuses.pop(str(visit.pk)) == "cancelled"
    assert list(statuses.values()) == ["proposed"]
    assert set(fhir.APPOINTMENTS) == set(VisitState)


def test_an_appointment_begins_at_its_slot(session, frontdesk):
    visit = waiting_visit(session, frontdesk)
    Registration.objects.filter(pk=visit.pk).update(slot=datetime.time(9, 30))

    (appointment,) = of("Appointment", visit.patient)

    assert appointment["start"].endswith("T09:30:00+08:00")
    assert appointment["end"].endswith("T10:00:00+08:00")


def test_a_guarded_record_is_marked_as_restricted_R140(session, frontdesk):
    Icd10CodeFactory(code="F32.9", name="抑郁发作", initials="YYFZ")
    record = finished_record(session, frontdesk, code="F32.9")

    for kind in ("Encounter", "Condition"):
        (found,) = of(kind, record.patient)
        assert found["meta"]["security"][0]["code"] == "R"


def test_ten_visits_take_as_many_queries_as_one(record, doctor, frontdesk):
    patient = record.patient

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            fhir.contribute(patient, by=None)
        return len(queries)

    before = count()
    for period in ("pm", "night"):
        finished_record(open_session(doctor, period=period), frontdesk, patient=patient)

    assert count() == before <= 3
