"""Taking money: exactly what is due, one receipt, and the sheet may go out (R-34, R-101, R-115)."""

import datetime
from decimal import Decimal

import pytest

from clinic.cashier import bills, due
from clinic.cashier.books import check
from clinic.cashier.models import Bill, FeeItem, Payer, Payment, Receipt
from clinic.cashier.receipts import Paid
from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.models import Setting
from prescriptions import dispensing, services
from prescriptions.models import Prescription
from tests.factories.cash import cash, fee, free_for, paid, priced, seen, usual_fees
from tests.factories.patients import PatientFactory
from tests.factories.prescriptions import approved, tablets
from tests.factories.registration import open_session, waiting_visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def sheet(doctor, pharmacist) -> Prescription:
    """15 tablets of a pack of 20 for 12.50, registration 1, consultation 5: 15.38."""
    usual_fees()
    return approved(doctor, pharmacist, tablets(price=Decimal("12.50")))


@pytest.fixture
def visit(sheet):
    return sheet.consultation.registration


def test_a_bill_fills_itself_with_fees_and_drugs_R101(visit, sheet):
    owed = due.of_visit(visit)

    assert [(line.kind, line.amount) for line in owed.lines] == [
        ("registration", Decimal("1.00")),
        ("consultation", Decimal("5.00")),
        ("western", Decimal("9.38")),
    ]
    assert owed.total == Decimal("15.38") == Decimal("6.00") + sheet.items.get().amount
    assert Bill.objects.count() == 0


def test_paying_charges_each_line_and_lets_the_sheet_through_R34(visit, sheet, cashier):
    receipt = paid(visit, by=cashier, ways=cash("15.38", "20"))

    sheet.refresh_from_db()
    payment = receipt.payments.get()
    assert sheet.state == "paid"
    assert (receipt.charged, receipt.paid, receipt.lines.count()) == (
        Decimal("15.38"),
        Decimal("15.38"),
        3,
    )
    assert (payment.given, payment.change) == (Decimal("20"), Decimal("4.62"))
    assert due.of_visit(visit).is_nothing
    assert check() == []


def test_several_ways_on_one_receipt_and_the_share_of_the_insurance_on_each_line(visit, cashier):
    ways = [
        Paid("insurance", Decimal("8.00"), reference="YB20261128001"),
        Paid("wechat", Decimal("5.00")),
        *cash("2.38", "5.00"),
    ]

    receipt = paid(visit, by=cashier, ways=ways)

    shares = list(receipt.lines.values_list("payer", "payer_share"))
    assert [row.way for row in receipt.payments.order_by("pk")] == ["cash", "wechat", "insurance"]
    assert receipt.payments.get(way="insurance").reference == "YB20261128001"
    assert {payer for payer, _share in shares} == {Payer.INSURANCE}
    assert sum(share for _payer, share in shares) == Decimal("8.00")
    assert check() == []


@pytest.mark.parametrize(
    "ways",
    [
        cash("15.37"),
        cash("15.39"),
        [Paid("cash", Decimal("15.38"), Decimal("10.00"))],
        [Paid("wechat", Decimal("20.00")), Paid("cash", Decimal("-4.62"))],
        [*cash("5.38"), Paid("cash", Decimal("10.00"))],
        [],
    ],
)
def test_sums_that_do_not_match_are_refused_and_nothing_is_half_done(visit, sheet, cashier, ways):
    with pytest.raises(RuleBroken):
        paid(visit, by=cashier, ways=ways)

    sheet.refresh_from_db()
    assert (sheet.state, Receipt.objects.count(), Payment.objects.count()) == ("unpaid", 0, 0)


def test_part_payment_only_where_the_site_allows_it_and_the_rest_is_owed(visit, sheet, cashier):
    Setting.objects.create(key="cashier.part_payment", value="yes")

    paid(visit, by=cashier, ways=cash("10.00"))

    assert due.of_visit(visit).total == due.of_visit(visit).later == Decimal("5.38")
    assert Bill.objects.get().has_debt
    paid(visit, by=cashier)
    assert due.of_visit(visit).is_nothing
    assert check() == []


def test_who_saw_another_bill_is_told_and_nothing_is_taken(visit, sheet, doctor, cashier):
    old = seen(visit)
    services.void(prescription=sheet, reason="改用其他药", by=doctor)

    with pytest.raises(bills.BillChanged) as told:
        bills.pay(visit=visit, seen=old, ways=cash("15.38"), by=cashier)

    assert "6.00" in str(told.value)
    assert Receipt.objects.count() == 0


def test_a_new_price_is_for_visits_registered_after_it_R122(visit, sheet, cashier):
    item = fee("other", "1.00")
    old = seen(visit)
    for row in (item, *due.of_visit(visit).lines[:2]):
        priced(getattr(row, "fee_item", row), "99.00")

    receipt = bills.pay(visit=visit, seen=old, ways=cash("15.38"), by=cashier)

    assert receipt.charged == Decimal("15.38")
    assert check() == []


def test_a_bill_is_paid_once(visit, cashier):
    old = seen(visit)
    paid(visit, by=cashier)

    with pytest.raises(AlreadyDone):
        bills.pay(visit=visit, seen=old, ways=cash("15.38"), by=cashier)

    assert Receipt.objects.count() == 1


def test_reduced_to_nothing_settles_without_money_R85(doctor, frontdesk, cashier):
    items = usual_fees()
    for item in items:
        free_for(item, from_age=65)
    old = PatientFactory(birth_date=datetime.date(1950, 1, 1))
    visit = waiting_visit(open_session(doctor), frontdesk, patient=old)

    assert not due.of_visit(visit).fresh  # nobody has to come to the cashier for nothing

    receipt = paid(visit, by=cashier, ways=[])

    line = receipt.lines.first()
    assert (receipt.charged, receipt.payments.count()) == (0, 0)
    assert (line.full, line.reduction, line.payer) == (1, "65岁以上免收", Payer.CLINIC)
    assert due.of_visit(visit).is_nothing
    assert check() == []


def test_the_general_fee_takes_the_place_of_those_it_contains_R101(doctor, frontdesk):
    registration, consultation = usual_fees()
    for item in (registration, consultation):
        item.in_general_fee = True
        item.save()
    fee("general", "10.00")

    owed = due.of_visit(waiting_visit(open_session(doctor), frontdesk))

    assert [line.kind for line in owed.lines] == ["general"]


def test_whoever_has_paid_is_not_charged_a_fee_of_the_kind_that_is_taken_from_today_on_R101(
    visit, cashier
):
    FeeItem.objects.update(in_general_fee=True)
    paid(visit, by=cashier)

    fee("general", "10.00")
    fee("registration", "2.00", department=visit.session.clinician.department)

    assert due.of_visit(visit).is_nothing


def test_whoever_has_not_come_yet_owes_nothing(doctor, frontdesk):
    usual_fees()
    visit = waiting_visit(open_session(doctor), frontdesk)
    visit.state = "booked"

    assert due.of_visit(visit).is_nothing


def test_put_off_lets_everything_through_and_stays_a_debt_until_paid(
    visit, sheet, cashier, pharmacist
):
    bills.put_off(visit=visit, seen=seen(visit), reason="emergency", by=cashier)

    sheet.refresh_from_db()
    dispensing.dispense(prescription=sheet, by=pharmacist)
    owed = due.of_visit(visit)
    assert (owed.later, owed.total, owed.fresh) == (Decimal("15.38"), Decimal("15.38"), False)
    with pytest.raises(AlreadyDone):
        bills.put_off(visit=visit, seen=owed.digest, reason="emergency", by=cashier)
    paid(visit, by=cashier)
    assert due.of_visit(visit).is_nothing
    assert not Bill.objects.get().has_debt
    assert check() == []


def test_another_reason_to_put_off_needs_words(visit, cashier):
    with pytest.raises(RuleBroken):
        bills.put_off(visit=visit, seen=seen(visit), reason="other", words=" ", by=cashier)


def test_materials_are_added_by_hand_and_can_be_taken_off_until_paid(visit, cashier):
    gauze = fee("material", "2.50", name="纱布")
    line = bills.add_item(visit=visit, item=gauze, quantity=3, by=cashier)
    wrong = bills.add_item(visit=visit, item=gauze, quantity=1, by=cashier)
    bills.take_off(line=wrong, by=cashier)

    receipt = paid(visit, by=cashier)

    assert receipt.lines.get(kind="material").amount == Decimal("7.50")
    assert receipt.charged == Decimal("22.88")
    with pytest.raises(AlreadyDone):
        bills.take_off(line=line, by=cashier)


def test_where_nobody_pays_nothing_is_due_and_the_sheet_passes_at_once(doctor, pharmacist, cashier):
    fee("registration", "1.00")
    sheet = approved(doctor, pharmacist)
    visit = sheet.consultation.registration

    assert sheet.state == "paid" and due.of_visit(visit).is_nothing
    with pytest.raises(RuleBroken):
        bills.pay(visit=visit, seen="", ways=[], by=cashier)
