"""Drugs come back from a patient: whole packs, the same batch, intact or written off (R-117)."""

import pytest

from clinic.core.errors import RuleBroken
from pharmacy import papers, stock
from pharmacy.books import check
from pharmacy.models import StockDocument
from tests.factories.pharmacy import put_on_shelf, stocked_drug
from tests.pharmacy.papers import moved

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def handed_out(pharmacist):
    """The dispensing document: one box of lot A, one box and 6 capsules of lot B."""
    drug = stocked_drug(24, days=300, lot="A")
    put_on_shelf(drug, 240, lot="B")
    stock.reserve(drug=drug, quantity=54, reference="RX1/1", by=pharmacist)
    return stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")[0].document


def back(document, *parts, by, reason="药品不良反应"):
    """Start the return of (line, base units, intact)."""
    out = papers.out_with_patients(document)
    rows = [(out[n].movement, units, intact) for n, units, intact in parts]
    return papers.start_return(document=document, rows=rows, reason=reason, by=by)


def test_each_line_says_how_many_packs_can_come_back_R117(
    handed_out, pharmacist, django_assert_num_queries
):
    with django_assert_num_queries(3):
        out = papers.out_with_patients(handed_out)

    assert [(row.movement.batch.lot, row.left, row.packs) for row in out] == [
        ("A", 24, 1),
        ("B", 30, 1),
    ]


def taken_back(document, *parts, by):
    out = papers.out_with_patients(document)
    rows = [(out[n].movement, units, intact) for n, units, intact in parts]
    return papers.take_back(document=document, rows=rows, reason="药品不良反应", by=by)


def test_intact_packs_go_back_to_their_batch_and_others_are_written_off_by_two_R117_R118(
    handed_out, pharmacist, storekeeper
):
    draft = back(handed_out, (0, 24, True), (1, 24, False), by=pharmacist)
    with pytest.raises(RuleBroken, match="colleague") as refused:
        papers.post(document=draft, by=pharmacist)

    document = papers.post(document=draft, by=storekeeper)

    assert refused.value.rule == "R-118"
    assert (document.witness, document.posted_by) == (storekeeper, storekeeper)
    assert {movement.made_by for movement in document.movements.all()} == {pharmacist}
    assert document.number.startswith("TY")
    assert document.reference == "RX1"
    assert moved(document) == [("give_back", 24), ("give_back", 24), ("write_off", -24)]
    on_hand = {m.batch.lot: m.balance for m in document.movements.all()}
    assert on_hand == {"A": 24, "B": 210}
    assert [row.left for row in papers.out_with_patients(handed_out)] == [0, 6]
    assert check() == []


def test_at_the_window_what_is_intact_is_back_at_once_and_the_rest_waits_for_a_colleague_R118(
    handed_out, pharmacist, storekeeper
):
    posted, draft = taken_back(handed_out, (0, 24, True), (1, 24, False), by=pharmacist)

    assert (posted.state, posted.witness, moved(posted)) == ("posted", None, [("give_back", 24)])
    assert (draft.state, moved(draft)) == ("draft", [])
    out = papers.out_with_patients(handed_out)
    assert [(row.left, row.waiting, row.packs) for row in out] == [(0, 0, 0), (6, 24, 0)]
    papers.post(document=draft, by=storekeeper)
    assert moved(draft) == [("give_back", 24), ("write_off", -24)]
    assert [row.waiting for row in papers.out_with_patients(handed_out)] == [0, 0]
    assert check() == []


@pytest.mark.parametrize("units", [12, 48])
def test_what_can_not_come_back_waits_for_nobody_R117(handed_out, pharmacist, units):
    with pytest.raises(RuleBroken) as refused:
        taken_back(handed_out, (0, units, False), by=pharmacist)

    assert refused.value.rule == "R-117"
    assert not StockDocument.objects.filter(kind="return").exists()


def test_what_waits_for_a_colleague_does_not_come_back_once_more_R117(handed_out, pharmacist):
    taken_back(handed_out, (0, 24, False), by=pharmacist)

    with pytest.raises(RuleBroken, match="At most 0"):
        taken_back(handed_out, (0, 24, True), by=pharmacist)


def test_the_verb_for_one_line_asks_for_a_witness_where_it_writes_off_R118(
    handed_out, pharmacist, storekeeper
):
    movement = handed_out.movements.first()
    line = {"movement": movement, "quantity": 24, "reason": "破损", "intact": False}

    for witness in (None, pharmacist):
        with pytest.raises(RuleBroken, match="second person"):
            stock.give_back(**line, by=pharmacist, witness=witness)
    document = stock.give_back(**line, by=pharmacist, witness=storekeeper)

    assert document.witness == storekeeper
    assert moved(document) == [("give_back", 24), ("write_off", -24)]


@pytest.mark.parametrize("units", [12, 48])
def test_split_packs_and_more_than_was_handed_out_stay_with_the_patient_R117(
    handed_out, pharmacist, units
):
    draft = back(handed_out, (0, units, True), by=pharmacist)

    with pytest.raises(RuleBroken, match="Line 1"):
        papers.post(document=draft, by=pharmacist)


def test_two_returns_of_one_box_are_one_R117(handed_out, pharmacist):
    first = back(handed_out, (0, 24, True), by=pharmacist)
    second = back(handed_out, (0, 24, True), by=pharmacist)
    papers.post(document=first, by=pharmacist)

    with pytest.raises(RuleBroken):
        papers.post(document=second, by=pharmacist)


def test_a_return_needs_a_reason_and_a_line(handed_out, pharmacist):
    with pytest.raises(RuleBroken):
        back(handed_out, (0, 24, True), by=pharmacist, reason=" ")
    with pytest.raises(RuleBroken):
        back(handed_out, by=pharmacist)


def test_a_return_taken_back_is_with_the_patient_again_by_two_where_two_signed_it_R107_R118(
    handed_out, pharmacist, storekeeper
):
    draft = back(handed_out, (0, 24, False), by=pharmacist)
    document = papers.post(document=draft, by=storekeeper)

    counter = papers.reverse(document=document, reason="退错患者", by=pharmacist)

    assert counter.is_draft
    papers.post(document=counter, by=storekeeper)
    assert moved(counter) == [("reverse", 24), ("reverse", -24)]
    assert papers.out_with_patients(handed_out)[0].left == 24
    assert check() == []
