"""Killed fifty times while they issue and receive: nothing is lost, doubled or half there (R-107).

Two processes work at a time and both are killed, every second one between two statements of a
document. After each pair the books are looked at as `check_stock` does.
"""

import time
from collections import Counter, defaultdict

import pytest
from django.db import connection

from pharmacy import stock
from pharmacy.books import check
from pharmacy.models import Drug, Reservation, StockDocument, StockMovement
from tests.concurrency.mortals import AT_ONCE, UNITS
from tests.concurrency.together import Worker
from tests.factories.pharmacy import SupplierFactory, in_days, stocked_drug
from tests.pharmacy.papers import require_whole_series

pytestmark = pytest.mark.django_db(transaction=True)
KILLS = 50


@pytest.fixture
def kill(pharmacist):
    """`kill(seed)`: two processes that worked were killed; the documents they had told of."""
    facts = {"drugs": [stocked_drug(5000).pk for _n in range(2)], "by": pharmacist.pk}
    facts |= {"supplier": SupplierFactory().pk, "day": in_days(700).isoformat()}
    worker = Worker("tests.concurrency.mortals:die_again_and_again").begin(**facts)

    def kill(seed: int) -> list[str]:
        told = worker.ask(seed)
        wait_until_nobody_is_connected()
        return told

    yield kill
    worker.end()


def wait_until_nobody_is_connected():
    """A server ends what a dead client had asked for before it lets go of it."""
    others = "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE()"
    with connection.cursor() as cursor:
        while connection.vendor == "mysql":
            cursor.execute(others)
            if cursor.fetchone()[0] == 1:
                return
            time.sleep(0.005)


def documents() -> dict[str, Counter]:
    """What each document moved, by the name that its writer told: number or reference."""
    found = defaultdict(Counter)
    rows = StockMovement.objects.select_related("document")
    for row in rows:
        name = row.document.reference or row.document.number
        found[name][row.drug_id] += row.quantity
    return found


def require_whole(told: list[str], drugs: list[int]) -> None:
    """Every document is there with both its lines or not at all, and so are promises."""
    moved = documents()
    assert set(told) <= set(moved)
    for document in StockDocument.objects.all():
        lines = moved[document.reference or document.number]
        if document.kind == "dispensing":
            assert lines == dict.fromkeys(drugs, -UNITS)
        elif document.lines.count() == len(drugs):
            assert lines == dict.fromkeys(drugs, UNITS)
    states = defaultdict(list)
    for row in Reservation.objects.all():
        states[row.reference.partition("/")[0]].append(row.state)
    for name, pair in states.items():
        assert pair == (["issued"] * 2 if name in moved else ["active"] * 2)


def test_killed_fifty_times_at_any_moment_the_books_agree_each_time_R107_R113(kill):
    drugs, told = list(Drug.objects.values_list("pk", flat=True)), []

    for seed in range(KILLS // AT_ONCE):
        told += kill(seed)

        assert check() == [], seed
        require_whole(told, drugs)

    require_whole_series()
    on_hand = {drug.pk: sum(b.on_hand for b in drug.batches.all()) for drug in Drug.objects.all()}
    promised = Counter()
    for row in Reservation.objects.filter(state="active"):
        promised[row.drug_id] += row.quantity
    assert stock.available(drugs) == {pk: on_hand[pk] - promised[pk] for pk in drugs}
    assert len(told) >= KILLS // 2
    assert promised, "nobody was killed between a promise and its issue"
