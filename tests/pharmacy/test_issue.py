"""Handing out by batch, the earliest expiry first (R-112)."""

import pytest
from django.core.exceptions import PermissionDenied

from clinic.core.errors import AlreadyDone, RuleBroken
from pharmacy import stock, worth
from pharmacy.models import Batch, Reservation, ShelfWorth, StockDocument, StockMovement
from pharmacy.stock import Short, Want
from security.models import AuditEntry
from tests.factories.pharmacy import in_days, put_on_shelf, stocked_drug

pytestmark = pytest.mark.django_db


def promise(drug, quantity, reference="RX1/1", *, by):
    return stock.reserve(drug=drug, quantity=quantity, reference=reference, by=by)


def expire(drug, lot):
    batch = drug.batches.get(lot=lot)
    batch.expires_on = in_days(-1)
    batch.save()


def taken(movements):
    return [(m.batch.lot, -m.quantity, m.balance) for m in movements]


def test_the_earliest_expiry_goes_first_whatever_came_first_R112(pharmacist):
    drug = stocked_drug(48, days=700, lot="LATE")
    put_on_shelf(drug, 48, days=400, lot="SOON")
    promise(drug, 60, by=pharmacist)

    movements = stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")

    assert taken(movements) == [("SOON", 48, 0), ("LATE", 12, 36)]
    assert [m.kind for m in movements] == ["issue", "issue"]
    assert {m.reference for m in movements} == {"RX1/1"}


def test_of_equal_expiry_the_earlier_stock_in_goes_first_R112(pharmacist):
    drug = stocked_drug(24, lot="FIRST")
    put_on_shelf(drug, 24, lot="AFTER")
    promise(drug, 24, by=pharmacist)

    movements = stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")

    assert taken(movements) == [("FIRST", 24, 0)]


def test_two_lines_that_take_from_one_batch_leave_a_balance_each(amoxicillin, pharmacist):
    (batch,) = amoxicillin.batches.all()
    promise(amoxicillin, 40, by=pharmacist)
    promise(amoxicillin, 200, "RX1/2", by=pharmacist)

    issued = stock.issue_all(references=["RX1/1", "RX1/2"], by=pharmacist, document_reference="RX1")

    assert [taken(movements) for movements in issued.values()] == [
        [("260518", 40, 200)],
        [("260518", 200, 0)],
    ]
    told = AuditEntry.objects.filter(event="update", object_pk=str(batch.pk)).order_by("pk")
    assert [entry.changes["on_hand"] for entry in told][-2:] == [["240", "200"], ["200", "0"]]
    assert not ShelfWorth.objects.filter(pk=batch.pk).exists()


def test_a_worth_that_is_missing_is_made_again(amoxicillin, pharmacist):
    put_on_shelf(amoxicillin, 24, days=400, lot="SOON")
    ShelfWorth.objects.filter(batch__lot="SOON").delete()
    promise(amoxicillin, 4, by=pharmacist)

    stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")

    assert not worth.wrong().exists() and not worth.lacking().exists()


def test_handing_out_uses_the_promise_up_R113(amoxicillin, pharmacist):
    promise(amoxicillin, 40, by=pharmacist)

    stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")

    assert stock.available([amoxicillin.pk]) == {amoxicillin.pk: 200}
    assert Reservation.objects.get().state == "issued"
    assert StockDocument.objects.get(kind="dispensing").reference == "RX1"


def test_expired_batches_stay_on_the_shelf_R109(pharmacist):
    drug = stocked_drug(24, days=300, lot="OLD")
    put_on_shelf(drug, 48, days=700, lot="GOOD")
    promise(drug, 24, by=pharmacist)
    expire(drug, "OLD")

    movements = stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")

    assert taken(movements) == [("GOOD", 24, 24)]


def test_frozen_batches_stay_on_the_shelf(pharmacist):
    drug = stocked_drug(24, days=300, lot="FROZEN")
    put_on_shelf(drug, 24, days=700, lot="GOOD")
    promise(drug, 24, by=pharmacist)
    batch = drug.batches.get(lot="FROZEN")
    batch.frozen = True
    batch.save()

    movements = stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")

    assert taken(movements) == [("GOOD", 24, 0)]


def test_what_expired_under_a_promise_is_named_as_short_R174(pharmacist):
    drug = stocked_drug(24, days=300, lot="OLD")
    put_on_shelf(drug, 24, days=700, lot="GOOD")
    promise(drug, 40, by=pharmacist)
    expire(drug, "OLD")

    with pytest.raises(Short, match="16粒") as short:
        stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")

    assert short.value.missing == {"RX1/1": 16}
    assert Reservation.objects.get().state == "active"
    assert not StockMovement.objects.filter(kind="issue").exists()


def test_a_prescription_is_handed_out_as_a_whole_or_not_at_all(amoxicillin, pharmacist):
    other = stocked_drug(24, lot="OLD")
    promise(amoxicillin, 24, "RX1/1", by=pharmacist)
    promise(other, 24, "RX1/2", by=pharmacist)
    expire(other, "OLD")

    with pytest.raises(Short) as short:
        stock.issue_all(references=["RX1/1", "RX1/2"], by=pharmacist, document_reference="RX1")

    assert short.value.missing == {"RX1/2": 24}
    assert amoxicillin.batches.get().on_hand == 240


def test_one_document_per_prescription_whatever_the_number_of_calls(amoxicillin, pharmacist):
    promise(amoxicillin, 24, "RX1/1", by=pharmacist)
    promise(amoxicillin, 24, "RX1/2", by=pharmacist)

    for reference in ("RX1/1", "RX1/2"):
        stock.issue(reference=reference, by=pharmacist, document_reference="RX1")

    document = StockDocument.objects.get(kind="dispensing")
    assert [m.reference for m in document.movements.order_by("pk")] == ["RX1/1", "RX1/2"]


def test_two_lines_of_one_drug_never_take_the_same_pieces(amoxicillin, pharmacist):
    promise(amoxicillin, 200, "RX1/1", by=pharmacist)
    promise(amoxicillin, 40, "RX1/2", by=pharmacist)

    stock.issue_all(references=["RX1/1", "RX1/2"], by=pharmacist, document_reference="RX1")

    assert amoxicillin.batches.get().on_hand == 0


def test_a_line_is_handed_out_once(amoxicillin, pharmacist):
    promise(amoxicillin, 24, by=pharmacist)
    stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")

    with pytest.raises(AlreadyDone):
        stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")

    assert amoxicillin.batches.get().on_hand == 216


@pytest.mark.parametrize("was_released", [True, False])
def test_nothing_leaves_without_a_promise_R113(amoxicillin, pharmacist, was_released):
    if was_released:
        promise(amoxicillin, 24, by=pharmacist)
        stock.release(reference="RX1/1", by=pharmacist)

    with pytest.raises(RuleBroken):
        stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")

    assert Batch.objects.get().on_hand == 240


def test_the_pick_list_names_batches_and_shelves_as_issue_takes_them_R112(pharmacist):
    drug = stocked_drug(48, days=700, lot="LATE")
    put_on_shelf(drug, 48, days=400, lot="SOON")
    promise(drug, 60, by=pharmacist)

    picks = stock.pick_lists([Want(drug, 60, "RX1/1")])["RX1/1"]
    movements = stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")

    assert [(p.batch.pk, p.quantity) for p in picks] == [
        (m.batch_id, -m.quantity) for m in movements
    ]
    assert picks[0].batch.shelf == "A1-01"


def test_pick_lists_of_a_prescription_need_one_query(django_assert_num_queries):
    wants = [Want(stocked_drug(24), 24, f"RX1/{n}") for n in range(5)]

    with django_assert_num_queries(1):
        picks = stock.pick_lists(wants)

    assert all(len(pick) == 1 for pick in picks.values())


def test_movements_are_never_changed_or_deleted(amoxicillin):
    movement = StockMovement.objects.get()
    movement.quantity = 1

    for change in (movement.save, movement.delete, StockMovement.objects.all().delete):
        with pytest.raises(PermissionDenied):
            change()
