"""Several people want the same stock at the same moment (R-113)."""

import pytest

from pharmacy import stock
from pharmacy.books import check
from pharmacy.models import Batch, Reservation, StockDocument, StockMovement
from tests.concurrency.together import run_together
from tests.factories.pharmacy import SupplierFactory, in_days, stocked_drug

pytestmark = pytest.mark.django_db(transaction=True)
BUYERS = "tests.concurrency.buyers"
ONE_BOX = 24


def promises(drug, by, *, locked):
    calls = [
        {"drug": drug.pk, "reference": f"RX{n}/1", "by": by.pk, "quantity": ONE_BOX}
        | {"locked": locked}
        for n in range(3)
    ]
    return run_together(f"{BUYERS}:promise", calls)


def test_without_the_lock_the_last_box_is_promised_several_times(pharmacist):
    drug = stocked_drug(ONE_BOX)

    answers = promises(drug, pharmacist, locked=False)

    promised = [answer for answer in answers if "result" in answer]
    assert len(promised) > 1, answers


def test_the_last_box_is_promised_once_R113(pharmacist):
    drug = stocked_drug(ONE_BOX)

    answers = promises(drug, pharmacist, locked=True)

    assert sorted(answer.get("error", "promised") for answer in answers) == [
        "Short",
        "Short",
        "promised",
    ]
    assert Reservation.objects.count() == 1


def test_one_line_is_handed_out_once_by_two_people_at_once(pharmacist, other_pharmacist):
    drug = stocked_drug(ONE_BOX * 4)
    stock.reserve(drug=drug, quantity=ONE_BOX, reference="RX1/1", by=pharmacist)

    answers = run_together(
        f"{BUYERS}:hand_out",
        [{"reference": "RX1/1", "by": who.pk} for who in (pharmacist, other_pharmacist)],
    )

    assert sorted(answer.get("error", "handed out") for answer in answers) == [
        "AlreadyDone",
        "handed out",
    ]
    assert Batch.objects.get().on_hand == ONE_BOX * 3
    assert check() == []


def test_one_delivery_note_is_taken_in_once_at_two_desks_R107(storekeeper):
    drug, supplier = stocked_drug(0), SupplierFactory()
    call = {"drug": drug.pk, "supplier": supplier.pk, "by": storekeeper.pk}
    call["day"] = in_days(700).isoformat()

    answers = run_together(f"{BUYERS}:take_in", [call] * 3)

    assert sorted(answer.get("error", "taken in") for answer in answers) == [
        "AlreadyDone",
        "AlreadyDone",
        "taken in",
    ]
    assert StockDocument.objects.count() == 1
    assert Batch.objects.get().on_hand == 24


def test_the_same_drugs_in_opposite_order_sell_out_exactly_and_the_books_agree_R107(pharmacist):
    drugs = [stocked_drug(15).pk for _n in range(3)]
    calls = [
        {"drugs": drugs if n % 2 else drugs[::-1], "name": f"RX{n}-", "by": pharmacist.pk}
        | {"rounds": 10}
        for n in range(3)
    ]

    answers = run_together(f"{BUYERS}:shop", calls, seconds=120)

    assert [answer for answer in answers if "error" in answer] == []
    assert sum(answer["result"] for answer in answers) == 15
    assert [batch.on_hand for batch in Batch.objects.all()] == [0, 0, 0]
    assert StockMovement.objects.filter(kind="issue").count() == 45
    assert check() == []
