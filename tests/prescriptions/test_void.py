"""Voiding (R-34, R-113, R-147)."""

import pytest

from clinic.core.errors import AlreadyDone, RuleBroken
from pharmacy import stock
from prescriptions import services
from tests.factories.prescriptions import approved, charges, dispensed, row, submitted, tablets

pytestmark = pytest.mark.django_db


def test_a_draft_is_voided_and_kept_with_its_reason_R147(sheet, item, doctor):
    voided = services.void(prescription=sheet, reason="开错患者", by=doctor)

    assert voided.state == "voided"
    assert voided.events.get().reason == "开错患者"


def test_a_submitted_sheet_is_voided(doctor):
    sheet = submitted(doctor)

    assert services.void(prescription=sheet, reason="改方", by=doctor).state == "voided"


def test_voiding_frees_the_stock_R113(doctor, pharmacist):
    drug = tablets(stock=20)
    sheet = approved(doctor, pharmacist, drug)
    assert stock.available([drug.pk]) == {drug.pk: 5}

    services.void(prescription=sheet, reason="改方", by=doctor)

    assert stock.available([drug.pk]) == {drug.pk: 20}


def test_what_was_paid_for_is_not_voided_R34(doctor, pharmacist):
    sheet = approved(doctor, pharmacist)
    charges()

    with pytest.raises(RuleBroken) as refusal:
        services.void(prescription=sheet, reason="改方", by=doctor)

    assert refusal.value.rule == "R-34"


def test_what_was_handed_out_is_not_voided_R34(doctor, pharmacist):
    sheet = dispensed(doctor, pharmacist)

    with pytest.raises(AlreadyDone):
        services.void(prescription=sheet, reason="改方", by=doctor)


def test_only_the_prescriber_voids_R34(sheet, item, other_doctor):
    with pytest.raises(RuleBroken):
        services.void(prescription=sheet, reason="改方", by=other_doctor)


def test_a_voided_sheet_takes_no_rows(sheet, doctor):
    services.void(prescription=sheet, reason="改方", by=doctor)

    with pytest.raises(AlreadyDone):
        row(sheet)
