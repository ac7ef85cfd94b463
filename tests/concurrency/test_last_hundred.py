"""Two hundred issues want a batch of one hundred at the same moment (R-113).

Twenty processes begin together and do ten issues each, every issue in a transaction of its own:
two hundred processes would only queue for the two cores of a test machine, and more than a hundred
and fifty connections are more than MariaDB takes by default.
"""

import pytest

from pharmacy import stock
from pharmacy.books import check
from pharmacy.models import Batch, Reservation, StockDocument, StockMovement
from tests.concurrency.together import run_together
from tests.factories.pharmacy import stocked_drug
from tests.pharmacy.papers import require_whole_series

pytestmark = pytest.mark.django_db(transaction=True)
CROWD = "tests.concurrency.crowd"
PROCESSES, EACH, THERE = 20, 10, 100
LINES = [f"RX{n}/1" for n in range(PROCESSES * EACH)]


def outcomes(verb, lines, **facts):
    """What became of each line, the lines being dealt out to the processes."""
    processes = min(PROCESSES, len(lines))
    calls = [{"references": lines[n::processes], **facts} for n in range(processes)]
    answers = run_together(f"{CROWD}:{verb}", calls)
    assert [answer for answer in answers if "error" in answer] == []
    return [answer["result"] for answer in answers]


def require_exactly_one_hundred(found):
    found = sorted(outcome for each in found for outcome in each)
    assert found == ["Short"] * THERE + ["done"] * THERE
    assert Batch.objects.get().on_hand == 0
    issues = StockMovement.objects.filter(kind="issue")
    assert sorted(issues.values_list("balance", flat=True)) == list(range(THERE))
    assert StockDocument.objects.filter(kind="dispensing").count() == THERE
    require_whole_series()
    assert check() == []


def reserved(drug, lines, by):
    stock.reserve_all(wants=[stock.Want(drug, 1, line) for line in lines], by=by)


def test_without_the_lock_pieces_are_handed_out_that_the_shelf_does_not_miss(pharmacist):
    drug = stocked_drug(THERE)
    reserved(drug, LINES[:4], pharmacist)

    outcomes("hand_out_bare", LINES[:4], by=pharmacist.pk)

    assert Batch.objects.get().on_hand > THERE - 4
    assert check() != []


def test_of_200_promised_lines_100_get_the_100_pieces_that_are_left_R113(pharmacist, storekeeper):
    drug = stocked_drug(2 * THERE)
    reserved(drug, LINES, pharmacist)
    broken = {"reason": "破损", "by": storekeeper, "witness": pharmacist}
    stock.write_off(batch=drug.batches.get(), quantity=THERE, **broken)

    found = outcomes("hand_out", LINES, by=pharmacist.pk)

    require_exactly_one_hundred(found)
    assert Reservation.objects.filter(state="active").count() == THERE


def test_of_200_sales_of_100_pieces_100_are_done_and_100_refused_R113(pharmacist):
    drug = stocked_drug(THERE)

    found = outcomes("sell", LINES, by=pharmacist.pk, drug=drug.pk)

    require_exactly_one_hundred(found)
    assert not Reservation.objects.filter(state="active").exists()
