"""Taking a delivery in (R-107 to R-111, R-174)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from clinic.core.errors import AlreadyDone, RuleBroken
from pharmacy import stock
from pharmacy.deliveries import LineRefused
from pharmacy.models import Batch, StockDocument, StockMovement, Supplier
from pharmacy.units import MOST
from tests.factories.pharmacy import DrugFactory, InhalerFactory, SupplierFactory, in_days

pytestmark = pytest.mark.django_db


def line(drug, **changes):
    return {
        "drug": drug,
        "lot": "260518",
        "expires_on": in_days(700),
        "quantity": 240,
        "cost": Decimal("7.20"),
        **changes,
    }


def test_every_line_becomes_a_movement_with_its_balance_R107(storekeeper):
    drug, other = DrugFactory(), DrugFactory()

    document = stock.receive(
        supplier=SupplierFactory(),
        lines=[line(drug), line(other, quantity=24)],
        delivery_note="KN1",
        by=storekeeper,
    )

    assert document.number == f"RK{timezone.localdate():%Y%m%d}-0001"
    assert document.kind == "receipt"
    rows = [(m.batch.drug, m.kind, m.quantity, m.balance) for m in document.movements.all()]
    assert rows == [(drug, "receive", 240, 240), (other, "receive", 24, 24)]
    assert document.movements.first().made_by == storekeeper


def test_stock_is_kept_per_drug_lot_expiry_and_cost_R108(storekeeper):
    drug = DrugFactory()
    supplier = SupplierFactory()

    for changes in ({}, {}, {"lot": "X"}, {"expires_on": in_days(701)}, {"cost": Decimal("7.30")}):
        stock.receive(supplier=supplier, lines=[line(drug, **changes)], by=storekeeper)

    assert sorted(b.on_hand for b in drug.batches.all()) == [240, 240, 240, 480]


def test_the_shelf_is_the_drugs_unless_said_otherwise(storekeeper):
    drug = DrugFactory(shelf="B2-02")

    stock.receive(
        supplier="新供货单位",
        licence="苏AA5120003",
        lines=[line(drug), line(drug, lot="X", shelf="L1-01")],
        by=storekeeper,
    )

    assert {b.lot: b.shelf for b in drug.batches.all()} == {"260518": "B2-02", "X": "L1-01"}
    assert Supplier.objects.get().name == "新供货单位"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lot": "  "}, "R-108"),
        ({"quantity": 0}, "R-115"),
        ({"quantity": MOST + 1}, "R-115"),
        ({"expires_on": in_days(-1), "reason": "急用"}, "R-109"),
        ({"expires_on": in_days(100)}, "R-174"),
        ({"made_on": in_days(1)}, "R-110"),
        ({"made_on": in_days(0), "expires_on": in_days(-1)}, "R-110"),
    ],
)
def test_one_bad_line_keeps_the_whole_delivery_out(storekeeper, changes, field):
    drug = DrugFactory()

    with pytest.raises(LineRefused) as refused:
        stock.receive(
            supplier="供货单位", lines=[line(drug), line(drug, **changes)], by=storekeeper
        )

    assert (refused.value.line, refused.value.rule) == (2, field)
    assert not StockDocument.objects.exists()
    assert not Batch.objects.exists()
    assert not Supplier.objects.exists()


def test_goods_near_their_expiry_are_taken_in_with_a_reason_R174(storekeeper):
    drug = DrugFactory()
    near = line(drug, expires_on=in_days(100), reason="厂家断货")

    document = stock.receive(supplier=SupplierFactory(), lines=[near], by=storekeeper)

    assert document.movements.get().reason == "厂家断货"


def test_goods_that_expire_today_are_still_good_today_R109(storekeeper):
    drug = DrugFactory()
    last_day = line(drug, expires_on=in_days(0), reason="急用")

    stock.receive(supplier=SupplierFactory(), lines=[last_day], by=storekeeper)

    assert stock.available([drug.pk]) == {drug.pk: 240}


def test_what_can_not_be_split_comes_in_whole_packs_R115(storekeeper):
    with pytest.raises(LineRefused):
        stock.receive(
            supplier=SupplierFactory(),
            lines=[line(InhalerFactory(), quantity=201)],
            by=storekeeper,
        )


def test_a_stopped_drug_is_not_taken_in_R122(storekeeper):
    with pytest.raises(LineRefused):
        stock.receive(
            supplier=SupplierFactory(), lines=[line(DrugFactory(active=False))], by=storekeeper
        )


def test_an_inactive_supplier_is_refused_R110(storekeeper):
    supplier = SupplierFactory(active=False)

    for who in (supplier, supplier.name):
        with pytest.raises(RuleBroken):
            stock.receive(supplier=who, lines=[line(DrugFactory())], by=storekeeper)


def test_a_delivery_without_lines_is_refused(storekeeper):
    with pytest.raises(RuleBroken):
        stock.receive(supplier=SupplierFactory(), lines=[], by=storekeeper)


def test_a_delivery_note_is_taken_in_once_per_supplier_R107(storekeeper):
    supplier, drug = SupplierFactory(), DrugFactory()
    stock.receive(supplier=supplier, lines=[line(drug)], delivery_note="KN1", by=storekeeper)

    with pytest.raises(AlreadyDone, match="KN1"):
        stock.receive(supplier=supplier, lines=[line(drug)], delivery_note="KN1", by=storekeeper)

    stock.receive(
        supplier=SupplierFactory(), lines=[line(drug)], delivery_note="KN1", by=storekeeper
    )
    for _twice in range(2):
        stock.receive(supplier=supplier, lines=[line(drug)], by=storekeeper)
    assert StockMovement.objects.count() == 4


def test_a_shelf_that_would_overflow_is_refused(storekeeper):
    drug, supplier = DrugFactory(), SupplierFactory()
    stock.receive(supplier=supplier, lines=[line(drug, quantity=MOST)], by=storekeeper)

    with pytest.raises(RuleBroken):
        stock.receive(supplier=supplier, lines=[line(drug, quantity=1)], by=storekeeper)


def test_received_at_orders_batches_of_equal_expiry_R112(storekeeper):
    drug = DrugFactory()
    for lot in ("B", "A"):
        stock.receive(supplier=SupplierFactory(), lines=[line(drug, lot=lot)], by=storekeeper)

    assert [batch.lot for batch in drug.batches.all()] == ["B", "A"]
    assert drug.batches.first().received_at < timezone.now() + timedelta(seconds=1)
