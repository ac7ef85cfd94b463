"""Two people at one stock-take, and work that goes on while it is posted (R-119)."""

import pytest

from pharmacy.books import check
from pharmacy.models import Batch, StockDocument, StockMovement, StockTake
from tests.concurrency.together import run_together
from tests.factories.pharmacy import put_on_shelf, stocked_drug
from tests.factories.takes import line_of, started, to_confirm

pytestmark = pytest.mark.django_db(transaction=True)
COUNTERS = "tests.concurrency.counters"


def waiting(storekeeper, *, batches=6, counted=20):
    """A take of so many batches of 24, each counted too low or too high, not confirmed yet."""
    drug = stocked_drug(0)
    shelf = [put_on_shelf(drug, 24, lot=f"L{n}") for n in range(batches)]
    take = started(by=storekeeper)
    return to_confirm(take, dict.fromkeys(shelf, counted), by=storekeeper), drug


def confirmations(take, people, *, locked):
    calls = [{"take": take.pk, "by": who.pk, "locked": locked} for who in people]
    return run_together(f"{COUNTERS}:confirm", calls)


def test_without_the_lock_a_take_is_confirmed_twice(storekeeper, pharmacist, other_pharmacist):
    take, _drug = waiting(storekeeper)

    answers = confirmations(take, [pharmacist, other_pharmacist], locked=False)

    assert [answer for answer in answers if answer.get("error") == "AlreadyDone"] == []


def test_a_take_is_confirmed_once_by_two_people_at_once(storekeeper, pharmacist, other_pharmacist):
    take, _drug = waiting(storekeeper)

    answers = confirmations(take, [pharmacist, other_pharmacist], locked=True)
    run_together(f"{COUNTERS}:post", [{}, {}])

    assert sorted(answer.get("error", "confirmed") for answer in answers) == [
        "AlreadyDone",
        "confirmed",
    ]
    assert StockDocument.objects.filter(kind="adjustment").count() == 1
    assert StockMovement.objects.filter(kind="adjust").count() == 6
    assert set(Batch.objects.values_list("on_hand", flat=True)) == {20}
    assert StockTake.objects.get().state == "posted"
    assert check() == []


def test_what_is_sold_while_the_take_is_posted_is_sold_and_the_books_agree(storekeeper, pharmacist):
    take, drug = waiting(storekeeper)
    confirmations(take, [pharmacist], locked=True)
    # Together no more than was counted in the first batch: all could be sold before its line.
    sale = {"sell": {"drug": drug.pk, "by": pharmacist.pk, "rounds": 10}}

    answers = run_together(
        f"{COUNTERS}:work", [{"post": True}, {"name": "RX1-", **sale}, {"name": "RX2-", **sale}]
    )

    assert [answer for answer in answers if "error" in answer] == []
    assert [answer["result"] for answer in answers] == [0, 10, 10]
    assert sum(Batch.objects.values_list("on_hand", flat=True)) == 6 * 20 - 20
    assert StockTake.objects.get().state == "posted"
    assert check() == []


def test_one_count_is_begun_by_two_people_at_once(storekeeper, pharmacist):
    stocked_drug(24)

    answers = run_together(
        f"{COUNTERS}:start", [{"by": who.pk} for who in (storekeeper, pharmacist)]
    )

    assert sorted(answer.get("error", "begun") for answer in answers) == ["RuleBroken", "begun"]
    assert StockTake.objects.get().lines.count() == 1


def test_of_two_counts_of_one_line_the_second_person_is_told_of_the_first(storekeeper, pharmacist):
    batch = stocked_drug(24).batches.get()
    line = line_of(started(by=storekeeper), batch)

    answers = run_together(
        f"{COUNTERS}:count",
        [
            {"line": line.pk, "quantity": 24, "by": storekeeper.pk},
            {"line": line.pk, "quantity": 23, "by": pharmacist.pk},
        ],
    )

    assert sorted(len(answer["result"]) for answer in answers) == [0, 1]
    assert line.counts.count() == 1
