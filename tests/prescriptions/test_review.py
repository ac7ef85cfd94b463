"""The pharmacist's review (R-22, R-32, R-38, R-43, R-113, R-142)."""

import pytest
from django.db import IntegrityError, transaction

from clinic.core.errors import AlreadyDone, RuleBroken
from patients.services import add_allergy
from pharmacy import stock
from prescriptions import review, services
from prescriptions.models import Prescription
from tests.factories.prescriptions import (
    approved,
    charges,
    corrected,
    row,
    shipped,
    submitted,
    tablets,
    yesterday,
)

pytestmark = pytest.mark.django_db


def test_an_approved_sheet_passes_charging_where_nobody_pays(doctor, pharmacist):
    sheet = review.approve(prescription=submitted(doctor), by=pharmacist)

    assert (sheet.state, sheet.reviewer) == ("paid", pharmacist)
    assert [event.new for event in sheet.events.all()] == [
        "submitted",
        "approved",
        "unpaid",
        "paid",
    ]


def test_an_approved_sheet_waits_for_payment_where_patients_pay(doctor, pharmacist):
    charges()

    assert approved(doctor, pharmacist).state == "unpaid"


def test_approval_reserves_the_stock_of_every_row_R113(doctor, pharmacist):
    one, two = tablets(stock=100), tablets(generic_name="乙", ingredients="乙", stock=100)

    approved(doctor, pharmacist, one, two)

    assert stock.available([one.pk, two.pk]) == {one.pk: 85, two.pk: 85}


def test_what_is_bought_outside_is_not_reserved_R113(doctor, pharmacist, sheet):
    row(sheet, tablets(stock=0), outside=True)
    sent = services.submit(prescription=sheet, by=doctor)

    assert review.approve(prescription=sent, by=pharmacist).state == "paid"


def test_the_prescriber_never_reviews_R32(doctor):
    with pytest.raises(RuleBroken) as refusal:
        review.approve(prescription=submitted(doctor), by=doctor)

    assert refusal.value.rule == "R-32"


def test_the_prescriber_never_returns_R32(doctor):
    with pytest.raises(RuleBroken):
        review.return_(prescription=submitted(doctor), reason="改", by=doctor)


def test_the_database_refuses_the_prescriber_as_reviewer_R142(doctor):
    sheet = submitted(doctor)
    sheet.reviewer = doctor

    with pytest.raises(IntegrityError), transaction.atomic():
        sheet.save()


def test_a_returned_sheet_carries_the_reason_to_its_doctor_R38(doctor, pharmacist):
    sheet = review.return_(
        prescription=submitted(doctor), reason=" 疗程过长，建议 3 天 ", by=pharmacist
    )

    event = sheet.events.last()
    assert (sheet.state, event.reason, event.made_by) == (
        "returned",
        "疗程过长，建议 3 天",
        pharmacist,
    )


@pytest.mark.parametrize("reason", ["", "   "])
def test_nothing_is_returned_without_a_reason_R38(doctor, pharmacist, reason):
    with pytest.raises(RuleBroken) as refusal:
        review.return_(prescription=submitted(doctor), reason=reason, by=pharmacist)

    assert refusal.value.field == "reason"


def test_a_corrected_sheet_is_approved_R38(doctor, pharmacist, other_pharmacist):
    sheet = review.return_(prescription=submitted(doctor), reason="改", by=pharmacist)
    sent = services.submit(prescription=corrected(sheet), by=doctor)

    assert review.approve(prescription=sent, by=other_pharmacist).reviewer == other_pharmacist


def test_a_sheet_of_yesterday_is_not_approved_R22(doctor, pharmacist):
    with pytest.raises(RuleBroken) as refusal:
        review.approve(prescription=yesterday(submitted(doctor)), by=pharmacist)

    assert refusal.value.rule == "R-22"


def test_an_allergy_recorded_since_then_stops_the_review_R43(doctor, pharmacist, shipped_library):
    sheet = submitted(doctor, shipped("D010"))
    add_allergy(
        patient=sheet.patient,
        substance="阿奇霉素",
        severity="severe",
        group_code="MACRO",
        by=doctor,
    )

    with pytest.raises(RuleBroken) as refusal:
        review.approve(prescription=sheet, by=pharmacist)

    assert refusal.value.rule == "R-43"
    assert not stock.Reservation.objects.exists()


def test_stock_that_went_away_stops_the_review_and_nothing_is_half_saved_R113(doctor, pharmacist):
    drug = tablets(stock=20)
    first, second = submitted(doctor, drug), submitted(doctor, drug)
    review.approve(prescription=first, by=pharmacist)

    with pytest.raises(RuleBroken):
        review.approve(prescription=second, by=pharmacist)

    second.refresh_from_db()
    assert (second.state, second.reviewer) == ("submitted", None)
    assert second.events.count() == 1


def test_a_second_approval_does_nothing(doctor, pharmacist, other_pharmacist):
    sheet = review.approve(prescription=submitted(doctor), by=pharmacist)

    with pytest.raises(AlreadyDone):
        review.approve(prescription=sheet, by=other_pharmacist)

    assert Prescription.objects.get().reviewer == pharmacist


def test_a_page_that_is_too_old_decides_nothing(doctor, pharmacist):
    sheet = submitted(doctor)
    review.return_(prescription=sheet, reason="改", by=pharmacist)
    services.submit(prescription=corrected(Prescription.objects.get()), by=doctor)

    with pytest.raises(AlreadyDone):
        review.approve(prescription=sheet, version=sheet.version, by=pharmacist)


def test_a_draft_is_not_reviewed_R34(sheet, item, pharmacist):
    with pytest.raises(AlreadyDone):
        review.return_(prescription=sheet, reason="改", by=pharmacist)
