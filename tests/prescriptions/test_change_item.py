"""Changing, replacing, marking and removing rows (R-45, R-113, R-147, R-157)."""

from decimal import Decimal

import pytest

from clinic.core.errors import AlreadyDone, RuleBroken
from prescriptions import services
from tests.factories.prescriptions import USUAL, draft, row, shipped, tablets

pytestmark = pytest.mark.django_db


def change(item, drug=None, **usage):
    return services.change_item(
        item=item, drug=drug or item.drug, by=item.prescription.prescriber, **{**USUAL, **usage}
    )


def test_a_changed_row_is_computed_anew_and_keeps_its_place(sheet, item):
    row(sheet, tablets(generic_name="第二行"))

    changed = change(item, days=7)

    assert (changed.pk, changed.rank, changed.quantity) == (item.pk, 1, 21)
    assert changed.amount == Decimal("10.08")


def test_a_slip_in_the_dose_is_refused_though_the_quantity_is_typed(item):
    """Beyond what MariaDB's column takes; a typed quantity says nothing about the dose."""
    with pytest.raises(RuleBroken) as refusal:
        change(item, dose=Decimal(999_999), dose_unit="g", days=365, quantity=1)

    assert refusal.value.field == "dose"
    item.refresh_from_db()
    assert (item.dose, item.quantity) == (Decimal(30), 15)


def test_another_drug_takes_the_row_with_its_own_name_and_price(item):
    other = tablets(generic_name="另一种", price=Decimal("20"))

    changed = change(item, other)

    assert (changed.drug_name, changed.price) == ("另一种", Decimal("20"))


def test_the_skin_test_belongs_to_the_drug_R45(sheet, shipped_library):
    item = row(sheet, shipped("D001"), dose=Decimal(1), dose_unit="粒", skin_test="negative")

    same = change(item, dose=Decimal(2), dose_unit="粒")
    assert same.skin_test == "negative"

    other = change(item, shipped("D002"), dose=Decimal(1), dose_unit="片")
    assert (other.skin_test, other.skin_test_at, other.skin_test_by) == ("", None, None)


def test_another_person_changes_nothing_R142(item, other_doctor):
    with pytest.raises(RuleBroken):
        services.change_item(item=item, drug=item.drug, by=other_doctor, **USUAL)


def test_a_submitted_row_is_fixed_R34(sheet, item, doctor):
    services.submit(prescription=sheet, by=doctor)

    with pytest.raises(AlreadyDone):
        change(item, days=7)


def test_a_removed_row_is_not_changed(item, doctor):
    services.remove_item(item=item, by=doctor)

    with pytest.raises(RuleBroken):
        change(item, days=7)


def test_a_removed_row_stays_in_the_database_R147(sheet, item, doctor):
    services.remove_item(item=item, by=doctor)
    item.refresh_from_db()

    assert item.removed_at is not None
    assert not sheet.items.filter(removed_at__isnull=True).exists()


def test_removing_twice_does_nothing_the_second_time(sheet, item, doctor):
    services.remove_item(item=item, by=doctor)
    version = services.remove_item(item=item, by=doctor).version

    sheet.refresh_from_db()
    assert sheet.version == version


def test_another_doctor_removes_nothing_R142(item, other_doctor):
    with pytest.raises(RuleBroken):
        services.remove_item(item=item, by=other_doctor)


def test_the_alternative_takes_the_row_with_its_usual_usage_R43(sheet, shipped_library):
    amoxicillin, azithromycin = shipped("D001"), shipped("D010")
    item = row(sheet, amoxicillin, dose=Decimal("0.5"), dose_unit="g", days=5)

    taken = services.replace_item(item=item, drug=azithromycin, by=sheet.prescriber)

    assert taken.pk == item.pk
    assert (str(taken.dose), taken.dose_unit, taken.frequency) == ("0.5", "g", "qd")
    assert (taken.days, taken.quantity) == (3, 6)  # its own course of three days


def test_a_drug_without_a_plain_usual_dose_is_written_by_hand_R157(sheet, shipped_library, item):
    with pytest.raises(RuleBroken) as refusal:
        services.replace_item(item=item, drug=shipped("D025"), by=sheet.prescriber)

    assert refusal.value.rule == "R-157"


def test_a_row_is_marked_as_bought_outside_R113(item, doctor):
    marked = services.mark_outside(item=item, by=doctor)

    assert (marked.outside, marked.amount) == (True, 0)


def test_two_sheets_of_one_visit_do_not_touch_each_other(doctor, visit):
    first = draft(doctor, record=visit)
    item = row(first)
    second = draft(doctor, record=visit)
    row(second)

    services.remove_item(item=item, by=doctor)

    assert second.items.filter(removed_at__isnull=True).count() == 1
