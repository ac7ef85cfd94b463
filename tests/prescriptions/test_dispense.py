"""Picking, handing out, sending back (R-22, R-32, R-43, R-45, R-112, R-123)."""

from decimal import Decimal

import pytest

from clinic.core.errors import AlreadyDone, RuleBroken
from patients.services import add_allergy
from pharmacy import stock
from pharmacy.models import Batch, StockMovement
from prescriptions import dispensing, review, services
from prescriptions.models import DispenseLine
from tests.factories.pharmacy import put_on_shelf
from tests.factories.prescriptions import (
    approved,
    charges,
    colleague,
    dispensed,
    draft,
    row,
    shipped,
    submitted,
    tablets,
    yesterday,
)

pytestmark = pytest.mark.django_db


def hand_out(sheet, by, **more):
    return dispensing.dispense(prescription=sheet, by=by, **more)


def test_stock_falls_by_batch_the_earliest_expiry_first_R112(doctor, pharmacist):
    drug = tablets(stock=0)
    late = put_on_shelf(drug, 100, days=700, lot="LATE")
    soon = put_on_shelf(drug, 10, days=40, lot="SOON")

    dispensed(doctor, pharmacist, drug)

    late.refresh_from_db(), soon.refresh_from_db()
    assert (soon.on_hand, late.on_hand) == (0, 95)


def test_every_movement_is_tied_to_its_row_R107(doctor, pharmacist):
    drug = tablets(stock=0)
    put_on_shelf(drug, 100, days=700, lot="LATE")
    put_on_shelf(drug, 10, days=40, lot="SOON")

    sheet = dispensed(doctor, pharmacist, drug)

    lines = DispenseLine.objects.order_by("pk")
    assert [(line.quantity, line.movement.batch.lot) for line in lines] == [
        (10, "SOON"),
        (5, "LATE"),
    ]
    assert {line.movement.reference for line in lines} == {f"{sheet.number}/1"}
    assert {line.movement.document.reference for line in lines} == {sheet.number}


def test_one_person_may_pick_and_hand_out_and_is_named_R33(doctor, pharmacist):
    sheet = dispensed(doctor, pharmacist)

    assert (sheet.state, sheet.picker, sheet.checker, sheet.dispenser) == (
        "dispensed",
        pharmacist,
        pharmacist,
        pharmacist,
    )


def test_two_people_are_both_named_R39(doctor, pharmacist, other_pharmacist):
    sheet = dispensing.pick(prescription=approved(doctor, pharmacist), by=pharmacist)

    sheet = hand_out(sheet, other_pharmacist)

    assert (sheet.picker, sheet.checker) == (pharmacist, other_pharmacist)


def test_an_unreviewed_sheet_is_never_handed_out_R32(doctor, pharmacist):
    sheet = submitted(doctor)

    with pytest.raises(RuleBroken):
        hand_out(sheet, pharmacist)

    assert not StockMovement.objects.filter(kind="issue").exists()


def test_an_unpaid_sheet_is_never_handed_out_R32(doctor, pharmacist):
    charges()

    with pytest.raises(AlreadyDone):
        hand_out(approved(doctor, pharmacist), pharmacist)


def test_a_sheet_of_yesterday_is_not_handed_out_R22(doctor, pharmacist):
    with pytest.raises(RuleBroken) as refusal:
        hand_out(yesterday(approved(doctor, pharmacist)), pharmacist)

    assert refusal.value.rule == "R-22"


@pytest.mark.parametrize(
    ("state", "goes"), [("pending", False), ("negative", True), ("continued", True)]
)
def test_a_pending_skin_test_stops_only_the_window_R45_R171(
    doctor, pharmacist, shipped_library, state, goes
):
    sheet = draft(doctor)
    row(sheet, shipped("D001"), dose=Decimal("0.5"), dose_unit="g", skin_test=state)
    services.submit(prescription=sheet, by=doctor)
    review.approve(prescription=sheet, by=colleague(pharmacist))

    if goes:
        assert hand_out(sheet, pharmacist).state == "dispensed"
    else:
        with pytest.raises(RuleBroken) as refusal:
            hand_out(sheet, pharmacist)
        assert refusal.value.rule == "R-45"


def test_an_allergy_recorded_at_the_window_stops_it_R43(doctor, pharmacist, shipped_library):
    sheet = approved(doctor, pharmacist, shipped("D010"))
    add_allergy(
        patient=sheet.patient,
        substance="阿奇霉素",
        severity="severe",
        group_code="MACRO",
        by=doctor,
    )

    with pytest.raises(RuleBroken) as refusal:
        hand_out(sheet, pharmacist)

    assert refusal.value.rule == "R-43"


def test_a_batch_frozen_under_the_reservation_is_told_and_nothing_leaves_R174(doctor, pharmacist):
    sheet = approved(doctor, pharmacist, tablets(stock=20))
    batch = Batch.objects.get()
    batch.frozen = True
    batch.save()

    with pytest.raises(RuleBroken):
        hand_out(sheet, pharmacist)

    sheet.refresh_from_db()
    assert (sheet.state, DispenseLine.objects.count()) == ("paid", 0)


def test_handing_out_twice_does_it_once(doctor, pharmacist, other_pharmacist):
    sheet = dispensed(doctor, pharmacist)

    with pytest.raises(AlreadyDone):
        hand_out(sheet, other_pharmacist)

    assert DispenseLine.objects.count() == 1


def test_a_row_bought_outside_leaves_the_shelf_alone_R113(doctor, pharmacist, sheet):
    row(sheet, tablets(stock=0), outside=True)
    services.submit(prescription=sheet, by=doctor)
    review.approve(prescription=sheet, by=colleague(pharmacist))

    assert hand_out(sheet, pharmacist).state == "dispensed"
    assert not DispenseLine.objects.exists()


def test_a_sheet_sent_back_is_with_its_doctor_and_frees_the_stock_R123(doctor, pharmacist):
    drug = tablets(stock=20)
    sheet = approved(doctor, pharmacist, drug)

    back = dispensing.send_back(prescription=sheet, reason="只剩 8 片", by=pharmacist)

    assert (back.state, back.events.last().reason) == ("returned", "只剩 8 片")
    assert stock.available([drug.pk]) == {drug.pk: 20}


def test_a_corrected_sheet_is_reserved_anew_R113(doctor, pharmacist):
    drug = tablets(stock=20)
    sheet = approved(doctor, pharmacist, drug)
    dispensing.send_back(prescription=sheet, reason="改", by=pharmacist)
    services.submit(prescription=sheet, by=doctor)
    review.approve(prescription=sheet, by=colleague(pharmacist))

    assert stock.available([drug.pk]) == {drug.pk: 5}
    assert hand_out(sheet, pharmacist).state == "dispensed"


def test_nothing_is_sent_back_without_a_reason_R123(doctor, pharmacist):
    with pytest.raises(RuleBroken) as refusal:
        dispensing.send_back(prescription=approved(doctor, pharmacist), reason=" ", by=pharmacist)

    assert refusal.value.field == "reason"


def test_what_was_handed_out_is_not_sent_back(doctor, pharmacist):
    with pytest.raises(AlreadyDone):
        dispensing.send_back(prescription=dispensed(doctor, pharmacist), reason="改", by=pharmacist)


def test_a_sheet_being_picked_can_be_sent_back(doctor, pharmacist):
    sheet = dispensing.pick(prescription=approved(doctor, pharmacist), by=pharmacist)

    back = dispensing.send_back(prescription=sheet, reason="破损", by=pharmacist)

    assert (back.state, back.picker) == ("returned", None)
