"""What was used since a day: the running totals say what the ledger says, at a price that stays."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pharmacy import limits, papers, stock
from pharmacy.models import DrugUse, StockMovement
from pharmacy.reports import days, use
from tests.factories.pharmacy import DrugFactory, in_days, stocked_drug
from tests.patients.plans import whole_reads
from tests.pharmacy.papers import posted
from tests.pharmacy.test_reports import hand_out, set_back

pytestmark = pytest.mark.django_db
GROWING = ("pharmacy_stockmovement", "pharmacy_batch", "pharmacy_druguse")
USED = ("issue", "give_back", "use")


def ledger(since) -> dict[int, tuple[int, int]]:
    """The same by adding up everything, one line after the other."""
    found: dict[int, tuple[int, int]] = {}
    for row in StockMovement.objects.filter(kind__in=USED):
        if timezone.localdate(row.made_at) >= since:
            units, times = found.get(row.drug_id, (0, 0))
            found[row.drug_id] = (units - row.quantity, times + (row.kind == "issue"))
    return found


def told(since, drug_ids=None) -> dict[int, tuple[int, int]]:
    found = use.since(since, drug_ids)
    return {pk: (one.units, one.times) for pk, one in found.items() if one != use.Use()}


@pytest.fixture
def weeks(pharmacist):
    """Three drugs over twenty days: each day some, not the same; the last is of today."""
    drugs = [stocked_drug(2_400) for _n in range(3)]
    for day in (20, 13, 13, 9, 2, 1, 0):
        for n, drug in enumerate(drugs):
            if (day + n) % 3 or day == 13:
                held = set(StockMovement.objects.values_list("pk", flat=True))
                hand_out(drug, day + n + 1, pharmacist, f"RX{drug.pk}-{len(held)}/1")
                made = StockMovement.objects.exclude(pk__in=held)
                set_back(day, pk__in=list(made.values_list("pk", flat=True)))
    set_back(30, kind="receive")
    return drugs


@pytest.mark.parametrize("late", [timedelta(0), days.LATE, timedelta(days=10)])
def test_the_totals_say_what_the_ledger_says_from_any_day_on(weeks, monkeypatch, late):
    monkeypatch.setattr(days, "LATE", late)
    days.close_past()

    for day in range(25):
        since = in_days(-day)
        assert told(since) == ledger(since)
        one = [weeks[1].pk]
        assert told(since, one) == {pk: ledger(since)[pk] for pk in one if pk in ledger(since)}


def test_a_day_that_is_added_up_in_parts_has_one_total(weeks, pharmacist, monkeypatch):
    monkeypatch.setattr(days, "LATE", timedelta(0))
    for n in range(3):
        hand_out(weeks[0], 5, pharmacist, f"RX-{n}/1")
        days.close_past()
        assert told(in_days(-25)) == ledger(in_days(-25))
        assert told(in_days(0)) == ledger(in_days(0))

    assert DrugUse.objects.filter(drug=weeks[0], day=in_days(0)).count() == 1


def test_what_came_back_after_the_day_was_closed_is_taken_off(weeks, pharmacist, monkeypatch):
    monkeypatch.setattr(days, "LATE", timedelta(0))
    hand_out(weeks[2], 48, pharmacist, "RX-1/1")
    days.close_past()
    movement = weeks[2].batches.get().movements.get(quantity=-48)
    stock.give_back(movement=movement, quantity=24, reason="开错", by=pharmacist, intact=True)

    assert told(in_days(-25)) == ledger(in_days(-25))
    days.close_past()
    assert told(in_days(-25)) == ledger(in_days(-25))


@pytest.mark.parametrize("is_closed", [False, True])
def test_a_requisition_taken_back_was_no_use_R107(storekeeper, monkeypatch, is_closed):
    monkeypatch.setattr(days, "LATE", timedelta(0))
    drug = stocked_drug(240)
    drug.batches.update(received_at=timezone.now() - timedelta(days=50))
    kept = posted("use", (drug.batches.get(), 100), by=storekeeper)
    wrong = posted("use", (drug.batches.get(), 70), by=storekeeper)
    if is_closed:
        days.close_past()
    papers.reverse(document=wrong, reason="录入错误", by=storekeeper)

    assert kept.state == "posted"
    assert limits.use_per_day() == {drug.pk: 2}
    assert limits.use_per_day([drug.pk]) == {drug.pk: 2}


def test_it_costs_the_same_however_much_was_used(weeks, pharmacist, monkeypatch):
    monkeypatch.setattr(days, "LATE", timedelta(0))
    DrugFactory.create_batch(3)
    days.close_past()

    def run():
        use.since(in_days(-15))
        limits.use_per_day()
        limits.use_per_day([weeks[0].pk])

    with CaptureQueriesContext(connection) as queries:
        run()
    read = [line.split(" in SELECT")[0] for line in whole_reads(run)]

    assert len(queries) <= 17
    assert not [line for line in read if any(table in line for table in GROWING)]


def test_limits_find_when_a_drug_first_came_in_an_index(weeks):
    first = weeks[0].batches.get()
    batches = weeks[0].batches
    batches.update(received_at=timezone.now() - timedelta(days=60))
    first.pk, first.lot = None, "LATER"
    first.save(force_insert=True)

    found = limits.first_days()

    assert found[weeks[0].pk] == in_days(-60)
    assert set(found) == {drug.pk for drug in weeks}
    read = [line.split(" in SELECT")[0] for line in whole_reads(limits.first_days)]
    assert not [line for line in read if "batch" in line]
