"""A draft: begun, changed by colleagues, posted once, or discarded (R-107, R-118)."""

import pytest

from clinic.core.errors import AlreadyDone, RuleBroken
from pharmacy import papers
from pharmacy.books import check
from pharmacy.models import StockMovement
from tests.factories.pharmacy import put_on_shelf, stocked_drug
from tests.pharmacy.papers import drafted, moved, rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def batch(db):
    return stocked_drug(240).batches.get()


def test_a_draft_has_a_number_and_moves_nothing_R107(batch, storekeeper):
    document = drafted("use", (batch, 24), by=storekeeper)

    batch.refresh_from_db()
    assert document.number.startswith("LY")
    assert (document.state, document.made_by, batch.on_hand) == ("draft", storekeeper, 240)
    assert moved(document) == []


def test_posting_writes_every_line_with_the_person_and_the_time_R107(
    batch, storekeeper, pharmacist
):
    other = put_on_shelf(batch.drug, 48, lot="B")
    document = drafted("use", (batch, 24), (other, 48), by=storekeeper)

    document = papers.post(document=document, by=pharmacist)

    assert moved(document) == [("use", -24), ("use", -48)]
    assert (document.state, document.posted_by) == ("posted", pharmacist)
    assert document.posted_at
    assert {row.made_by for row in document.movements.all()} == {pharmacist}
    assert check() == []


def test_of_a_document_with_one_impossible_line_nothing_moves(batch, storekeeper):
    other = put_on_shelf(batch.drug, 48, lot="B")
    document = drafted("use", (batch, 24), (other, 48), by=storekeeper)
    papers.post(document=drafted("use", (other, 1), by=storekeeper), by=storekeeper)

    with pytest.raises(RuleBroken, match="Line 2"):
        papers.post(document=document, by=storekeeper)

    document.refresh_from_db()
    assert document.state == "draft"
    assert StockMovement.objects.filter(document=document).count() == 0


def test_a_colleague_goes_on_with_a_draft(batch, storekeeper, pharmacist):
    document = drafted("use", (batch, 24), by=storekeeper)

    papers.save(
        document=document,
        version=document.version,
        head={"recipient": "换药室"},
        rows=rows((batch, 48)),
        by=pharmacist,
    )

    document.refresh_from_db()
    assert (document.recipient, document.changed_by) == ("换药室", pharmacist)
    assert [line.quantity for line in document.lines.all()] == [48]


def test_nobody_posts_or_overwrites_what_a_colleague_changed_meanwhile(
    batch, storekeeper, pharmacist
):
    document = drafted("use", (batch, 24), by=storekeeper)
    seen = document.version
    papers.save(document=document, version=seen, rows=rows((batch, 240)), by=pharmacist)

    for verb in (papers.post, papers.save, papers.discard):
        with pytest.raises(RuleBroken, match="changed"):
            verb(document=document, version=seen, by=storekeeper)


def test_a_document_is_posted_once_and_then_never_changed(batch, storekeeper):
    document = drafted("use", (batch, 24), by=storekeeper)
    papers.post(document=document, by=storekeeper)

    for verb in (papers.post, papers.save, papers.discard):
        with pytest.raises(AlreadyDone, match="already posted"):
            verb(document=document, by=storekeeper)

    assert StockMovement.objects.filter(document=document).count() == 1


def test_a_discarded_draft_keeps_its_number_and_is_gone_for_good(batch, storekeeper):
    document = drafted("use", (batch, 24), by=storekeeper)
    papers.discard(document=document, by=storekeeper)

    with pytest.raises(AlreadyDone, match="discarded"):
        papers.post(document=document, by=storekeeper)

    following = drafted("use", (batch, 24), by=storekeeper)
    assert int(following.number[-4:]) == int(document.number[-4:]) + 1
    assert check() == []


def test_an_empty_document_is_not_posted(batch, storekeeper):
    document = papers.start(
        kind="use", head={"recipient": "治疗室", "place": batch.place}, by=storekeeper
    )

    with pytest.raises(RuleBroken, match="no line"):
        papers.post(document=document, by=storekeeper)


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("use", "recipient"),
        ("write_off", "cause"),
        ("move", "to_place"),
        ("to_supplier", "supplier"),
        ("return", "note"),
    ],
)
def test_each_kind_says_what_its_head_lacks(batch, storekeeper, kind, field):
    with pytest.raises(RuleBroken) as refused:
        papers.start(kind=kind, head={"place": batch.place}, by=storekeeper)

    assert refused.value.field == field


@pytest.mark.parametrize("kind", ["receipt", "dispensing", "adjustment", "price", "nonsense"])
def test_other_kinds_are_not_begun_by_hand(storekeeper, kind):
    with pytest.raises(RuleBroken):
        papers.start(kind=kind, head={}, by=storekeeper)


def test_the_person_who_wrote_a_write_off_does_not_confirm_it_R118(batch, storekeeper, pharmacist):
    document = drafted("write_off", (batch, 24), by=storekeeper)

    with pytest.raises(RuleBroken, match="colleague"):
        papers.post(document=document, by=storekeeper)

    document = papers.post(document=document, by=pharmacist)
    assert (document.made_by, document.witness) == (storekeeper, pharmacist)
    assert moved(document) == [("write_off", -24)]


def test_whoever_changed_a_write_off_last_wrote_it_R118(batch, storekeeper, pharmacist):
    document = drafted("write_off", (batch, 24), by=storekeeper)
    document = papers.save(document=document, rows=rows((batch, 240)), by=pharmacist)

    with pytest.raises(RuleBroken, match="colleague"):
        papers.post(document=document, by=pharmacist)

    assert papers.post(document=document, by=storekeeper).witness == storekeeper


def test_a_write_off_for_another_reason_says_which_R118(batch, storekeeper):
    with pytest.raises(RuleBroken) as refused:
        drafted("write_off", (batch, 24), cause="other", by=storekeeper)

    assert refused.value.field == "note"
