"""Stock-taking: confirmed by somebody else, posted in pieces, each line once (R-119)."""

import pytest
from django.db import IntegrityError, transaction

from clinic.core.errors import AlreadyDone, RuleBroken
from pharmacy import stock, takes
from pharmacy.books import check
from pharmacy.models import Batch, StockDocument, StockMovement, StockTake
from pharmacy.takes import posting, work
from tests.factories.pharmacy import put_on_shelf, stocked_drug
from tests.factories.takes import (
    closed,
    confirmed,
    counted,
    explained,
    line_of,
    started,
    to_confirm,
)

pytestmark = pytest.mark.django_db
State = StockTake.State


@pytest.fixture
def batches():
    """Four batches of 240, 48, 24 and 24 capsules."""
    drug = stocked_drug(240, lot="A", generic_name="阿莫西林胶囊", price=12)
    return [
        drug.batches.get(),
        *(put_on_shelf(drug, n, lot=f"L{i}") for i, n in enumerate([48, 24, 24])),
    ]


@pytest.fixture
def take(batches, storekeeper):
    return started(by=storekeeper)


def counts(batches, *quantities):
    return dict(zip(batches, quantities, strict=True))


def adjustments():
    rows = StockMovement.objects.filter(kind="adjust").order_by("batch__lot")
    return list(rows.values_list("batch__lot", "quantity"))


def test_differences_become_movements_of_one_document_with_the_take_s_number(
    take, batches, storekeeper, pharmacist
):
    to_confirm(take, counts(batches, 230, 50, 24, 24), by=storekeeper)

    confirmed(take, by=pharmacist)

    document = StockDocument.objects.get(kind="adjustment")
    assert take.state == State.POSTED and take.document == document
    assert (document.number, document.reference) == (take.number, take.number)
    assert (document.made_by, document.witness) == (storekeeper, pharmacist)
    assert adjustments() == [("A", -10), ("L0", 2)]
    assert {m.reference for m in document.movements.all()} == {take.number}
    assert check() == []


def test_what_is_sold_between_count_and_posting_is_sold_and_the_difference_stays(
    take, batches, storekeeper, pharmacist
):
    to_confirm(take, counts(batches, 230, 48, 24, 24), by=storekeeper)
    stock.write_off(
        batch=batches[0], quantity=100, reason="破损", by=storekeeper, witness=pharmacist
    )

    confirmed(take, by=pharmacist)

    batches[0].refresh_from_db()
    assert (adjustments(), batches[0].on_hand) == ([("A", -10)], 130)


def test_nobody_confirms_what_he_counted_R119(take, batches, storekeeper):
    to_confirm(take, counts(batches, 230, 48, 24, 24), by=storekeeper)

    with pytest.raises(RuleBroken):
        takes.confirm(take=take, by=storekeeper)

    assert adjustments() == []


def test_nobody_confirms_a_take_without_differences_that_he_counted_alone_R119(
    take, batches, storekeeper, pharmacist
):
    to_confirm(take, counts(batches, 240, 48, 24, 24), by=storekeeper)

    with pytest.raises(RuleBroken):
        takes.confirm(take=take, by=storekeeper)

    assert confirmed(take, by=pharmacist).state == State.POSTED
    assert not StockDocument.objects.filter(kind="adjustment").exists()


def test_the_second_counter_does_not_confirm_either_R119(take, batches, storekeeper, pharmacist):
    for batch, quantity in counts(batches, 230, 48, 24, 24).items():
        counted(take, batch, quantity, by=storekeeper)
    closed(take, by=storekeeper)
    counted(take, batches[0], 230, by=pharmacist)
    explained(closed(take, by=pharmacist), by=pharmacist)

    with pytest.raises(RuleBroken):
        takes.confirm(take=take, by=pharmacist)


def test_two_people_who_both_counted_confirm_each_other_s_lines_R119(
    take, batches, storekeeper, pharmacist
):
    for batch, quantity in counts(batches, 230, 40, 24, 24).items():
        counted(take, batch, quantity, by=storekeeper if batch == batches[0] else pharmacist)
    closed(take, by=storekeeper)
    counted(take, batches[0], 230, by=storekeeper)
    counted(take, batches[1], 40, by=pharmacist)
    explained(closed(take, by=storekeeper), by=storekeeper)

    confirmed(take, by=pharmacist)
    half = adjustments(), take.state
    confirmed(take, by=storekeeper)

    assert half == ([("A", -10)], State.TO_CONFIRM)
    assert (adjustments(), take.state) == ([("A", -10), ("L0", -8)], State.POSTED)
    assert StockDocument.objects.filter(kind="adjustment").count() == 1


@pytest.mark.parametrize("who", ["first_by", "second_by"])
def test_the_database_knows_the_two_people_too_R119(take, batches, storekeeper, pharmacist, who):
    counted(take, batches[0], 230, by=storekeeper)
    line = line_of(take, batches[0])
    setattr(line, who, pharmacist)
    line.confirmed_by = pharmacist

    with pytest.raises(IntegrityError), transaction.atomic():
        line.save()


def test_a_line_is_never_posted_without_a_second_person_R119(take, batches):
    line = line_of(take, batches[0])
    line.movement = batches[0].movements.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        line.save()


def test_every_difference_needs_a_reason_and_another_reason_needs_words_R119(
    take, batches, storekeeper, pharmacist
):
    to_confirm(take, counts(batches, 230, 48, 24, 24), by=storekeeper)
    line = line_of(take, batches[0])
    for reason in [("other", " "), ("no such", "x"), ("", "x")]:
        with pytest.raises(RuleBroken):
            takes.explain(take=take, reasons={line.pk: reason}, by=storekeeper)
    line.reason = ""
    line.save()

    with pytest.raises(RuleBroken):
        takes.confirm(take=take, by=pharmacist)


def test_a_take_is_confirmed_once(take, batches, storekeeper, pharmacist, other_pharmacist):
    to_confirm(take, counts(batches, 230, 48, 24, 24), by=storekeeper)
    confirmed(take, by=pharmacist)

    with pytest.raises(AlreadyDone):
        takes.confirm(take=take, by=other_pharmacist)

    assert adjustments() == [("A", -10)]


def one_line_at_a_time(monkeypatch):
    monkeypatch.setattr(posting, "MOST_LINES", 1)


def test_posting_that_broke_off_is_gone_on_with_and_each_line_posted_once(
    take, batches, storekeeper, pharmacist, monkeypatch
):
    one_line_at_a_time(monkeypatch)
    to_confirm(take, counts(batches, 230, 40, 20, 25), by=storekeeper)
    takes.confirm(take=take, by=pharmacist)
    posting.post_piece(take)
    posting.post_piece(take)
    take.refresh_from_db()
    half = len(adjustments()), take.state

    takes.go_on()
    takes.go_on()

    take.refresh_from_db()
    assert half == (2, State.POSTING)
    assert (len(adjustments()), take.state) == (4, State.POSTED)
    assert check() == []


def test_a_piece_ends_when_its_time_is_over(take, batches, storekeeper, pharmacist, monkeypatch):
    monkeypatch.setattr(posting, "SECONDS", -1)
    to_confirm(take, counts(batches, 230, 40, 20, 25), by=storekeeper)
    takes.confirm(take=take, by=pharmacist)

    assert posting.post_piece(take) is True

    assert len(adjustments()) == 1


def test_a_loss_of_more_than_is_left_is_not_posted_but_counted_again_R113(
    take, batches, storekeeper, pharmacist
):
    to_confirm(take, counts(batches, 10, 40, 24, 24), by=storekeeper)
    stock.write_off(
        batch=batches[0], quantity=100, reason="破损", by=storekeeper, witness=pharmacist
    )

    confirmed(take, by=pharmacist)

    line = line_of(take, batches[0])
    assert (take.state, adjustments()) == (State.SECOND, [("L0", -8)])
    assert (line.movement, line.second, line.left_when_posting) == (None, None, 140)

    counted(take, batches[0], 139, by=storekeeper)
    explained(closed(take, by=storekeeper), by=storekeeper)
    confirmed(take, by=pharmacist)

    assert (take.state, adjustments()) == (State.POSTED, [("A", -1), ("L0", -8)])
    assert Batch.objects.get(lot="A").on_hand == 139
    assert check() == []


def test_a_difference_is_sent_back_to_the_second_count(take, batches, storekeeper, pharmacist):
    to_confirm(take, counts(batches, 230, 48, 24, 24), by=storekeeper)

    takes.count_again(take=take, line=line_of(take, batches[0]).pk, by=pharmacist)

    take.refresh_from_db()
    assert (take.state, line_of(take, batches[0]).second) == (State.SECOND, None)
    counted(take, batches[0], 240, by=pharmacist)
    assert closed(take, by=pharmacist).state == State.TO_CONFIRM
    with pytest.raises(RuleBroken):
        takes.count_again(take=take, line=line_of(take, batches[0]).pk, by=pharmacist)


def test_a_posted_take_gives_its_batches_free_and_is_not_cancelled(
    take, batches, storekeeper, pharmacist
):
    to_confirm(take, counts(batches, 230, 48, 24, 24), by=storekeeper)
    confirmed(take, by=pharmacist)

    with pytest.raises(RuleBroken):
        takes.cancel(take=take, reason="停电", by=storekeeper)

    assert started(by=storekeeper).lines.count() == 4


def test_what_is_confirmed_can_no_longer_be_cancelled(take, batches, storekeeper, pharmacist):
    to_confirm(take, counts(batches, 230, 48, 24, 24), by=storekeeper)
    takes.confirm(take=take, by=pharmacist)

    with pytest.raises(RuleBroken):
        takes.cancel(take=take, reason="停电", by=storekeeper)


def test_the_rest_of_a_take_whose_document_was_taken_back_gets_a_document_of_its_own(
    take, batches, storekeeper, pharmacist, monkeypatch
):
    one_line_at_a_time(monkeypatch)
    to_confirm(take, counts(batches, 230, 40, 24, 24), by=storekeeper)
    takes.confirm(take=take, by=pharmacist)
    posting.post_piece(take)
    first = StockDocument.objects.get(kind="adjustment")
    StockDocument.objects.create(
        number="HC1",
        kind="reversal",
        reverses=first,
        made_by=pharmacist,
        posted_at=first.posted_at,
        posted_by=pharmacist,
    )

    work.go_on()

    documents = StockDocument.objects.filter(kind="adjustment", reference=take.number)
    assert sorted(document.movements.count() for document in documents) == [1, 1]
