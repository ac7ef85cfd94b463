"""Adding a row (R-14, R-17, R-43, R-113, R-115, R-116, R-122)."""

from decimal import Decimal

import pytest

from clinic.core.errors import AlreadyDone, RuleBroken
from prescriptions.models import AlertRecord
from prescriptions.services import submit
from tests.factories.prescriptions import (
    SEVERE_PENICILLIN,
    draft,
    patient_with,
    row,
    shipped,
    tablets,
)

pytestmark = pytest.mark.django_db


def test_the_quantity_and_the_amount_are_computed_R116(sheet, ambroxol):
    item = row(sheet, ambroxol)

    assert (item.computed, item.quantity, item.base_unit) == (15, 15, "片")
    assert item.amount == Decimal("7.20")  # 9.60 for 20 tablets


def test_an_edited_quantity_stands_beside_the_computed_one_R116(sheet, ambroxol):
    item = row(sheet, ambroxol, quantity=20)

    assert (item.computed, item.quantity, item.amount) == (15, 20, Decimal("9.60"))


def test_name_pack_and_price_stay_as_they_were_R122(sheet, ambroxol):
    item = row(sheet, ambroxol)
    ambroxol.price, ambroxol.generic_name = Decimal("99"), "别的名字"
    ambroxol.save()
    item.refresh_from_db()

    assert (item.drug_name, item.price, item.amount) == (
        "盐酸氨溴索片",
        Decimal("9.60"),
        Decimal("7.20"),
    )


@pytest.mark.parametrize("frequency", ["prn"])
def test_a_quantity_that_can_not_be_computed_is_asked_R168(sheet, ambroxol, frequency):
    with pytest.raises(RuleBroken) as refusal:
        row(sheet, ambroxol, frequency=frequency)

    assert (refusal.value.field, refusal.value.rule) == ("quantity", "R-168")
    assert "1盒" in refusal.value.message
    assert not sheet.items.exists()


def test_the_asked_quantity_is_taken_R168(sheet, ambroxol):
    item = row(sheet, ambroxol, frequency="prn", quantity=6)

    assert (item.computed, item.quantity) == (None, 6)


def test_a_pack_that_may_not_be_opened_is_sold_whole_R115(sheet):
    pills = tablets(
        stock=600,
        divisible=False,
        units_per_pack=200,
        content=None,
        content_unit="",
        base_unit="丸",
    )

    item = row(sheet, pills, dose=Decimal(8), dose_unit="丸", days=7)

    assert item.quantity == 200
    with pytest.raises(RuleBroken) as refusal:
        row(sheet, pills, dose=Decimal(8), dose_unit="丸", days=7, quantity=168)
    assert refusal.value.rule == "R-115"


def test_six_drugs_are_refused_R14(sheet):
    for n in range(5):
        row(sheet, tablets(generic_name=f"药{n}", ingredients=f"成分{n}", stock=100))

    with pytest.raises(RuleBroken) as refusal:
        row(sheet, tablets(generic_name="第六种"))

    assert (refusal.value.field, refusal.value.rule) == ("drug", "R-14")
    assert sheet.items.count() == 5


@pytest.mark.parametrize(
    ("usage", "field"),
    [
        ({"route": "99"}, "route"),
        ({"route": ""}, "route"),
        ({"frequency": "遵医嘱"}, "frequency"),
        ({"dose": Decimal(0)}, "dose"),
        ({"dose": Decimal(1_000_000)}, "dose"),
        ({"dose": Decimal(1), "dose_unit": "适量"}, "dose"),
        ({"days": 0}, "days"),
        ({"days": 366}, "days"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": 100_000}, "quantity"),
        ({"dose": Decimal(999_999), "dose_unit": "g", "days": 365}, "quantity"),
        ({"dose": Decimal(999_999), "dose_unit": "g", "days": 365, "quantity": 1}, "dose"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused_with_its_field(sheet, ambroxol, usage, field):
    with pytest.raises(RuleBroken) as refusal:
        row(sheet, ambroxol, **usage)

    assert refusal.value.field == field
    assert not sheet.items.exists()


def test_only_the_prescriber_adds_rows_R142(sheet, other_doctor):
    with pytest.raises(RuleBroken) as refusal:
        row(sheet, by=other_doctor)

    assert refusal.value.rule == "R-142"


def test_a_submitted_sheet_takes_no_more_rows_R34(sheet, item, doctor):
    submit(prescription=sheet, by=doctor)

    with pytest.raises(AlreadyDone):
        row(sheet, tablets(generic_name="另一种"))


def test_every_change_makes_another_version(sheet, ambroxol):
    before = sheet.version
    row(sheet, ambroxol)
    sheet.refresh_from_db()

    assert sheet.version == before + 1


def test_what_a_rule_blocks_is_noted_with_its_outcome_R43(doctor, shipped_library):
    sheet = draft(doctor, patient=patient_with(SEVERE_PENICILLIN))

    item = row(sheet, shipped("D001"), dose=Decimal("0.5"), dose_unit="g", skin_test="pending")

    record = sheet.alerts.get()
    assert (record.rule, record.level, record.outcome) == ("allergy.severe", 1, "blocked")
    assert (record.item, record.made_by) == (item, doctor)


def test_the_same_alert_is_noted_once(doctor, shipped_library):
    sheet = draft(doctor, patient=patient_with(SEVERE_PENICILLIN))
    row(sheet, shipped("D001"), dose=Decimal("0.5"), dose_unit="g", skin_test="pending")

    row(sheet)

    assert [row.rule for row in AlertRecord.objects.all()].count("allergy.severe") == 1


def test_a_drug_bought_outside_costs_nothing_here_R113(sheet):
    item = row(sheet, tablets(stock=0), outside=True)

    assert (item.outside, item.amount) == (True, 0)


def test_a_psychotropic_drug_changes_the_paper_R10(sheet, shipped_library):
    row(sheet, shipped("D079"), dose=Decimal("2.5"), frequency="qn")
    sheet.refresh_from_db()

    assert sheet.kind == "psychotropic_2"


def test_a_narcotic_changes_the_paper_R10(sheet, shipped_library):
    row(sheet, shipped("D084"), dose=Decimal(10), frequency="q12h", days=3)
    sheet.refresh_from_db()

    assert sheet.kind == "narcotic"
