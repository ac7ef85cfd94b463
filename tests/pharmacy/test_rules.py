"""The rules of the store, each once and end to end; their edges stand in the tests of the verbs."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from pharmacy import alerts, stock
from pharmacy.books import check
from pharmacy.models import Batch, StockMovement
from pharmacy.units import packs_and_pieces
from pharmacy.watch import keeping
from tests.factories.pharmacy import (
    DrugFactory,
    InhalerFactory,
    SupplierFactory,
    in_days,
    put_on_shelf,
    stocked_drug,
)

pytestmark = pytest.mark.django_db


def dispense(drug, quantity, reference="RX20261122-0007/2", *, by):
    stock.reserve(drug=drug, quantity=quantity, reference=reference, by=by)
    return stock.issue(reference=reference, by=by, document_reference=reference.partition("/")[0])


def test_every_change_is_one_ledger_line_with_document_person_balance_and_reference_R107(
    amoxicillin, pharmacist
):
    dispense(amoxicillin, 20, by=pharmacist)

    received, issued = StockMovement.objects.order_by("pk")
    assert received.document.number.startswith("RK")
    assert issued.document.number.startswith("FY")
    assert (issued.quantity, issued.balance, issued.made_by) == (-20, 220, pharmacist)
    assert issued.reference == "RX20261122-0007/2"
    assert amoxicillin.batches.get().on_hand == 240 - 20
    assert check() == []


def test_two_lots_of_one_drug_are_two_batches_with_their_own_expiry_and_cost_R108(storekeeper):
    drug = DrugFactory()
    lots = [("A", 700, "7.20"), ("B", 800, "7.35")]

    stock.receive(
        supplier=SupplierFactory(),
        lines=[
            {"drug": drug, "lot": lot, "expires_on": in_days(days), "quantity": 24}
            | {"cost": Decimal(cost)}
            for lot, days, cost in lots
        ],
        by=storekeeper,
    )

    assert [(b.lot, b.expires_on, b.cost) for b in drug.batches.order_by("lot")] == [
        (lot, in_days(days), Decimal(cost)) for lot, days, cost in lots
    ]


def test_goods_are_locked_on_the_day_after_their_expiry_by_the_clinics_date_R109(amoxicillin):
    # These two places never have the same date at the same moment.
    with timezone.override("Etc/GMT+12"):
        batch = amoxicillin.batches.get()
        batch.expires_on = timezone.localdate()
        batch.save()
        on_its_last_day = stock.available([amoxicillin.pk])

    with timezone.override("Pacific/Kiritimati"):
        the_day_after = stock.available([amoxicillin.pk])

    assert on_its_last_day == {amoxicillin.pk: 240}
    assert the_day_after == {amoxicillin.pk: 0}


def test_expired_goods_are_left_to_be_written_off_R109(storekeeper, pharmacist):
    drug = stocked_drug(24, days=-1)

    todo = alerts.to_do()[0]
    stock.write_off(
        batch=drug.batches.get(), quantity=24, reason="过期", by=storekeeper, witness=pharmacist
    )

    assert (todo.kind, todo.batch.drug) == ("expired", drug)
    assert not [item for item in alerts.to_do() if item.kind == "expired"]


def test_acceptance_keeps_who_delivered_what_when_and_who_took_it_in_R110(storekeeper):
    drug, supplier = DrugFactory(), SupplierFactory()
    line = {"drug": drug, "lot": "260518", "made_on": in_days(-30), "expires_on": in_days(700)}

    document = stock.receive(
        supplier=supplier,
        lines=[line | {"quantity": 48, "cost": Decimal("7.20")}],
        delivery_note="KN2611220387",
        by=storekeeper,
    )

    batch = Batch.objects.get()
    assert (document.supplier, document.delivery_note) == (supplier, "KN2611220387")
    assert (document.made_by, timezone.localdate(document.made_at)) == (storekeeper, in_days(0))
    assert (batch.lot, batch.made_on, batch.cost) == ("260518", in_days(-30), Decimal("7.20"))


def test_near_expiry_is_told_in_three_steps_R111(as_, pharmacist):
    for days in (20, 80, 170, 400):
        stocked_drug(480, days=days)
    keeping.refresh()

    page = as_(pharmacist).get(reverse("stock"))

    assert [rung["number"] for rung in page.context["ladder"]] == [1, 2, 3, 0]


def test_the_earliest_expiry_leaves_first_and_the_pick_list_says_where_it_lies_R112(pharmacist):
    drug = stocked_drug(24, days=700, lot="LATE", shelf="A1-01")
    put_on_shelf(drug, 24, days=300, lot="SOON")

    pick = stock.pick_lists([stock.Want(drug, 10, "RX1/1")])["RX1/1"][0]
    movement = dispense(drug, 10, by=pharmacist)[0]

    assert (pick.batch.lot, pick.batch.shelf) == ("SOON", "A1-01")
    assert movement.batch == pick.batch


def test_a_promise_holds_until_it_is_handed_out_or_released_R113(amoxicillin, pharmacist):
    free = [stock.available([amoxicillin.pk])[amoxicillin.pk]]

    stock.reserve(drug=amoxicillin, quantity=40, reference="RX1/1", by=pharmacist)
    free.append(stock.available([amoxicillin.pk])[amoxicillin.pk])
    stock.release(reference="RX1/1", by=pharmacist)
    free.append(stock.available([amoxicillin.pk])[amoxicillin.pk])
    dispense(amoxicillin, 40, by=pharmacist)
    free.append(stock.available([amoxicillin.pk])[amoxicillin.pk])

    assert free == [240, 200, 240, 200]


def test_a_drug_below_its_limit_comes_with_an_order_up_to_the_upper_limit_R114():
    stocked_drug(30, lower_limit=48, upper_limit=480)
    keeping.refresh()

    [low] = alerts.to_do()

    # 480 - 30 = 450 capsules are 18.75 boxes: whole boxes are ordered.
    assert (low.kind, low.left, low.limit, low.order) == ("low", "1盒+6粒", "2盒", "19盒")


def test_expired_goods_do_not_count_against_the_limit_R114():
    stocked_drug(480, days=-1, lower_limit=48)
    keeping.refresh()

    assert [item.kind for item in alerts.to_do()] == ["expired", "low"]


def test_stock_is_base_units_shown_as_packs_and_pieces_and_priced_per_line_R115(
    amoxicillin, pharmacist
):
    movement = dispense(amoxicillin, 77, by=pharmacist)[0]

    assert movement.balance == 163
    assert packs_and_pieces(amoxicillin, movement.balance) == "6盒+19粒"
    assert stock.price_of(amoxicillin, 77) == Decimal("30.80")


def test_what_can_not_be_split_leaves_in_whole_packs_R115(pharmacist):
    drug = stocked_drug(400, maker=InhalerFactory)

    movement = dispense(drug, 200, by=pharmacist)[0]

    assert packs_and_pieces(drug, movement.balance) == "1瓶"
