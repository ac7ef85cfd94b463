"""From a warning to the allergies and back; what the button says while a skin test is open."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation

from patients.models import AllergyStatus
from patients.services import set_allergy_status
from prescriptions import alerts
from tests.factories.prescriptions import row, shipped

pytestmark = pytest.mark.django_db


def test_the_visit_leads_to_the_allergies_and_back_R44(visit, doctor, as_):
    patient = visit.patient
    set_allergy_status(patient=patient, status=AllergyStatus.NOT_ASKED, by=doctor)
    here = reverse("consultation", args=[visit.pk])

    page = as_(doctor).get(here).content.decode()

    assert page.count(f"{reverse('patient_allergies', args=[patient.pk])}?next={here}") == 2


def test_a_row_without_skin_test_state_is_not_called_forbidden_R45(sheet, shipped_library):
    row(sheet, shipped("D001"), dose=Decimal("0.5"), dose_unit="g")

    with translation.override("en"):
        words = alerts.opinion(sheet).summary()

    assert "skin test" in words and "not allowed" not in words
