"""Two windows hand out one sheet at the same moment (R-34, R-112)."""

import pytest

from pharmacy.books import check
from pharmacy.models import Batch
from prescriptions import review, services
from prescriptions.models import DispenseLine, PrescriptionEvent
from tests.concurrency.together import run_together
from tests.factories.prescriptions import approved, colleague, draft, row, tablets

pytestmark = pytest.mark.django_db(transaction=True)
DECIDE = "tests.concurrency.pharmacists:decide"


def calls(sheet, *who, verb="dispense", **more):
    return [{"verb": verb, "sheet": str(sheet.pk), "by": by.pk, **more} for by in who]


def outcomes(answers):
    return sorted(answer.get("error") or answer["result"] for answer in answers)


def bought_outside(doctor, pharmacist):
    """An approved sheet that asks nothing of the stock, which has locks of its own."""
    sheet = draft(doctor)
    row(sheet, tablets(stock=0), outside=True)
    services.submit(prescription=sheet, by=doctor)
    return review.approve(prescription=sheet, by=colleague(pharmacist))


def test_without_the_lock_a_sheet_is_handed_out_twice(doctor, pharmacist, other_pharmacist):
    sheet = bought_outside(doctor, pharmacist)

    answers = run_together(DECIDE, calls(sheet, pharmacist, other_pharmacist, locked=False))

    assert outcomes(answers) == ["dispensed", "dispensed"], answers
    assert PrescriptionEvent.objects.filter(prescription=sheet, new="dispensed").count() == 2


def test_a_sheet_is_handed_out_once_R34(doctor, pharmacist, other_pharmacist):
    sheet = bought_outside(doctor, pharmacist)

    answers = run_together(DECIDE, calls(sheet, pharmacist, other_pharmacist))

    assert outcomes(answers) == ["AlreadyDone", "dispensed"]
    assert PrescriptionEvent.objects.filter(prescription=sheet, new="dispensed").count() == 1


def test_the_stock_falls_once_and_the_books_agree_R112(doctor, pharmacist, other_pharmacist):
    sheet = approved(doctor, pharmacist, tablets(stock=100))

    answers = run_together(DECIDE, calls(sheet, pharmacist, other_pharmacist))

    assert outcomes(answers) == ["AlreadyDone", "dispensed"]
    assert Batch.objects.get().on_hand == 85
    assert DispenseLine.objects.count() == 1
    assert check() == []


def test_handing_out_and_sending_back_at_once_leave_one_decision(
    doctor, pharmacist, other_pharmacist
):
    sheet = approved(doctor, pharmacist, tablets(stock=100))

    answers = run_together(
        DECIDE, calls(sheet, pharmacist) + calls(sheet, other_pharmacist, verb="send back")
    )

    sheet.refresh_from_db()
    left = Batch.objects.get().on_hand
    assert outcomes(answers) in (["AlreadyDone", "dispensed"], ["AlreadyDone", "returned"])
    assert (sheet.state, left) in (("dispensed", 85), ("returned", 100))


def test_handing_out_and_voiding_at_once_leave_one_decision(doctor, pharmacist):
    sheet = approved(doctor, pharmacist, tablets(stock=100))

    answers = run_together(DECIDE, calls(sheet, pharmacist) + calls(sheet, doctor, verb="void"))

    sheet.refresh_from_db()
    left = Batch.objects.get().on_hand
    assert outcomes(answers) in (["AlreadyDone", "dispensed"], ["AlreadyDone", "voided"])
    assert (sheet.state, left) in (("dispensed", 85), ("voided", 100))
