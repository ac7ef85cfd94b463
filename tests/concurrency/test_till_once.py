"""Two people at one bill at the same moment: one payment, one number, nothing half done."""

import uuid
from decimal import Decimal

import pytest

from clinic.cashier import due
from clinic.cashier.books import check
from clinic.cashier.models import Bill, Payment, Receipt, ShiftLine, TillEntry
from prescriptions import dispensing, returning, review, services
from security.permissions import Role
from tests.concurrency.together import run_together
from tests.conftest import person
from tests.factories.cash import paid, usual_fees
from tests.factories.prescriptions import approved, colleague, draft, row, tablets

pytestmark = pytest.mark.django_db(transaction=True)
ACT = "tests.concurrency.cashiers:act"


@pytest.fixture
def other_cashier(db):
    return person("cashier2", "吴收费", Role.CASHIER)


@pytest.fixture
def sheet(doctor, pharmacist):
    usual_fees()
    return approved(doctor, pharmacist, tablets(price=Decimal("12.50")))


@pytest.fixture
def visit(sheet):
    return sheet.consultation.registration


def to_pay(visit, by, **more):
    owed = due.of_visit(visit)
    facts = {"visit": str(visit.pk), "seen": owed.digest, "amount": str(owed.total)}
    return {"verb": "pay", "by": by.pk, **facts, **more}


def outcomes(answers):
    return sorted(answer.get("error") or answer["result"] for answer in answers)


def rows():
    return [model.objects.count() for model in (Receipt, Payment, TillEntry, Bill)]


def test_two_cashiers_at_one_bill_take_the_money_once(visit, sheet, cashier, other_cashier):
    answers = run_together(ACT, [to_pay(visit, cashier), to_pay(visit, other_cashier)])

    sheet.refresh_from_db()
    assert outcomes(answers) == ["BillChanged", Receipt.objects.get().number], answers
    assert (sheet.state, rows()) == ("paid", [1, 1, 1, 1])
    assert check() == []


def test_a_double_click_takes_the_money_once(visit, cashier):
    token = str(uuid.uuid4())

    answers = run_together(ACT, [to_pay(visit, cashier, token=token)] * 2)

    assert outcomes(answers) == [Receipt.objects.get().number] * 2, answers
    assert rows() == [1, 1, 1, 1]
    assert check() == []


def test_three_bills_at_one_till_keep_its_ledger_without_a_hole(doctor, pharmacist, cashier, sheet):
    sheets = [sheet, *(approved(doctor, pharmacist, tablets(price=Decimal("3"))) for _ in "12")]

    calls = [to_pay(one.consultation.registration, cashier) for one in sheets]
    answers = run_together(ACT, calls)

    numbers = sorted(Receipt.objects.values_list("number", flat=True))
    assert outcomes(answers) == numbers and len(numbers) == 3, answers
    assert [n[-4:] for n in numbers] == ["0001", "0002", "0003"]
    assert ShiftLine.objects.get().count == 3
    assert check() == []


def test_paying_and_voiding_at_once_leave_one_decision(visit, sheet, cashier, doctor):
    answers = run_together(
        ACT, [to_pay(visit, cashier), {"verb": "void", "by": doctor.pk, "sheet": str(sheet.pk)}]
    )

    sheet.refresh_from_db()
    taken = Receipt.objects.count()
    assert (sheet.state, taken) in (("paid", 1), ("voided", 0)), answers
    assert len([answer for answer in answers if "error" in answer]) == 1, answers
    assert check() == []


def test_refund_and_dispensing_at_once_leave_the_drug_or_the_money(
    visit, sheet, cashier, pharmacist
):
    receipt = paid(visit, by=cashier)
    line = receipt.lines.get(kind="western")
    back = {"receipt": str(receipt.pk), "line": line.pk, "quantity": 15}

    answers = run_together(
        ACT,
        [
            {"verb": "refund", "by": cashier.pk, **back},
            {"verb": "dispense", "by": pharmacist.pk, "sheet": str(sheet.pk)},
        ],
    )

    sheet.refresh_from_db()
    assert outcomes(answers) in (["AlreadyDone", "dispensed"], ["AlreadyDone", "refunded"]), answers
    refunded = Receipt.objects.filter(kind="refund").count()
    assert (sheet.state, refunded) in (("dispensed", 0), ("unpaid", 1))
    assert check() == []


def test_a_line_is_refunded_once(visit, sheet, cashier, other_cashier):
    receipt = paid(visit, by=cashier)
    line = receipt.lines.get(kind="western")
    back = {"verb": "refund", "receipt": str(receipt.pk), "line": line.pk, "quantity": 15}

    answers = run_together(ACT, [{**back, "by": cashier.pk}, {**back, "by": other_cashier.pk}])

    assert outcomes(answers) == ["AlreadyDone", "refunded"], answers
    assert check() == []


def test_refund_and_undoing_the_return_at_once_leave_the_drug_or_the_money_R117(
    doctor, pharmacist, cashier
):
    usual_fees()
    sheet = draft(doctor)
    row(sheet, tablets(price=Decimal("12.50")), quantity=40)
    services.submit(prescription=sheet, by=doctor)
    sheet = review.approve(prescription=sheet, by=colleague(pharmacist))
    receipt = paid(sheet.consultation.registration, by=cashier)
    dispensing.dispense(prescription=sheet, by=pharmacist)
    rows = [(returning.out_of(sheet)[0].movement, 40, True)]
    [made] = returning.take_back(prescription=sheet, rows=rows, reason="error", by=pharmacist)
    line = receipt.lines.get(kind="western")
    back = {"receipt": str(receipt.pk), "line": line.pk, "quantity": 40}

    answers = run_together(
        ACT,
        [
            {"verb": "refund", "by": cashier.pk, **back},
            {"verb": "undo return", "by": pharmacist.pk, "document": made.pk},
        ],
    )

    assert outcomes(answers) in (["AlreadyDone", "refunded"], ["AlreadyDone", "undone"]), answers
    assert check() == []
