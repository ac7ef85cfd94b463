"""`check_stock` says where the books don't agree (that they do: test_any_sequence.py)."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from pharmacy import mending, stock
from pharmacy.books import check
from pharmacy.models import Batch, Reservation, ShelfWorth, StockMovement
from pharmacy.places import dispensary
from tests.factories.pharmacy import in_days, put_on_shelf, stocked_drug

pytestmark = pytest.mark.django_db


def run():
    out = io.StringIO()
    call_command("check_stock", stdout=out)
    return out.getvalue()


def test_the_command_is_content_when_everything_agrees(amoxicillin, pharmacist):
    stock.reserve(drug=amoxicillin, quantity=24, reference="RX1/1", by=pharmacist)
    stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")

    assert run() == "The stock agrees: 1 batches checked.\n"


def test_a_balance_that_is_not_the_sum_is_found_R107(amoxicillin):
    batch = amoxicillin.batches.get()
    batch.on_hand = 239
    batch.save()

    with pytest.raises(CommandError, match="2 places"):
        run()
    said = check()
    assert "239 on hand, but its movements add up to 240" in said[0]
    assert f"Batch {batch.pk} is not worth what is kept" in said[1]


def test_what_is_kept_of_the_worth_is_found_where_it_is_wrong_and_mended(amoxicillin):
    same, cheap, lost = (put_on_shelf(amoxicillin, 24, lot=lot) for lot in ("A", "B", "C"))
    ShelfWorth.objects.filter(pk=cheap.pk).update(price=1)
    ShelfWorth.objects.filter(pk=lost.pk).delete()
    said = check()

    mended = mending.mend_worth()

    assert [sentence.split(" is ")[0].split(" lies ")[0] for sentence in said] == [
        f"Batch {cheap.pk}",
        f"Batch {lost.pk}",
    ]
    assert (mended, check()) == (2, [])
    figures = ShelfWorth.objects.values_list("on_hand", "cost", "price").distinct()
    assert list(figures.filter(pk__in=[same.pk, cheap.pk, lost.pk])) == [(24, 1728000, 2304000)]


def test_a_batch_without_movements_is_found():
    drug = stocked_drug(0)
    shelf = {"drug": drug, "lot": "X", "expires_on": in_days(9), "on_hand": 5}
    Batch.objects.create(place=dispensary(), emptied_at=None, **shelf)

    assert "5 on hand, but its movements add up to 0" in check()[0]


def test_a_wrong_running_balance_is_found(amoxicillin, storekeeper):
    first = StockMovement.objects.get()
    StockMovement.objects.create(
        document=first.document,
        batch=first.batch,
        drug=first.drug,
        place=first.place,
        kind="write_off",
        quantity=-24,
        balance=240,
        made_by=storekeeper,
    )

    assert [problem for problem in check() if "says a balance of 240, but 216" in problem]


def test_a_promise_that_ended_without_being_handed_out_is_found(amoxicillin, pharmacist):
    reservation = stock.reserve(drug=amoxicillin, quantity=24, reference="RX1/1", by=pharmacist)
    reservation.state, reservation.issued = Reservation.State.ISSUED, 24
    reservation.ended_at = timezone.now()
    reservation.save()

    assert check() == [f"Reservation {reservation.pk} of RX1/1 (issued, 24): 0 were handed out."]


def test_an_end_that_the_state_denies_is_found(amoxicillin, pharmacist):
    reservation = stock.reserve(drug=amoxicillin, quantity=24, reference="RX1/1", by=pharmacist)
    reservation.ended_at = timezone.now()
    reservation.save()

    assert check() == [f"Reservation {reservation.pk} of RX1/1 is active, its end says otherwise."]
