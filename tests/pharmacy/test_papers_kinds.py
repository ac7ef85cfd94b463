"""What each kind of document does with the goods, and what it refuses (R-107 to R-118)."""

from decimal import Decimal

import pytest

from clinic.core.errors import RuleBroken
from pharmacy import papers, stock
from pharmacy.books import check
from pharmacy.models import Batch, Place
from pharmacy.places import dispensary
from tests.factories.pharmacy import (
    DrugFactory,
    InhalerFactory,
    SupplierFactory,
    in_days,
    put_on_shelf,
    stocked_drug,
)
from tests.pharmacy.papers import drafted, moved, posted, store

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def batch(db):
    return stocked_drug(240).batches.get()


def opening(drug, by, **changes):
    row = {"drug": drug, "quantity": 48, "lot": "A1", "expires_on": in_days(300)}
    row |= {"cost": Decimal("7.20"), "shelf": "B1", **changes}
    return papers.start(kind="opening", head={}, rows=[papers.Row(**row)], by=by)


def test_opening_stock_makes_batches_with_lot_expiry_cost_and_shelf_R108(storekeeper):
    drug = DrugFactory()

    document = papers.post(document=opening(drug, storekeeper), by=storekeeper)

    batch = drug.batches.get()
    assert (batch.lot, batch.expires_on, batch.cost) == ("A1", in_days(300), Decimal("7.20"))
    assert (batch.shelf, batch.on_hand, batch.place) == ("B1", 48, dispensary())
    assert moved(document) == [("opening", 48)]
    assert document.lines.get().batch == batch
    assert check() == []


def test_what_expired_before_the_beginning_is_counted_but_not_handed_out_R109(storekeeper):
    drug = DrugFactory()

    papers.post(document=opening(drug, storekeeper, expires_on=in_days(-3)), by=storekeeper)

    assert drug.batches.get().on_hand == 48
    assert stock.available([drug.pk]) == {drug.pk: 0}


@pytest.mark.parametrize("changes", [{"lot": " "}, {"quantity": 0}, {"made_on": in_days(2)}])
def test_opening_stock_without_lot_or_quantity_is_refused_R108(storekeeper, changes):
    with pytest.raises(RuleBroken, match="Line 1"):
        opening(DrugFactory(), storekeeper, **changes)


def test_goods_go_back_to_their_supplier_even_expired_and_frozen(batch, storekeeper):
    expired = put_on_shelf(batch.drug, 24, days=-1, lot="OLD")
    frozen = put_on_shelf(batch.drug, 24, lot="COLD")
    frozen.frozen = True
    frozen.save()

    document = posted(
        "to_supplier", (expired, 24), (frozen, 24), supplier=SupplierFactory(), by=storekeeper
    )

    assert document.number.startswith("TG")
    assert moved(document) == [("to_supplier", -24), ("to_supplier", -24)]


def test_expired_and_frozen_goods_are_not_used_in_the_clinic_R109(batch, storekeeper):
    expired = put_on_shelf(batch.drug, 24, days=-1, lot="OLD")
    frozen = put_on_shelf(batch.drug, 24, lot="COLD")
    frozen.frozen = True
    frozen.save()

    for wrong in (expired, frozen):
        with pytest.raises(RuleBroken):
            drafted("use", (wrong, 1), by=storekeeper)


def test_what_expires_between_draft_and_posting_is_judged_again_R109(batch, storekeeper):
    document = drafted("use", (batch, 1), by=storekeeper)
    batch.expires_on = in_days(-1)
    batch.save()

    with pytest.raises(RuleBroken, match="expired"):
        papers.post(document=document, by=storekeeper)


def test_only_whole_packs_of_what_stays_whole_are_requisitioned_R115(storekeeper):
    batch = stocked_drug(400, maker=InhalerFactory).batches.get()

    with pytest.raises(RuleBroken, match="whole packs"):
        drafted("use", (batch, 1), by=storekeeper)


@pytest.mark.parametrize("quantity", [0, -1, 241])
def test_no_document_takes_more_than_there_is(batch, storekeeper, quantity):
    with pytest.raises(RuleBroken, match="240|10盒"):
        drafted("write_off", (batch, quantity), by=storekeeper)


def test_what_is_promised_to_patients_is_not_taken_away_R113(batch, storekeeper, pharmacist):
    stock.reserve(drug=batch.drug, quantity=200, reference="RX1/1", by=pharmacist)
    supplier = SupplierFactory()
    for kind, head in (
        ("use", {}),
        ("to_supplier", {"supplier": supplier}),
        ("move", {"to_place": store()}),
    ):
        document = drafted(kind, (batch, 41), by=storekeeper, **head)

        with pytest.raises(RuleBroken, match="promised") as refused:
            papers.post(document=document, by=storekeeper)

        assert "1盒+16粒" in refused.value.message
    posted("use", (batch, 40), by=storekeeper)


def test_broken_goods_are_written_off_although_they_were_promised_R118(
    batch, storekeeper, pharmacist
):
    stock.reserve(drug=batch.drug, quantity=200, reference="RX1/1", by=pharmacist)

    posted("write_off", (batch, 240), by=storekeeper, confirmed_by=pharmacist)

    batch.refresh_from_db()
    assert batch.on_hand == 0


def test_a_transfer_keeps_lot_expiry_and_cost_and_loses_nothing_R114(batch, storekeeper):
    there = store()

    document = posted("move", (batch, 100), to_place=there, by=storekeeper)

    target = Batch.objects.get(place=there)
    assert moved(document) == [("move_out", -100), ("move_in", 100)]
    assert (target.lot, target.expires_on, target.cost, target.on_hand) == (
        batch.lot,
        batch.expires_on,
        batch.cost,
        100,
    )
    assert stock.available([batch.drug_id]) == {batch.drug_id: 140}
    assert check() == []


def test_a_second_transfer_adds_to_the_batch_that_is_there_and_back_again(batch, storekeeper):
    here, there = batch.place, store()
    for _twice in range(2):
        posted("move", (batch, 24), to_place=there, by=storekeeper)
        batch.refresh_from_db()
    target = Batch.objects.get(place=there)

    posted("move", (target, 48), to_place=here, by=storekeeper)

    assert [b.on_hand for b in Batch.objects.order_by("pk")] == [240, 0]
    assert check() == []


def test_a_transfer_to_where_it_lies_and_of_frozen_goods_is_refused_R109(batch, storekeeper):
    with pytest.raises(RuleBroken, match="lie there already"):
        drafted("move", (batch, 1), to_place=batch.place, by=storekeeper)

    batch.frozen = True
    batch.save()
    with pytest.raises(RuleBroken, match="frozen"):
        drafted("move", (batch, 1), to_place=store(), by=storekeeper)


def test_a_document_takes_from_its_own_place_only_R114(batch, storekeeper):
    with pytest.raises(RuleBroken, match="place"):
        drafted("write_off", (batch, 1), place=store(), by=storekeeper)


def test_goods_of_the_store_are_not_promised_and_may_always_go(storekeeper, pharmacist):
    drug = DrugFactory()
    line = {"drug": drug, "lot": "A", "expires_on": in_days(300), "quantity": 48}
    Place.objects.create(code="YF", name="药房")
    stock.receive(supplier=SupplierFactory(), lines=[line], place=store(), by=storekeeper)

    posted("use", (drug.batches.get(), 48), by=storekeeper)

    assert drug.batches.get().on_hand == 0
