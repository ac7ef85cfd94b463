"""The whole file as FHIR R4: well formed for every judge, guarded as on the pages (R-140)."""

import copy

import fastjsonschema
import pytest
from pydantic import ValidationError

from patients import records
from patients.exchange import fhir_out
from tests.factories.whole_file import whole_patient
from tests.fhir import check_models, check_schema, dangling, resources

WANTED = {
    "Patient", "AllergyIntolerance", "Condition", "Encounter", "Observation", "MedicationRequest",
    "MedicationDispense", "Procedure", "FamilyMemberHistory", "Consent", "EpisodeOfCare", "Task",
    "QuestionnaireResponse", "Organization",
}  # fmt: skip


@pytest.fixture
def bundle(doctor):
    return fhir_out.bundle(whole_patient(doctor), by=doctor)


def kind(bundle, name):
    return next(r for r in resources(bundle) if r["resourceType"] == name)


def test_whole_file_is_FHIR_R4_for_schema_and_models(bundle):
    check_schema(bundle)
    check_models(bundle)
    assert dangling(bundle) == []


def test_schema_finds_a_wrong_word_that_the_models_take(bundle):
    kind(bundle, "Task")["status"] = "perhaps"

    check_models(bundle)
    with pytest.raises(fastjsonschema.JsonSchemaException):
        check_schema(bundle)


def test_models_find_a_missing_element_that_the_schema_takes(bundle):
    del kind(bundle, "Task")["status"]

    check_schema(bundle)
    with pytest.raises(ValidationError):
        check_models(bundle)
