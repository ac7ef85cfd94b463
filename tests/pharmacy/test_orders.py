"""The list of what is to be ordered (R-114)."""

import pytest
from django.urls import reverse

from pharmacy import drugs, stock
from pharmacy.models import StockWarning
from pharmacy.watch import handling, keeping, orders
from tests.factories.pharmacy import in_days, put_on_shelf, stocked_drug

pytestmark = pytest.mark.django_db


def line_of(drug):
    expires_on = in_days(700)
    return {"drug": drug, "lot": "1", "expires_on": expires_on, "quantity": 24, "cost": 7}


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


def test_the_list_follows_the_limits_and_the_last_cost_at_once_R114(
    as_, storekeeper, pharmacist, django_capture_on_commit_callbacks
):
    facts = {"lower_limit": 240, "upper_limit": 720}

    with django_capture_on_commit_callbacks(execute=True):
        drug, stopped = stocked_drug(30), stocked_drug(30)
        keeping.refresh()
        drugs.change_drug(drug=drug, facts=facts, seen=None, by=pharmacist)
        drugs.stop_drug(drug=stopped, reason="停产", by=pharmacist)
        put_on_shelf(drug, 24, lot="新")

    row = orders.listed().get()
    assert row.order_place.endswith(f"\t{drug.generic_name}")
    assert row.order_cents == 28 * 720  # 666 of 24 in whole packs, at 7.20
    assert orders.total() == as_(storekeeper).get(reverse("stock_orders")).context["total"]


def test_what_was_ordered_comes_last_and_the_rest_by_supplier_and_name(as_, storekeeper):
    made = [stocked_drug(0, generic_name=name) for name in ("甲", "乙", "丙")]
    for drug, supplier in zip(made, ("乙药", "甲药", "甲药"), strict=True):
        stock.receive(supplier=supplier, licence="苏A1", lines=[line_of(drug)], by=storekeeper)
    keeping.refresh()
    done = StockWarning.objects.get(drug=made[2])
    handling.handle(ids=[done.pk], how="ordered", by=storekeeper)

    lines = as_(storekeeper).get(reverse("stock_orders")).context["lines"]

    assert [line.drug for line in lines] == made
    assert [line.ordered for line in lines] == [False, False, True]
