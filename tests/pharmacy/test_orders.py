"""The list of what is to be ordered (R-114)."""

import pytest
from django.urls import reverse

from pharmacy.watch import keeping
from tests.factories.pharmacy import stocked_drug

pytestmark = pytest.mark.django_db


def test_the_order_fills_up_to_the_upper_limit_in_whole_packs_R114(as_, storekeeper):
    drug = stocked_drug(30)
    keeping.refresh()

    line = as_(storekeeper).get(reverse("stock_orders")).context["lines"][0]

    assert (line.drug, line.packs) == (drug, 19)
    assert (line.wanted.everywhere, line.wanted.quantity) == (30, 456)
    assert line.wanted.supplier.startswith("江苏康宁")


def test_a_stopped_drug_is_not_ordered(as_, storekeeper):
    drug = stocked_drug(30)
    keeping.refresh()
    drug.active = False
    drug.save()

    assert as_(storekeeper).get(reverse("stock_orders")).context["lines"] == []
