"""Two people have the same document before them at the same moment (R-107)."""

import pytest

from pharmacy import papers
from pharmacy.books import check
from pharmacy.models import Batch, StockDocument, StockMovement
from tests.concurrency.together import run_together
from tests.factories.pharmacy import put_on_shelf, stocked_drug
from tests.pharmacy.papers import drafted, posted, store

pytestmark = pytest.mark.django_db(transaction=True)
CLERKS = "tests.concurrency.paper_clerks"


def outcomes(answers):
    return sorted(answer.get("error", "done") for answer in answers)


def test_without_the_lock_one_draft_is_posted_twice(storekeeper, pharmacist):
    batch = stocked_drug(240).batches.get()
    document = drafted("use", (batch, 24), by=storekeeper)
    call = {"document": document.pk, "locked": False}

    run_together(f"{CLERKS}:post", [{**call, "by": who.pk} for who in (storekeeper, pharmacist)])

    assert StockMovement.objects.filter(document=document).count() == 2


def test_a_draft_is_posted_once_by_two_people_at_once_R107(storekeeper, pharmacist):
    batch = stocked_drug(240).batches.get()
    document = drafted("use", (batch, 24), by=storekeeper)

    answers = run_together(
        f"{CLERKS}:post",
        [{"document": document.pk, "by": who.pk} for who in (storekeeper, pharmacist)],
    )

    assert outcomes(answers) == ["AlreadyDone", "done"]
    assert Batch.objects.get().on_hand == 216
    assert check() == []


def test_a_document_is_taken_back_once_by_three_people_at_once_R107(storekeeper, pharmacist):
    batch = stocked_drug(240).batches.get()
    document = posted("use", (batch, 24), by=storekeeper)

    answers = run_together(
        f"{CLERKS}:reverse",
        [{"document": document.pk, "by": who.pk} for who in (storekeeper, pharmacist, pharmacist)],
    )

    assert outcomes(answers) == ["AlreadyDone", "AlreadyDone", "done"]
    assert StockDocument.objects.filter(kind="reversal").count() == 1
    assert Batch.objects.get().on_hand == 240
    assert check() == []


def test_two_drafts_want_the_same_box_and_one_gets_it_R107(storekeeper, pharmacist):
    batch = stocked_drug(24).batches.get()
    drafts = [drafted("use", (batch, 24), by=storekeeper) for _n in range(2)]

    answers = run_together(
        f"{CLERKS}:post", [{"document": draft.pk, "by": pharmacist.pk} for draft in drafts]
    )

    assert outcomes(answers) == ["LineRefused", "done"]
    assert Batch.objects.get().on_hand == 0
    assert check() == []


def test_transfers_to_and_fro_lose_nothing_and_nobody_waits_for_ever_R114(storekeeper, pharmacist):
    here = stocked_drug(100).batches.get()
    there = posted("move", (here, 50), to_place=store(), by=storekeeper)
    there = there.movements.get(kind="move_in").batch
    other = put_on_shelf(here.drug, 50, lot="B")
    calls = [
        {"batch": here.pk, "to_place": there.place_id, "by": storekeeper.pk},
        {"batch": there.pk, "to_place": here.place_id, "by": pharmacist.pk},
        {"batch": other.pk, "to_place": there.place_id, "by": pharmacist.pk},
    ]

    answers = run_together(f"{CLERKS}:carry", [call | {"rounds": 4} for call in calls], seconds=120)

    assert outcomes(answers) == ["done"] * 3, answers
    assert sorted(Batch.objects.values_list("on_hand", flat=True)) == [0, 50, 50, 50]
    assert check() == []
    assert papers.why_not_reversible(StockDocument.objects.filter(kind="move").latest("pk"))
