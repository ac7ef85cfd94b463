"""Two pharmacists, or a pharmacist and the doctor, decide on one sheet at once (R-32, R-34)."""

import pytest

from pharmacy import stock
from prescriptions import review, services
from prescriptions.models import PrescriptionEvent
from tests.concurrency.together import run_together
from tests.factories.prescriptions import draft, row, submitted, tablets, visit_of

pytestmark = pytest.mark.django_db(transaction=True)
DECIDE = "tests.concurrency.pharmacists:decide"


def bought_outside(doctor):
    """A submitted sheet that asks nothing of the stock, which has locks of its own."""
    sheet = draft(doctor)
    row(sheet, tablets(stock=0), outside=True)
    return services.submit(prescription=sheet, by=doctor)


def calls(sheet, *who, verb="approve", **more):
    return [{"verb": verb, "sheet": str(sheet.pk), "by": by.pk, **more} for by in who]


def outcomes(answers):
    return sorted(answer.get("error") or answer["result"] for answer in answers)


def times(sheet, state):
    return PrescriptionEvent.objects.filter(prescription=sheet, new=state).count()


def test_without_the_lock_a_sheet_is_approved_twice(doctor, pharmacist, other_pharmacist):
    sheet = bought_outside(doctor)

    answers = run_together(DECIDE, calls(sheet, pharmacist, other_pharmacist, locked=False))

    assert outcomes(answers) == ["paid", "paid"], answers
    assert times(sheet, "approved") == 2


def test_a_sheet_is_approved_once_R32(doctor, pharmacist, other_pharmacist):
    sheet = bought_outside(doctor)

    answers = run_together(DECIDE, calls(sheet, pharmacist, other_pharmacist))

    assert outcomes(answers) == ["AlreadyDone", "paid"]
    assert times(sheet, "approved") == 1


def test_the_stock_of_a_sheet_is_reserved_once_R113(doctor, pharmacist, other_pharmacist):
    drug = tablets(stock=100)
    sheet = submitted(doctor, drug)

    answers = run_together(DECIDE, calls(sheet, pharmacist, other_pharmacist))

    assert outcomes(answers) == ["AlreadyDone", "paid"]
    assert stock.available([drug.pk]) == {drug.pk: 85}


def test_approve_and_return_at_once_leave_one_decision_R34(doctor, pharmacist, other_pharmacist):
    sheet = submitted(doctor)

    answers = run_together(
        DECIDE,
        calls(sheet, pharmacist) + calls(sheet, other_pharmacist, verb="return"),
    )

    assert outcomes(answers) in (["AlreadyDone", "paid"], ["AlreadyDone", "returned"])


def test_the_last_tablets_go_to_one_of_two_sheets_R113(doctor, pharmacist, other_pharmacist):
    drug = tablets(stock=20)
    one, two = submitted(doctor, drug), submitted(doctor, drug)

    answers = run_together(DECIDE, calls(one, pharmacist) + calls(two, other_pharmacist))

    assert len([answer for answer in answers if answer.get("result") == "paid"]) == 1, answers
    assert stock.available([drug.pk]) == {drug.pk: 5}


def test_two_submits_at_once_send_one_sheet(doctor):
    sheet = draft(doctor)
    row(sheet)

    answers = run_together(DECIDE, calls(sheet, doctor, doctor, verb="submit"))

    assert outcomes(answers) == ["AlreadyDone", "submitted"]


def test_three_presses_start_one_prescription(doctor):
    visit = visit_of(doctor)
    press = {"visit": str(visit.pk), "by": doctor.pk}

    answers = run_together("tests.concurrency.pharmacists:begin", [press] * 3)

    assert len({answer["result"] for answer in answers}) == 1, answers


def test_approving_and_voiding_at_once_leave_one_decision_R34(doctor, pharmacist):
    drug = tablets(stock=100)
    sheet = submitted(doctor, drug)

    answers = run_together(DECIDE, calls(sheet, pharmacist) + calls(sheet, doctor, verb="void"))

    sheet.refresh_from_db()
    # Nobody pays here: an approved sheet may be voided afterwards, and then frees its stock.
    assert outcomes(answers) in (["AlreadyDone", "voided"], ["paid", "voided"])
    assert (sheet.state, times(sheet, "voided")) == ("voided", 1)
    assert stock.available([drug.pk]) == {drug.pk: 100}


def test_two_presses_insist_once_R38(doctor, pharmacist):
    sheet = review.return_(prescription=submitted(doctor), codes=["2-7"], by=pharmacist)

    answers = run_together(DECIDE, calls(sheet, doctor, doctor, verb="submit", insist="既往有效"))

    assert outcomes(answers) == ["AlreadyDone", "submitted"]
    assert PrescriptionEvent.objects.filter(prescription=sheet, mark="insisted").count() == 1
