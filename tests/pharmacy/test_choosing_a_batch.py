"""Another batch than the first to expire is handed out with a reason only (R-112)."""

import pytest

from clinic.core.errors import RuleBroken
from pharmacy import stock
from pharmacy.books import check
from pharmacy.models import StockMovement
from tests.factories.pharmacy import put_on_shelf, stocked_drug

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def drug(pharmacist):
    """24 that expire later, 24 that expire sooner; 30 promised to a patient."""
    drug = stocked_drug(24, days=700, lot="LATE")
    put_on_shelf(drug, 24, days=300, lot="SOON")
    stock.reserve(drug=drug, quantity=30, reference="RX1/1", by=pharmacist)
    return drug


def batch(drug, lot):
    return drug.batches.get(lot=lot).pk


def issue(by, batches, reason=""):
    return stock.issue_all(
        references=["RX1/1"],
        by=by,
        document_reference="RX1",
        choices={"RX1/1": stock.Choice(batches, reason)},
    )["RX1/1"]


def test_a_chosen_batch_goes_out_with_its_reason_in_the_ledger_R112(drug, pharmacist):
    soon, late = batch(drug, "SOON"), batch(drug, "LATE")

    movements = issue(pharmacist, {soon: 6, late: 24}, "患者要求同一批号")

    taken = {m.batch.lot: (m.quantity, m.reason) for m in movements}
    assert taken == {"SOON": (-6, "患者要求同一批号"), "LATE": (-24, "患者要求同一批号")}
    assert check() == []


def test_without_a_reason_nothing_goes_out_R112(drug, pharmacist):
    soon, late = batch(drug, "SOON"), batch(drug, "LATE")

    with pytest.raises(RuleBroken, match="expires first") as refused:
        issue(pharmacist, {soon: 6, late: 24}, " ")

    assert refused.value.field == "reason"
    assert not StockMovement.objects.filter(kind="issue").exists()


def test_whoever_chooses_what_expires_first_owes_no_reason_R112(drug, pharmacist):
    soon, late = batch(drug, "SOON"), batch(drug, "LATE")

    issue(pharmacist, {soon: 24, late: 6})

    assert [b.on_hand for b in drug.batches.order_by("lot")] == [18, 0]


@pytest.mark.parametrize("parts", [(24, 7), (30, 0), (24, 5), (31, -1), (0, 0)])
def test_the_chosen_parts_are_on_the_shelf_and_add_up(drug, pharmacist, parts):
    chosen = dict(zip([batch(drug, "SOON"), batch(drug, "LATE")], parts, strict=True))

    with pytest.raises(RuleBroken):
        issue(pharmacist, chosen, "原因")

    assert not StockMovement.objects.filter(kind="issue").exists()


def test_expired_frozen_and_other_drugs_batches_cannot_be_chosen_R109(drug, pharmacist):
    soon, other = batch(drug, "SOON"), stocked_drug(48).batches.get()
    expired = put_on_shelf(drug, 48, days=-1, lot="OLD")
    frozen = put_on_shelf(drug, 48, lot="COLD")
    frozen.frozen = True
    frozen.save()

    for wrong in (expired, frozen, other):
        with pytest.raises(RuleBroken, match="choose again"):
            issue(pharmacist, {soon: 6, wrong.pk: 24}, "原因")


def test_what_is_chosen_for_one_line_is_not_taken_by_another_R112(drug, pharmacist):
    stock.reserve(drug=drug, quantity=18, reference="RX1/2", by=pharmacist)
    soon, late = batch(drug, "SOON"), batch(drug, "LATE")

    stock.issue_all(
        references=["RX1/2", "RX1/1"],
        by=pharmacist,
        document_reference="RX1",
        choices={"RX1/1": stock.Choice({soon: 24, late: 6})},
    )

    taken = StockMovement.objects.filter(reference="RX1/2").values_list("batch", "quantity")
    assert list(taken) == [(late, -18)]
