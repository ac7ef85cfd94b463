"""Money back: a counter-entry after what it was for, the original stays (R-102, R-115, R-117)."""

from decimal import Decimal

import pytest

from clinic.cashier import bills, due, giving_back, refunds
from clinic.cashier.books import check
from clinic.cashier.models import Receipt
from clinic.cashier.receipts import Paid
from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.models import Setting
from pharmacy import papers
from prescriptions import archive, dispensing, returning, review, services, turns
from prescriptions.returning import out_of
from registration import booking
from tests.factories.cash import back, cash, fee, paid, usual_fees
from tests.factories.prescriptions import approved, colleague, corrected, draft, row, tablets
from tests.factories.registration import open_session, waiting_visit
from tests.factories.treatments import injections

pytestmark = pytest.mark.django_db


@pytest.fixture
def sheet(doctor, pharmacist):
    """Two packs of 20 tablets for 12.50 each; with both fees 31.00."""
    usual_fees()
    sheet = draft(doctor)
    row(sheet, tablets(price=Decimal("12.50")), quantity=40)
    services.submit(prescription=sheet, by=doctor)
    return review.approve(prescription=sheet, by=colleague(pharmacist))


@pytest.fixture
def receipt(sheet, cashier):
    return paid(sheet.consultation.registration, by=cashier)


def line(receipt, kind="western"):
    return receipt.lines.get(kind=kind)


def why(receipt, kind="western"):
    rows = {b.line.kind: b for b in giving_back.of_receipt(receipt)}
    return rows[kind].most, bool(rows[kind].why)


def test_the_registration_is_cancelled_before_its_money_goes_back_R102(
    doctor, frontdesk, cashier, sheet
):
    visit = waiting_visit(sheet.consultation.registration.session, frontdesk)
    receipt = paid(visit, by=cashier)
    with pytest.raises(RuleBroken):
        back(receipt, by=cashier)
    booking.cancel_visit(registration=visit, reason="left", by=frontdesk)
    assert giving_back.sums(giving_back.to_give_back()) == Decimal("6.00")

    made = back(receipt, by=cashier)

    receipt.refresh_from_db()
    visit.refresh_from_db()
    assert (made.paid, made.cause, receipt.paid) == (Decimal("-6.00"), "visit", Decimal("6.00"))
    assert giving_back.to_give_back() == [] and due.of_visit(visit).is_nothing
    assert check() == []


def test_a_paid_sheet_waits_for_payment_again_once_its_money_went_back_R34(sheet, receipt, cashier):
    assert why(receipt) == (40, False) and why(receipt, "consultation") == (0, True)

    refunds.refund(receipt=receipt, quantities={line(receipt).pk: 40}, reason="不要了", by=cashier)

    sheet.refresh_from_db()
    assert sheet.state == "unpaid"
    again = paid(sheet.consultation.registration, by=cashier)
    assert line(again).charge_key.endswith("/2")
    assert check() == []


def test_what_is_being_picked_or_with_the_patient_stays_until_it_is_back_R117(
    sheet, receipt, cashier, pharmacist
):
    dispensing.pick(prescription=sheet, by=pharmacist)
    assert why(receipt) == (0, True)
    dispensing.dispense(prescription=sheet, by=pharmacist)
    assert why(receipt) == (0, True)
    with pytest.raises(AlreadyDone):
        refunds.refund(receipt=receipt, quantities={line(receipt).pk: 1}, by=cashier)
    returning.take_back(
        prescription=sheet,
        rows=[(out_of(sheet)[0].movement, 20, True)],
        reason="error",
        by=pharmacist,
    )
    assert why(receipt) == (20, False)

    first = refunds.refund(receipt=receipt, quantities={line(receipt).pk: 7}, by=cashier)
    second = refunds.refund(receipt=receipt, quantities={line(receipt).pk: 13}, by=cashier)

    assert first.paid + second.paid == Decimal("-12.50")  # rounded once, not twice
    assert why(receipt) == (0, True) and second.cause == "drugs"
    assert check() == []


def test_all_parts_given_back_are_the_whole_to_the_cent_R115(sheet, receipt, cashier):
    parts = [
        refunds.refund(receipt=receipt, quantities={line(receipt).pk: n}, by=cashier)
        for n in (1, 1, 1, 37)
    ]

    assert sum(part.charged for part in parts) == -line(receipt).amount
    assert check() == []


def test_a_corrected_sheet_gives_its_old_lines_back_before_the_new_are_charged_R34(
    sheet, receipt, cashier, doctor, pharmacist
):
    visit = sheet.consultation.registration
    dispensing.send_back(prescription=sheet, reason="缺货", by=pharmacist)
    assert [b.most for b in giving_back.to_give_back()] == [40]
    sheet = services.submit(prescription=corrected(sheet), by=doctor)
    review.approve(prescription=sheet, by=colleague(pharmacist))
    with pytest.raises(RuleBroken):
        paid(visit, by=cashier)

    refunds.refund(receipt=receipt, quantities={line(receipt).pk: 40}, by=cashier)
    paid(visit, by=cashier)

    sheet.refresh_from_db()
    assert sheet.state == "paid"
    assert check() == []


def test_a_sheet_that_comes_back_unchanged_passes_without_being_charged_twice(
    sheet, receipt, cashier, doctor, pharmacist
):
    dispensing.send_back(prescription=sheet, reason="请核对", by=pharmacist)
    sheet.refresh_from_db()
    services.submit(prescription=sheet, by=doctor)
    review.approve(prescription=sheet, by=colleague(pharmacist))
    owed = due.of_visit(sheet.consultation.registration)
    assert owed.total == 0 and owed.fresh

    made = paid(sheet.consultation.registration, by=cashier, ways=[])

    sheet.refresh_from_db()
    assert made is None and sheet.state == "paid"
    assert Receipt.objects.count() == 1


def test_money_goes_back_the_way_it_came_and_cash_instead_only_with_a_reason(
    doctor, pharmacist, cashier
):
    usual_fees()
    sheet = approved(doctor, pharmacist, tablets(price=Decimal("12.50")))
    visit = sheet.consultation.registration
    receipt = paid(visit, by=cashier, ways=[Paid("wechat", Decimal("12.00")), *cash("3.38")])
    quantities = {line(receipt).pk: 15}
    with pytest.raises(RuleBroken):
        refunds.refund(receipt=receipt, quantities=quantities, ways=cash("9.38"), by=cashier)
    with pytest.raises(RuleBroken):
        ways = [Paid("card", Decimal("9.38"))]
        refunds.refund(receipt=receipt, quantities=quantities, ways=ways, reason="卡", by=cashier)

    made = refunds.refund(receipt=receipt, quantities=quantities, by=cashier)

    assert list(made.payments.values_list("way", "amount")) == [("wechat", Decimal("-9.38"))]
    assert refunds.ways_left(receipt) == {"cash": Decimal("3.38"), "wechat": Decimal("2.62")}


def test_what_was_put_off_and_never_paid_gives_nothing_back(doctor, pharmacist, cashier):
    usual_fees()
    sheet = approved(doctor, pharmacist, tablets(price=Decimal("12.50")))
    visit = sheet.consultation.registration
    bills.put_off(visit=visit, seen=due.of_visit(visit).digest, reason="emergency", by=cashier)
    dispensing.send_back(prescription=sheet, reason="缺货", by=pharmacist)

    owed = due.of_visit(visit)

    assert owed.total == Decimal("6.00")
    assert giving_back.to_give_back() == []


def test_a_mistake_at_the_till_needs_its_reason(doctor, frontdesk, cashier):
    usual_fees()
    visit = waiting_visit(open_session(doctor), frontdesk)
    bills.add_item(visit=visit, item=fee("material", "2.50"), quantity=2, by=cashier)
    receipt = paid(visit, by=cashier)
    quantities = {line(receipt, "material").pk: 1}
    with pytest.raises(RuleBroken):
        refunds.refund(receipt=receipt, quantities=quantities, by=cashier)

    made = refunds.refund(receipt=receipt, quantities=quantities, reason="多收一块", by=cashier)

    assert (made.paid, made.cause) == (Decimal("-2.50"), "mistake")
    assert check() == []


def test_a_return_stays_once_its_money_was_given_back_R117(sheet, receipt, cashier, pharmacist):
    dispensing.dispense(prescription=sheet, by=pharmacist)
    rows = [(out_of(sheet)[0].movement, 40, True)]
    [document] = returning.take_back(prescription=sheet, rows=rows, reason="error", by=pharmacist)
    refunds.refund(receipt=receipt, quantities={line(receipt).pk: 40}, by=cashier)

    with pytest.raises(AlreadyDone):
        papers.reverse(document=document, reason="点错了", by=pharmacist)

    sheet.refresh_from_db()
    assert sheet.state == "all_returned" and check() == []


def test_a_return_stays_once_a_debt_was_paid_without_it_R117(sheet, cashier, pharmacist):
    visit = sheet.consultation.registration
    bills.put_off(visit=visit, seen=due.of_visit(visit).digest, reason="emergency", by=cashier)
    dispensing.dispense(prescription=sheet, by=pharmacist)
    rows = [(out_of(sheet)[0].movement, 20, True)]
    [document] = returning.take_back(prescription=sheet, rows=rows, reason="error", by=pharmacist)
    paid(visit, by=cashier)

    with pytest.raises(AlreadyDone):
        papers.reverse(document=document, reason="点错了", by=pharmacist)

    assert check() == []


def test_what_came_back_of_an_archived_sheet_stands_on_the_list_too_R117(
    sheet, receipt, cashier, pharmacist
):
    dispensing.dispense(prescription=sheet, by=pharmacist)
    archive.archive(prescription=sheet, by=None)
    rows = [(out_of(sheet)[0].movement, 20, True)]
    returning.take_back(prescription=sheet, rows=rows, reason="error", by=pharmacist)

    [row] = giving_back.to_give_back()

    sheet.refresh_from_db()
    assert (sheet.state, row.most, row.amount) == ("archived", 20, Decimal("12.50"))


def test_a_course_of_which_a_turn_was_never_charged_can_be_refunded_R101(
    doctor, pharmacist, nurse, cashier
):
    usual_fees()
    course = injections(doctor, pharmacist, hand_out=False)
    fee("treatment", "3.00", service=course.service)
    turns.leave_out(turn=course.turns.get(number=3), reason="只打两天", by=nurse)
    receipt = paid(course.consultation.registration, by=cashier)

    made = refunds.refund(
        receipt=receipt, quantities={line(receipt, "treatment").pk: 2}, by=cashier
    )

    course.refresh_from_db()
    assert (made.paid, course.settled) == (Decimal("-6.00"), "")
    assert check() == []


def test_of_a_bill_paid_in_parts_the_rest_goes_back_the_way_it_came_R102(sheet, cashier):
    Setting.objects.create(key="cashier.part_payment", value="yes")
    visit = sheet.consultation.registration
    first = paid(visit, by=cashier, ways=[Paid("wechat", Decimal("20.00"))])
    paid(visit, by=cashier, ways=[Paid("card", Decimal("11.00"))])

    made = refunds.refund(receipt=first, quantities={line(first).pk: 40}, by=cashier)

    assert dict(made.payments.values_list("way", "amount")) == {"wechat": -20, "card": -5}
    assert check() == []


def test_what_the_insurance_paid_never_goes_back_in_cash_R102(sheet, cashier):
    ways = [Paid("insurance", Decimal("30.00"), reference="YB1"), *cash("1.00")]
    receipt = paid(sheet.consultation.registration, by=cashier, ways=ways)
    quantities = {line(receipt).pk: 40}
    with pytest.raises(RuleBroken):
        refunds.refund(
            receipt=receipt, quantities=quantities, ways=cash("25"), reason="退现", by=cashier
        )

    made = refunds.refund(receipt=receipt, quantities=quantities, by=cashier)

    assert list(made.payments.values_list("way", "amount")) == [("insurance", -25)]
