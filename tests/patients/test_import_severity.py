"""An allergy from a list that doesn't say how bad it was travels to another clinic as it is."""

import pytest

from patients.exchange import fhir_allergies
from patients.models import Allergy
from tests.factories.patients import AllergyFactory, PatientFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("severity", Allergy.Severity.values)
def test_the_severity_comes_back_and_only_known_ones_stand_in_the_reaction(severity):
    patient = PatientFactory(allergy_status="has")
    allergy = AllergyFactory(patient=patient, severity=severity)

    resource = fhir_allergies._resource(allergy)

    assert resource["reaction"][0].get("severity", "unknown") == severity
    assert fhir_allergies.read([resource])[0]["severity"] == severity
