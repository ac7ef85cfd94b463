"""check_cash proves every sum; each of them broken by hand is named (R-165)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from clinic.cashier import books, nightly, shifts
from clinic.cashier.models import Bill, Receipt
from prescriptions import dispensing, review, services
from security import home_notes
from tests.factories.cash import paid, usual_fees
from tests.factories.prescriptions import colleague, draft, row, tablets
from tests.factories.till import bill_of, given_back, taken

pytestmark = pytest.mark.django_db


@pytest.fixture
def money(doctor, frontdesk, cashier, administrator):
    """A shift handed over, and another one running with a payment and a refund."""
    bill = bill_of(doctor, frontdesk)
    shift = shifts.begin(floating=Decimal("50.00"), by=cashier)
    taken(bill, by=cashier, cash="0.10", wechat="0.20", lines={"western": "0.10", "herbal": "0.20"})
    shifts.hand_over(
        shift=shift,
        seen=2,
        counted=Decimal("50.10"),
        coins={"50": 1, "0.1": 1},
        reason="",
        handed_to=administrator,
        by=cashier,
    )
    taken(bill, by=cashier, cash="7.30")
    given_back(taken(bill, by=cashier, cash="5.00"), by=cashier)
    assert books.check() == []


def test_money_that_agrees_is_said_to(money, capsys):
    call_command("check_cash")

    assert "The money agrees: 4 receipts in 2 shifts checked." in capsys.readouterr().out


# Of the table that is changed; MySQL reads it only through another one.
LAST = "id = (SELECT MAX(id) FROM (SELECT id FROM TABLE) AS x)"


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ("UPDATE cashier_bill SET charged = 9", ["Bill", "its lines add up to 7.60"]),
        ("UPDATE cashier_bill SET paid = 7", ["Bill", "its payments are 7.60"]),
        (
            "UPDATE cashier_receipt SET charged = 1 WHERE number = 'T-00002'",
            ["Receipt T-00002 charges 1.00", "its lines add up to 7.30"],
        ),
        (
            "UPDATE cashier_receipt SET paid = 1 WHERE number = 'T-00002'",
            ["Receipt T-00002 says 1.00 paid", "its payments are 7.30"],
        ),
        (
            "UPDATE cashier_billline SET full = 3, amount = 3 WHERE kind = 'herbal'",
            ["before reductions instead of 0.20"],
        ),
        (
            "UPDATE cashier_billline SET source = 'twice' WHERE kind <> 'consultation'",
            ["twice is charged twice"],
        ),
        ("UPDATE cashier_billline SET quantity = -2 WHERE LAST", ["More of line"]),
        ("UPDATE cashier_billline SET kind = 'other' WHERE LAST", ["does not take back"]),
        (
            "UPDATE cashier_receipt SET paid = -500 WHERE kind = 'refund'",
            ["T-00004 gives back more than was paid"],
        ),
        ("UPDATE cashier_payment SET amount = -4 WHERE LAST", ["Entry", "is not what"]),
        ("DELETE FROM cashier_tillentry WHERE LAST", ["is not in the ledger of the till"]),
        (
            "UPDATE cashier_tillentry SET place = 9 WHERE LAST",
            ["has place 9 after 2: there is a hole"],
        ),
        ("UPDATE cashier_tillentry SET balance = 1 WHERE LAST", ["says a balance of 1"]),
        (
            "UPDATE cashier_shiftline SET balance = 99 WHERE way = 'wechat'",
            ["keeps (1, Decimal('99", "of wechat"],
        ),
        (
            "UPDATE cashier_shift SET difference = 1, reason = 'x' WHERE counted IS NOT NULL",
            ["says a difference of 1", "instead of 0"],
        ),
        (
            "UPDATE cashier_shift SET coins = '{\"50\": 2}' WHERE counted IS NOT NULL",
            ["its notes and coins differ"],
        ),
        (
            "UPDATE cashier_receipt SET number = 'T-00009' WHERE number = 'T-00002'",
            ["Receipts of T: 2, 5, 6, 7, 8 are missing"],
        ),
    ],
)
def test_a_broken_sum_is_named(money, broken, named, capsys):
    table = next(word for word in broken.split() if word.startswith("cashier_"))
    with connection.cursor() as cursor:
        cursor.execute(broken.replace("LAST", LAST.replace("TABLE", table)))

    with pytest.raises(CommandError, match="does not agree"):
        call_command("check_cash")

    told = capsys.readouterr().out
    assert any(all(words in line for words in named) for line in told.splitlines()), told


def test_a_receipt_after_its_shift_is_named(money):
    late = Receipt.objects.get(number="T-00001")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cashier_receipt SET made_at = %s WHERE number = 'T-00001'",
            [late.made_at + timedelta(days=1)],
        )

    problems = books.check()

    assert any("Receipt T-00001 was written while its shift" in problem for problem in problems)


def test_the_night_tells_the_administrator_of_a_wrong_sum_until_it_is_right(money):
    Bill.objects.update(charged=Decimal(9))

    nightly.verify_nightly()

    assert any("check_cash" in note.words for note in home_notes.notes())
    Bill.objects.update(charged=Decimal("7.60"))
    nightly.run()
    assert not any("check_cash" in note.words for note in home_notes.notes())


def test_drugs_with_the_patient_that_are_not_charged_any_more_are_named_R117(
    doctor, pharmacist, cashier
):
    usual_fees()
    sheet = draft(doctor)
    row(sheet, tablets(price=Decimal("12.50")), quantity=40)
    services.submit(prescription=sheet, by=doctor)
    sheet = review.approve(prescription=sheet, by=colleague(pharmacist))
    paid(sheet.consultation.registration, by=cashier)
    sheet.refresh_from_db()
    dispensing.dispense(prescription=sheet, by=pharmacist)
    assert books.check() == []

    with connection.cursor() as cursor:
        cursor.execute("UPDATE cashier_billline SET quantity = 20 WHERE kind = 'western'")

    assert any("40 are with the patient, but only 20 stay" in words for words in books.check())
