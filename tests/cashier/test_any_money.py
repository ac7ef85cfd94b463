"""Whatever is done in whatever order, the sums agree and nothing goes out unpaid (R-34)."""

import random
from decimal import Decimal

import pytest

from clinic.cashier import bills, due, giving_back, refunds
from clinic.cashier.books import check
from clinic.cashier.models import BillLine, Receipt
from clinic.core.errors import RuleBroken
from prescriptions import dispensing, returning, review, services
from prescriptions.models import Prescription
from registration import booking
from security.models import User
from tests.factories.cash import cash, usual_fees
from tests.factories.prescriptions import colleague, corrected, draft, row, tablets
from tests.factories.registration import waiting_visit
from tests.helpers import undone

pytestmark = pytest.mark.django_db
EXAMPLES, STEPS = 12, 10
VERBS = ("pay", "put off", "refund", "dispense", "return", "send back", "correct", "void", "cancel")


@pytest.fixture
def scene(doctor, frontdesk, pharmacist, cashier):
    """A sheet of two packs, and a second visit that can be cancelled."""
    usual_fees()
    sheet = draft(doctor)
    row(sheet, tablets(stock=400, price=Decimal("12.50")), quantity=40)
    services.submit(prescription=sheet, by=doctor)
    review.approve(prescription=sheet, by=colleague(pharmacist))
    other = waiting_visit(sheet.consultation.registration.session, frontdesk)
    return sheet, other


def do(verb: str, n: int, sheet, other) -> None:
    """One act by whoever does it; n chooses among what it may be about."""
    by = {user.username: user for user in User.objects.all()}
    sheet = Prescription.objects.get(pk=sheet.pk)
    visit = other if n % 2 else sheet.consultation.registration
    visit.refresh_from_db()
    if verb == "pay":
        owed = due.of_visit(visit)
        ways = cash(owed.total) if owed.total else []
        bills.pay(visit=visit, seen=owed.digest, ways=ways, by=by["cashier"])
    elif verb == "put off":
        seen = due.of_visit(visit).digest
        bills.put_off(visit=visit, seen=seen, reason="emergency", by=by["cashier"])
    elif verb == "refund" and (receipt := Receipt.objects.filter(kind="payment").order_by("pk")):
        _refund(receipt[n % len(receipt)], n, by["cashier"])
    elif verb == "dispense":
        dispensing.dispense(prescription=sheet, by=by["pharmacist"])
    elif verb == "return" and (out := returning.out_of(sheet)):
        rows = [(out[0].movement, 20, True)]
        returning.take_back(prescription=sheet, rows=rows, reason="error", by=by["pharmacist"])
    elif verb == "send back":
        dispensing.send_back(prescription=sheet, reason="缺货", by=by["pharmacist"])
    elif verb == "correct":
        fixed = corrected(sheet) if n % 2 else sheet
        services.submit(prescription=fixed, by=by["doctor"])
        review.approve(prescription=fixed, by=colleague(by["pharmacist"]))
    elif verb == "void":
        services.void(prescription=sheet, reason="换药", by=by["doctor"])
    elif verb == "cancel":
        booking.cancel_visit(registration=other, reason="left", by=by["frontdesk"])


def _refund(receipt, n: int, by) -> None:
    most = {back.line.pk: back.most for back in giving_back.of_receipt(receipt)}
    part = {pk: max(1, units - n % 3) if units else 0 for pk, units in most.items()}
    refunds.refund(receipt=receipt, quantities=part, by=by)


def _gates_hold(sheet, put_off: bool) -> None:
    sheet.refresh_from_db()
    if sheet.state in ("picking", "part_dispensed", "dispensed") and not put_off:
        item = sheet.items.get()
        lines = BillLine.objects.filter(prescription_item=item)
        assert sum(line.quantity for line in lines) >= item.dispensed


def test_any_order_of_acts_keeps_sums_and_gates(scene):
    sheet, other = scene
    for seed in range(EXAMPLES):
        chance = random.Random(seed)
        steps = [(chance.choice(VERBS), chance.randrange(4)) for _n in range(STEPS)]
        with undone():
            put_off, done = False, 0
            for verb, n in [("pay", 0), *steps]:
                try:
                    do(verb, n, sheet, other)
                except RuleBroken:
                    continue
                put_off, done = put_off or verb == "put off", done + 1
                _gates_hold(sheet, put_off)
            assert check() == [], steps
            assert done > 1, steps
            assert all(back.most <= back.line.left for back in giving_back.to_give_back())
