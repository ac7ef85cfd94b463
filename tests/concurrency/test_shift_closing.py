"""A receipt races against the handover: it is in the shift that is counted, or in the next one."""

import pytest

from clinic.cashier import books, shifts
from clinic.cashier.models import Receipt, Shift
from tests.concurrency.together import run_together
from tests.factories.registration import open_session
from tests.factories.till import bill_of

pytestmark = pytest.mark.django_db(transaction=True)
TELLERS = "tests.concurrency.tellers"


@pytest.fixture
def race(doctor, frontdesk, cashier, administrator):
    """`race(first, locked)`: a payment and a handover, the one a moment before the other."""
    bill = bill_of(doctor, frontdesk)
    shift = shifts.running(by=cashier)

    def run(first: str, *, locked: bool) -> list[dict]:
        return run_together(
            f"{TELLERS}:both",
            [
                {
                    "do": "take", "bill": str(bill.pk), "by": cashier.pk, "locked": locked,
                    "late": first != "take",
                },
                {
                    "do": "close", "shift": shift.pk, "by": cashier.pk, "to": administrator.pk,
                    "locked": locked, "late": first != "close",
                },
            ],
        )  # fmt: skip

    return run


def test_without_the_lock_a_receipt_gets_into_a_shift_that_was_handed_over(race):
    race("take", locked=False)

    assert Receipt.objects.get().shift.closed_at is not None


@pytest.mark.parametrize("first", ["take", "close"])
def test_a_receipt_is_in_the_shift_or_in_the_next_one(race, first):
    taking, closing = race(first, locked=True)

    receipt = Receipt.objects.get()
    assert "error" not in taking
    if first == "take":
        # The handover counted one entry less than there is by now: it is refused.
        assert closing.get("error") == "RuleBroken"
        assert Shift.objects.get().closed_at is None
    else:
        assert "error" not in closing, closing
        assert receipt.shift.closed_at is None
        assert Shift.objects.count() == 2
    assert books.check() == []


def test_two_first_receipts_of_a_cashier_begin_one_shift(doctor, frontdesk, cashier):
    session = open_session(doctor)
    bills = [bill_of(doctor, frontdesk, session) for _n in range(3)]

    answers = run_together(
        f"{TELLERS}:take", [{"bill": str(bill.pk), "by": cashier.pk} for bill in bills]
    )

    assert [answer for answer in answers if "error" in answer] == []
    assert Shift.objects.count() == 1
    assert books.check() == []
