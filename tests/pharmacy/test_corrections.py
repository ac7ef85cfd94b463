"""Returns, write-offs, counts (R-117 to R-119)."""

import pytest

from clinic.core.errors import RuleBroken
from pharmacy import stock
from pharmacy.models import StockMovement
from tests.factories.pharmacy import stocked_drug

pytestmark = pytest.mark.django_db


@pytest.fixture
def handed_out(amoxicillin, pharmacist):
    """Two boxes of amoxicillin in a patient's hands."""
    stock.reserve(drug=amoxicillin, quantity=48, reference="RX1/1", by=pharmacist)
    return stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")[0]


def give_back(movement, quantity=24, *, by, intact=True, reason="药品不良反应", witness=None):
    return stock.give_back(
        movement=movement, quantity=quantity, reason=reason, by=by, intact=intact, witness=witness
    )


def kinds(document):
    return [(m.kind, m.quantity) for m in document.movements.order_by("pk")]


def test_intact_packs_go_back_into_their_batch_R117(amoxicillin, handed_out, pharmacist):
    document = give_back(handed_out, by=pharmacist)

    assert kinds(document) == [("give_back", 24)]
    assert amoxicillin.batches.get().on_hand == 216
    assert document.reference == "RX1/1"


def test_damaged_packs_come_in_and_are_written_off_by_two_R117_R118(
    amoxicillin, handed_out, pharmacist, storekeeper
):
    document = give_back(handed_out, by=pharmacist, intact=False, witness=storekeeper)

    assert kinds(document) == [("give_back", 24), ("write_off", -24)]
    assert document.witness == storekeeper
    assert amoxicillin.batches.get().on_hand == 192


def test_damaged_packs_are_not_written_off_by_one_R118(handed_out, pharmacist):
    with pytest.raises(RuleBroken):
        give_back(handed_out, by=pharmacist, intact=False, witness=pharmacist)


@pytest.mark.parametrize("quantity", [0, -24, 23, 72])
def test_only_whole_packs_and_no_more_than_was_handed_out_R117(handed_out, pharmacist, quantity):
    with pytest.raises(RuleBroken):
        give_back(handed_out, quantity, by=pharmacist)


def test_the_same_box_comes_back_once(handed_out, pharmacist):
    give_back(handed_out, 48, by=pharmacist)

    with pytest.raises(RuleBroken):
        give_back(handed_out, 24, by=pharmacist)


def test_a_return_needs_a_reason(handed_out, pharmacist):
    with pytest.raises(RuleBroken):
        give_back(handed_out, by=pharmacist, reason=" ")


def test_a_write_off_lowers_the_batch_and_names_both_people_R118(
    amoxicillin, storekeeper, pharmacist
):
    batch = amoxicillin.batches.get()

    movement = stock.write_off(
        batch=batch, quantity=24, reason="破损", by=storekeeper, witness=pharmacist
    )

    batch.refresh_from_db()
    assert (batch.on_hand, movement.quantity, movement.balance) == (216, -24, 216)
    assert movement.document.witness == pharmacist


def test_expired_goods_can_be_written_off_R109(storekeeper, pharmacist):
    drug = stocked_drug(24, days=-1)

    stock.write_off(
        batch=drug.batches.get(), quantity=24, reason="过期", by=storekeeper, witness=pharmacist
    )

    assert drug.batches.get().on_hand == 0


@pytest.mark.parametrize("quantity", [0, -1, 241])
def test_no_more_is_written_off_than_there_is(amoxicillin, storekeeper, pharmacist, quantity):
    with pytest.raises(RuleBroken):
        stock.write_off(
            batch=amoxicillin.batches.get(),
            quantity=quantity,
            reason="破损",
            by=storekeeper,
            witness=pharmacist,
        )


def test_nobody_witnesses_his_own_correction_R118_R119(amoxicillin, storekeeper):
    batch = amoxicillin.batches.get()

    for witness in (storekeeper, None):
        with pytest.raises(RuleBroken):
            stock.write_off(batch=batch, quantity=1, reason="破损", by=storekeeper, witness=witness)
        with pytest.raises(RuleBroken):
            stock.adjust(batch=batch, counted=1, reason="盘点", by=storekeeper, witness=witness)


@pytest.mark.parametrize(("counted", "difference"), [(230, -10), (250, 10), (0, -240)])
def test_a_count_makes_the_book_equal_the_shelf_R119(
    amoxicillin, storekeeper, pharmacist, counted, difference
):
    movement = stock.adjust(
        batch=amoxicillin.batches.get(),
        counted=counted,
        reason="盘点",
        by=storekeeper,
        witness=pharmacist,
    )

    assert (movement.quantity, movement.balance) == (difference, counted)


def test_a_count_that_agrees_writes_nothing_R119(amoxicillin, storekeeper, pharmacist):
    movement = stock.adjust(
        batch=amoxicillin.batches.get(),
        counted=240,
        reason="盘点",
        by=storekeeper,
        witness=pharmacist,
    )

    assert movement is None
    assert StockMovement.objects.count() == 1


def test_nobody_counts_less_than_nothing(amoxicillin, storekeeper, pharmacist):
    with pytest.raises(RuleBroken):
        stock.adjust(
            batch=amoxicillin.batches.get(),
            counted=-1,
            reason="盘点",
            by=storekeeper,
            witness=pharmacist,
        )
