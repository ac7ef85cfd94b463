"""Limits that follow what was used (R-114)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pharmacy import limits, stock
from tests.factories.pharmacy import stocked_drug

pytestmark = pytest.mark.django_db


@pytest.fixture
def used(pharmacist):
    """A drug that lay here for 45 days, of which 90 units were handed out: 2 a day."""
    drug = stocked_drug(480, limits_fixed=False, lead_days=7)
    drug.batches.update(received_at=timezone.now() - timedelta(days=45))
    stock.reserve(drug=drug, quantity=90, reference="RX1/1", by=pharmacist)
    stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")
    return drug


def test_use_is_counted_from_the_day_it_first_came(used):
    assert limits.use_per_day() == {used.pk: 2}


def test_lower_lasts_until_the_next_delivery_and_upper_for_weeks_in_whole_packs(used):
    limits.follow_use()

    used.refresh_from_db()
    assert (used.lower_limit, used.upper_limit) == (24, 96)  # 20 and 90, up to boxes of 24


def test_a_second_run_changes_nothing(used):
    limits.follow_use()

    assert limits.follow_use() == 0


def test_limits_set_by_hand_stay(used):
    used.limits_fixed = True
    used.save()

    limits.follow_use()

    used.refresh_from_db()
    assert used.lower_limit == 48


def test_a_few_days_say_nothing_about_use(used):
    used.batches.update(received_at=timezone.now() - timedelta(days=20))

    assert limits.follow_use() == 0


def test_what_came_back_was_not_used(used, pharmacist):
    movement = used.batches.get().movements.get(kind="issue")
    stock.give_back(movement=movement, quantity=48, reason="开错", by=pharmacist, intact=True)

    assert limits.use_per_day()[used.pk] == limits.Fraction(42, 45)
