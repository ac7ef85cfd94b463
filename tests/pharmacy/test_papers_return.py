"""Drugs come back from a patient: whole packs, the same batch, intact or written off (R-117)."""

import pytest

from clinic.core.errors import RuleBroken
from pharmacy import papers, stock
from pharmacy.books import check
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
    with django_assert_num_queries(2):
        out = papers.out_with_patients(handed_out)

    assert [(row.movement.batch.lot, row.left, row.packs) for row in out] == [
        ("A", 24, 1),
        ("B", 30, 1),
    ]


def test_intact_packs_go_back_to_their_batch_and_others_are_written_off_R117(
    handed_out, pharmacist
):
    document = papers.post(
        document=back(handed_out, (0, 24, True), (1, 24, False), by=pharmacist), by=pharmacist
    )

    assert document.number.startswith("TY")
    assert document.reference == "RX1"
    assert moved(document) == [("give_back", 24), ("give_back", 24), ("write_off", -24)]
    on_hand = {m.batch.lot: m.balance for m in document.movements.all()}
    assert on_hand == {"A": 24, "B": 210}
    assert [row.left for row in papers.out_with_patients(handed_out)] == [0, 6]
    assert check() == []


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


def test_a_return_taken_back_is_with_the_patient_again_R107(handed_out, pharmacist):
    document = papers.post(document=back(handed_out, (0, 24, False), by=pharmacist), by=pharmacist)

    counter = papers.reverse(document=document, reason="退错患者", by=pharmacist)

    assert moved(counter) == [("reverse", 24), ("reverse", -24)]
    assert papers.out_with_patients(handed_out)[0].left == 24
    assert check() == []
