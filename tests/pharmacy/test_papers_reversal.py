"""A posted document is taken back as a whole by another one, once (R-107)."""

import pytest

from clinic.core.errors import AlreadyDone, RuleBroken
from pharmacy import papers, stock
from pharmacy.books import check
from pharmacy.models import Batch, StockDocument
from tests.factories.pharmacy import DrugFactory, SupplierFactory, in_days, stocked_drug
from tests.pharmacy.papers import drafted, moved, posted, store

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def batch(db):
    return stocked_drug(240).batches.get()


def received(by, supplier=None, note="KN1", quantity=48, drug=None):
    line = {"drug": drug or DrugFactory(), "lot": "A", "expires_on": in_days(400)}
    return stock.receive(
        supplier=supplier or SupplierFactory(),
        lines=[line | {"quantity": quantity}],
        delivery_note=note,
        by=by,
    )


def reverse(document, by, reason="录入错误"):
    return papers.reverse(document=document, reason=reason, by=by)


@pytest.mark.parametrize("kind", ["use", "to_supplier", "move"])
def test_each_kind_is_taken_back_movement_by_movement_R107(batch, storekeeper, kind):
    head = {"to_supplier": {"supplier": SupplierFactory()}, "move": {"to_place": store()}}
    document = posted(kind, (batch, 100), by=storekeeper, **head.get(kind, {}))

    counter = reverse(document, storekeeper)

    batch.refresh_from_db()
    assert batch.on_hand == 240
    assert counter.number.startswith("HC")
    assert (counter.kind, counter.state, counter.reverses) == ("reversal", "posted", document)
    pairs = [(row.quantity, row.reverses.quantity) for row in counter.movements.all()]
    assert all(back == -there for back, there in pairs)
    assert {row.kind for row in counter.movements.all()} == {"reverse"}
    assert check() == []


def test_a_receipt_is_taken_back_and_its_delivery_note_is_free_for_the_correct_entry(storekeeper):
    supplier, drug = SupplierFactory(), DrugFactory()
    wrong = received(storekeeper, supplier, quantity=480, drug=drug)
    with pytest.raises(AlreadyDone):
        received(storekeeper, supplier, drug=drug)

    reverse(wrong, storekeeper)
    right = received(storekeeper, supplier, drug=drug)

    wrong.refresh_from_db()
    assert (wrong.delivery_note, wrong.state) == ("KN1", "posted")
    assert drug.batches.get().on_hand == 48
    with pytest.raises(AlreadyDone, match=right.number):
        received(storekeeper, supplier, drug=drug)
    assert check() == []


def test_goods_that_are_no_longer_there_are_not_taken_back_R113(storekeeper):
    document = received(storekeeper)
    posted("use", (Batch.objects.get(), 30), by=storekeeper)

    with pytest.raises(RuleBroken, match="18") as refused:
        reverse(document, storekeeper)

    assert "2盒" in refused.value.message
    assert StockDocument.objects.filter(kind="reversal").count() == 0
    assert Batch.objects.get().on_hand == 18


def test_goods_that_are_promised_to_a_patient_are_not_taken_back_R113(storekeeper, pharmacist):
    document = received(storekeeper)
    stock.reserve(drug=Batch.objects.get().drug, quantity=1, reference="RX1/1", by=pharmacist)

    with pytest.raises(RuleBroken, match="promised"):
        reverse(document, storekeeper)


def test_a_document_is_taken_back_once_and_its_reversal_never(batch, storekeeper):
    document = posted("use", (batch, 24), by=storekeeper)
    counter = reverse(document, storekeeper)

    with pytest.raises(AlreadyDone, match=counter.number):
        reverse(document, storekeeper)
    with pytest.raises(RuleBroken, match="reversal stays"):
        reverse(counter, storekeeper)


def test_a_draft_is_not_taken_back_and_a_reversal_needs_its_reason(batch, storekeeper):
    draft = drafted("use", (batch, 24), by=storekeeper)
    with pytest.raises(RuleBroken, match="never posted"):
        reverse(draft, storekeeper)

    document = papers.post(document=draft, by=storekeeper)
    with pytest.raises(RuleBroken) as refused:
        reverse(document, storekeeper, reason=" ")
    assert refused.value.field == "reason"


def test_what_was_handed_out_comes_back_by_a_return_only_R117(batch, pharmacist):
    stock.reserve(drug=batch.drug, quantity=24, reference="RX1/1", by=pharmacist)
    (issued,) = stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")

    with pytest.raises(RuleBroken, match="return of drugs"):
        reverse(issued.document, pharmacist)


def test_a_write_off_is_taken_back_by_two_people_too_R118(batch, storekeeper, pharmacist):
    document = posted("write_off", (batch, 24), by=storekeeper, confirmed_by=pharmacist)

    counter = reverse(document, storekeeper)

    assert (counter.state, moved(counter)) == ("draft", [])
    with pytest.raises(RuleBroken, match="colleague"):
        papers.post(document=counter, by=storekeeper)
    counter = papers.post(document=counter, by=pharmacist)
    assert moved(counter) == [("reverse", 24)]
    assert (counter.witness, check()) == (pharmacist, [])


def test_a_discarded_reversal_makes_way_for_another(batch, storekeeper, pharmacist):
    document = posted("write_off", (batch, 24), by=storekeeper, confirmed_by=pharmacist)
    first = reverse(document, storekeeper)
    with pytest.raises(AlreadyDone):
        reverse(document, pharmacist)

    papers.discard(document=first, by=pharmacist)

    assert reverse(document, pharmacist).reverses == document
    first.refresh_from_db()
    assert document.number in first.note


def test_a_count_is_taken_back_by_two_people_R119(batch, storekeeper, pharmacist):
    counted = stock.adjust(
        batch=batch, counted=230, reason="盘点", by=storekeeper, witness=pharmacist
    ).document

    papers.post(document=reverse(counted, storekeeper), by=pharmacist)

    batch.refresh_from_db()
    assert (batch.on_hand, check()) == (240, [])


def test_the_books_name_a_reversal_that_reverses_something_else(batch, storekeeper):
    document = posted("use", (batch, 24), by=storekeeper)
    counter = reverse(document, storekeeper)
    counter.reverses = None
    counter.save()

    assert any("not the reverse" in fault for fault in check())


def test_the_books_name_a_movement_of_a_draft(batch, storekeeper):
    document = posted("use", (batch, 24), by=storekeeper)
    document.state, document.posted_at = "draft", None
    document.save()

    assert any("never posted" in fault for fault in check())
