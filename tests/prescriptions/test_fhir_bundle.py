"""The whole file as FHIR R4: well formed for every judge, guarded as on the pages (R-140)."""

import fastjsonschema
import pytest
from pydantic import ValidationError

from patients.exchange import fhir_out
from registration.consultation import add_diagnosis, save_record
from security import glass
from security.models import BreakGlass
from tests.factories.prescriptions import dispensed
from tests.factories.registration import Icd10CodeFactory
from tests.factories.whole_file import fill_file
from tests.fhir import KINDS, check_models, check_schema, dangling, resources
from tests.registration.test_fhir import VALUES

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(doctor, pharmacist):
    """A whole file with a visit, vital signs, a sensitive diagnosis and a drug that was given."""
    sheet = dispensed(doctor, pharmacist)
    record = sheet.consultation
    Icd10CodeFactory(code="F32.9", name="抑郁发作", initials="YYFZ")
    add_diagnosis(consultation=record, code="F32.9", by=doctor)
    record.refresh_from_db()
    save_record(
        consultation=record, version=record.version, vitals=VALUES, complaint="睡眠差", by=doctor
    )
    return fill_file(sheet.patient, doctor)


def kinds(bundle) -> set[str]:
    return {resource["resourceType"] for resource in resources(bundle)}


def kind(bundle, name):
    return next(r for r in resources(bundle) if r["resourceType"] == name)


def test_whole_file_is_FHIR_R4_for_schema_and_models(patient, doctor):
    bundle = fhir_out.bundle(patient, by=doctor)

    check_schema(bundle)
    check_models(bundle)
    assert dangling(bundle) == []
    assert kinds(bundle) == KINDS - {"Bundle"}


def test_each_judge_finds_what_the_other_one_takes(patient, doctor):
    wrong, missing = (fhir_out.bundle(patient, by=doctor) for _ in range(2))
    kind(wrong, "Task")["status"] = "perhaps"
    del kind(missing, "Task")["status"]

    check_models(wrong)
    check_schema(missing)

    with pytest.raises(fastjsonschema.JsonSchemaException):
        check_schema(wrong)
    with pytest.raises(ValidationError):
        check_models(missing)


def test_a_guarded_visit_goes_only_to_whom_it_may_be_shown_R140(patient, doctor, other_doctor):
    closed = fhir_out.bundle(patient, by=other_doctor)
    hidden = fhir_out.left_out(patient, by=other_doctor)
    glass.break_glass(patient=patient.pk, reason=BreakGlass.Reason.EMERGENCY, by=other_doctor)
    opened = fhir_out.bundle(patient, by=other_doctor)

    assert hidden == 1 and "抑郁" not in str(closed) and "睡眠差" not in str(closed)
    assert not kinds(closed) & {"Encounter", "Observation"}
    assert "MedicationRequest" in kinds(closed)  # a drug is known to whoever reads the file
    assert dangling(closed) == []
    assert fhir_out.left_out(patient, by=other_doctor) == 0
    assert "抑郁" in str(opened)
    assert opened["meta"]["security"][0]["code"] == "R"
    for name in ("Encounter", "Observation", "MedicationRequest", "MedicationDispense"):
        assert kind(opened, name)["meta"]["security"][0]["code"] == "R"
