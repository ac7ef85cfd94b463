"""Power cut at any statement of paying: receipt, lines, money and sheet are all there or none.

After it the receipt is found and printed once more, or the bill is simply paid.
"""

from decimal import Decimal

import pytest
from django.urls import reverse

from clinic.cashier import due
from clinic.cashier.books import check
from clinic.cashier.models import BillLine, Payment, Receipt, ShiftLine, TillEntry
from clinic.core.models import Counter
from tests.concurrency.test_stock_killed import wait_until_nobody_is_connected
from tests.concurrency.together import Worker
from tests.factories.cash import paid, usual_fees
from tests.factories.prescriptions import approved, tablets

pytestmark = pytest.mark.django_db(transaction=True)
STEP, MOST = 7, 400


@pytest.fixture
def sheet(doctor, pharmacist):
    usual_fees()
    return approved(doctor, pharmacist, tablets(price=Decimal("12.50")))


@pytest.fixture
def kill(sheet, cashier):
    """`kill(n)`: the power went before the n-th statement; "killed" or "done"."""
    visit = sheet.consultation.registration
    owed = due.of_visit(visit)
    facts = {"visit": str(visit.pk), "seen": owed.digest, "amount": str(owed.total)}
    worker = Worker("tests.concurrency.cashiers:die_at")
    worker.begin(verb="pay", by=cashier.pk, **facts)

    def kill(statement: int) -> str:
        said = worker.ask(statement)
        wait_until_nobody_is_connected()
        return said

    yield kill
    worker.end()


def standing(sheet) -> tuple:
    """Everything that paying changes."""
    sheet.refresh_from_db()
    counts = [model.objects.count() for model in (Receipt, BillLine, Payment, TillEntry)]
    numbers = list(Counter.objects.filter(name__startswith="receipt").values_list("value"))
    return sheet.state, counts, list(ShiftLine.objects.values_list("balance")), numbers


def test_paying_killed_between_any_two_statements_leaves_all_or_nothing(sheet, cashier, kill, as_):
    before, killed = standing(sheet), 0

    for statement in range(1, MOST, STEP):
        said = kill(statement)
        if said == "done" or standing(sheet) != before:
            break  # the latter: only what follows the commit was cut off
        killed += 1
        assert check() == [], statement

    assert killed >= 5
    state, counts, sums, numbers = standing(sheet)
    assert (state, counts, sums, numbers) == ("paid", [1, 3, 1, 1], [(Decimal("15.38"),)], [(1,)])
    assert check() == []
    receipt = Receipt.objects.get()
    found = as_(cashier).post(reverse("cashier"), {"q": receipt.number})
    assert found["Location"] == reverse("receipt_show", args=[receipt.pk])
    assert due.of_visit(sheet.consultation.registration).is_nothing


def test_after_a_power_cut_the_same_till_goes_on(sheet, doctor, pharmacist, cashier, kill):
    assert kill(30) == "killed"

    receipt = paid(sheet.consultation.registration, by=cashier)

    assert receipt.number.endswith("-0001")
    assert check() == []
