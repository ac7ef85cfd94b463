"""Another drug in stock is offered where one can't be given (R-43, R-157)."""

from decimal import Decimal

import pytest
from django.utils import timezone

from prescriptions import alerts
from prescriptions.alternatives import alternative_for
from tests.factories.prescriptions import (
    MILD_PENICILLIN,
    SEVERE_PENICILLIN,
    draft,
    patient_with,
    row,
    shipped,
)

pytestmark = pytest.mark.django_db


def offer(sheet, item, key):
    found = alerts.opinion(sheet)
    finding = next(f for f in found.findings if f.rule.key == key)
    return alternative_for(found, item, finding)


def amoxicillin_for(doctor, *allergies, **fields):
    sheet = draft(doctor, patient=patient_with(*allergies, **fields))
    item = row(sheet, shipped("D001"), dose=Decimal("0.5"), dose_unit="g", skin_test="negative")
    return sheet, item


def test_azithromycin_is_offered_for_a_penicillin_R43(doctor, shipped_library):
    sheet, item = amoxicillin_for(doctor, SEVERE_PENICILLIN)
    shipped("D010"), shipped("D009"), shipped("D004")

    offered = offer(sheet, item, "allergy.severe")

    assert offered.drug.code == "D010"
    assert (str(offered.usage.dose), offered.usage.frequency) == ("0.5", "qd")


def test_what_is_out_of_stock_is_not_offered_R43(doctor, shipped_library):
    sheet, item = amoxicillin_for(doctor, SEVERE_PENICILLIN)
    shipped("D010", stock=0), shipped("D009")

    assert offer(sheet, item, "allergy.severe").drug.code == "D009"


def test_what_cross_reacts_is_not_offered_R45(doctor, shipped_library):
    sheet, item = amoxicillin_for(doctor, SEVERE_PENICILLIN)
    shipped("D004")

    assert offer(sheet, item, "allergy.severe") is None


def test_what_another_allergy_forbids_is_not_offered_R43(doctor, shipped_library):
    macrolides = {"group_code": "MACRO", "substance": "红霉素", "severity": "mild"}
    sheet, item = amoxicillin_for(doctor, SEVERE_PENICILLIN, macrolides)
    shipped("D010"), shipped("D013")

    assert offer(sheet, item, "allergy.severe").drug.code == "D013"


def test_a_mild_allergy_is_offered_an_alternative_too(doctor, shipped_library):
    sheet, item = amoxicillin_for(doctor, MILD_PENICILLIN)
    shipped("D010")

    assert offer(sheet, item, "allergy.recorded").drug.code == "D010"


def test_for_a_child_the_doctor_writes_the_dose_R157(doctor, shipped_library):
    born = timezone.localdate() - timezone.timedelta(days=3000)
    sheet, item = amoxicillin_for(doctor, SEVERE_PENICILLIN, birth_date=born)
    shipped("D010")

    offered = offer(sheet, item, "allergy.severe")

    assert (offered.drug.code, offered.usage) == ("D010", None)


def test_a_drug_barred_for_the_young_is_not_offered_to_them(doctor, shipped_library):
    born = timezone.localdate() - timezone.timedelta(days=16 * 365)
    sheet, item = amoxicillin_for(doctor, SEVERE_PENICILLIN, birth_date=born)
    shipped("D013")  # a quinolone: not under 18

    assert offer(sheet, item, "allergy.severe") is None


def test_for_a_bad_pair_a_drug_of_the_same_class_comes_first_R43(
    doctor, shipped_library, shipped_pairs
):
    sheet = draft(doctor)
    row(sheet, shipped("D051"), dose=Decimal(5), frequency="qd", days=7)
    item = row(sheet, shipped("D011"), dose=Decimal("0.25"), dose_unit="g", frequency="bid")
    shipped("D010"), shipped("D006")

    assert offer(sheet, item, "interaction.serious").drug.code == "D010"
