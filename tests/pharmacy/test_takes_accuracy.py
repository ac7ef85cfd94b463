"""How right the book was, by batch and by money (R-119)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from pharmacy.takes import accuracy
from pharmacy.takes.result import Result
from tests.factories.pharmacy import in_days, stocked_drug
from tests.factories.takes import closed, confirmed, counted, started, to_confirm

pytestmark = pytest.mark.django_db


@pytest.fixture
def batches():
    """Four drugs, ten boxes each, bought for 7.20 and sold for 12.00 a box."""
    return [stocked_drug(240, price=12).batches.get() for _n in range(4)]


def posted(batches, quantities, storekeeper, pharmacist):
    take = started(by=storekeeper)
    return confirmed(
        to_confirm(take, dict(zip(batches, quantities, strict=True)), by=storekeeper),
        by=pharmacist,
    )


def test_accuracy_is_the_batches_whose_book_was_right_and_the_money_that_was_off_R119(
    batches, storekeeper, pharmacist
):
    take = posted(batches, [240, 240, 216, 242], storekeeper, pharmacist)

    assert (take.counted, take.right) == (4, 2)
    assert (take.book_cost, take.book_price) == (Decimal("288.00"), Decimal("480.00"))
    assert (take.loss_cost, take.loss_price) == (Decimal("7.20"), Decimal("12.00"))
    assert (take.surplus_cost, take.surplus_price) == (Decimal("0.60"), Decimal("1.00"))


def test_what_only_the_first_count_got_wrong_is_no_fault_of_the_book(
    batches, storekeeper, pharmacist
):
    take = started(by=storekeeper)
    for batch in batches:
        counted(take, batch, 24, by=storekeeper)
    closed(take, by=storekeeper)
    for batch in batches:
        counted(take, batch, 240, by=storekeeper)
    closed(take, by=storekeeper)

    confirmed(take, by=pharmacist)

    assert (take.counted, take.right, take.loss_cost) == (4, 4, 0)


def test_accuracy_adds_up_what_was_posted_in_the_time(batches, storekeeper, pharmacist):
    for quantities in ([240, 240, 240, 230], [240, 240, 240, 230]):
        posted(batches, quantities, storekeeper, pharmacist)
    old = posted(batches, [1, 1, 1, 1], storekeeper, pharmacist)
    old.posted_at = timezone.now() - timedelta(days=40)
    old.save()

    month = accuracy(in_days(-30), in_days(0))

    assert (month.counted, month.right, month.share) == (8, 7, Decimal("87.5"))
    assert month.loss_cost == Decimal("3.00")
    assert accuracy(in_days(-30), in_days(-10)).share is None


@pytest.mark.parametrize(
    ("right", "share", "on_target"),
    [(995, "99.5", True), (994, "99.4", False), (1000, "100", True), (0, "0", False)],
)
def test_the_target_is_reached_at_99_5_per_cent_R119(right, share, on_target):
    result = Result(counted=1000, right=right)

    assert (result.share, result.is_on_target) == (Decimal(share), on_target)


def test_a_share_is_never_rounded_up_to_the_target():
    assert Result(counted=100_000, right=99_499).share == Decimal("99.49")


def test_the_money_share_never_falls_below_nothing():
    result = Result(counted=1, book_cost=Decimal(10), surplus_cost=Decimal(30))

    assert result.money_share == 0
