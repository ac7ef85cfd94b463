"""A shift is begun, counted, handed over, and locked from then on (R-165)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from clinic.cashier import shifts
from clinic.cashier.models import Shift
from clinic.core.errors import AlreadyDone, RuleBroken
from security import triggers
from security.permissions import Role
from tests.conftest import person
from tests.factories.till import bill_of, given_back, taken

pytestmark = pytest.mark.django_db


@pytest.fixture
def bill(doctor, frontdesk):
    return bill_of(doctor, frontdesk)


@pytest.fixture
def shift(bill, cashier):
    """100 in change; 30 in cash and 12.50 by phone taken, 10 of the cash given back."""
    shift = shifts.begin(floating=Decimal(100), by=cashier)
    taken(bill, by=cashier, cash="20.00", wechat="12.50")
    given_back(taken(bill, by=cashier, cash="10.00"), by=cashier)
    return shift


def handed_over(shift, by, to, **other):
    given = {"seen": shifts.entries(shift), "counted": Decimal(120), "coins": {}, "reason": ""}
    return shifts.hand_over(shift=shift, handed_to=to, by=by, **given | other)


def test_what_should_lie_there_is_the_change_money_and_the_cash(shift):
    assert shifts.takings(shift)["wechat"] == Decimal("12.50")

    due = shifts.cash_due(shift)

    assert due == Decimal("120.00")


def test_a_shift_that_fits_is_handed_over_without_a_reason(shift, cashier, administrator):
    closed = handed_over(shift, cashier, administrator, coins={"100": 1, "20": 1})

    closed.refresh_from_db()
    assert (closed.difference, closed.handed_to) == (Decimal(0), administrator)
    assert closed.open_key is None
    assert shifts.running(by=cashier) != closed


def test_a_difference_wants_a_reason(shift, cashier, administrator):
    with pytest.raises(RuleBroken) as refused:
        handed_over(shift, cashier, administrator, counted=Decimal("119.50"))

    assert refused.value.field == "reason"
    assert "¥0.50" in str(refused.value)
    closed = handed_over(
        shift, cashier, administrator, counted=Decimal("119.50"), reason="找零有误"
    )
    assert closed.difference == Decimal("-0.50")


def test_money_is_not_handed_to_oneself(shift, cashier):
    with pytest.raises(RuleBroken) as refused:
        handed_over(shift, cashier, cashier)

    assert refused.value.field == "handed_to"


def test_a_payment_after_the_count_refuses_the_handover(shift, bill, cashier, administrator):
    seen = shifts.entries(shift)
    taken(bill, by=cashier, alipay="3.00")

    with pytest.raises(RuleBroken, match="1 "):
        handed_over(shift, cashier, administrator, seen=seen)

    assert Shift.objects.get().closed_at is None


def test_a_shift_is_handed_over_once(shift, cashier, administrator):
    handed_over(shift, cashier, administrator)

    with pytest.raises(AlreadyDone):
        handed_over(shift, cashier, administrator)


def test_a_colleague_without_the_takings_does_not_close_it(shift, frontdesk, administrator):
    with pytest.raises(RuleBroken):
        handed_over(shift, frontdesk, administrator)


def test_a_shift_left_open_over_midnight_is_told_and_closed_by_somebody_else(
    shift, cashier, administrator
):
    assert shifts.told_administrator() is None
    Shift.objects.update(opened_at=timezone.now() - timedelta(days=1))

    told = shifts.told_administrator()

    assert shift.number in told
    other = person("cashier2", "孙收费", Role.CASHIER)
    assert handed_over(shift, other, other).closed_by == other
    assert shifts.told_administrator() is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cashier_shift SET counted = 1",
        "DELETE FROM cashier_shift",
        "UPDATE cashier_shiftline SET balance = 1",
        "INSERT INTO cashier_shiftline (shift_id, way, count, balance) "
        "SELECT id, 'card', 1, 5 FROM cashier_shift",
        "UPDATE cashier_tillentry SET amount = 1",
    ],
)
def test_the_database_refuses_to_touch_a_shift_that_was_handed_over(
    shift, cashier, administrator, statement
):
    handed_over(shift, cashier, administrator)
    assert triggers.make()

    try:
        with pytest.raises(DatabaseError, match="never changed"), connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        triggers.drop()


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_a_receipt_in_a_shift_that_was_handed_over(
    shift, bill, cashier, administrator, monkeypatch
):
    closed = handed_over(shift, cashier, administrator)
    monkeypatch.setattr(shifts, "running", lambda *, by: closed)
    assert triggers.make()

    try:
        with pytest.raises(DatabaseError, match="never changed"):
            taken(bill, by=cashier, cash="5.00")
    finally:
        triggers.drop()
