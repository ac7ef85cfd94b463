"""Lists and reports of a large pharmacy: a page is shown, all of it is added up."""

import io
import re
import zipfile
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pharmacy import stock
from pharmacy.models import Batch, StockWarning
from pharmacy.places import dispensary
from pharmacy.reports import closed, days, period
from pharmacy.watch import keeping
from tests.factories.pharmacy import DrugFactory, in_days, put_on_shelf, stocked_drug
from tests.patients.plans import whole_reads
from tests.pharmacy.test_reports import hand_out, set_back

pytestmark = pytest.mark.django_db
MANY = 51  # one more than a page


@pytest.fixture
def storekeepers(as_, storekeeper):
    return as_(storekeeper)


def table_of(client, slug, query=""):
    return client.get(reverse("stock_report_of", args=[slug]) + query).context["table"]


def test_a_batch_is_listed_while_something_of_it_lay_there_in_the_period(storekeepers, pharmacist):
    there, now_empty, long_empty = (stocked_drug(24, lot=lot) for lot in ("A", "B", "C"))
    hand_out(now_empty, 24, pharmacist, "RX1/1")
    hand_out(long_empty, 24, pharmacist, "RX2/1")
    long_empty.batches.update(emptied_at=timezone.now() - timedelta(days=40))
    set_back(40, batch__drug=long_empty)

    rows = table_of(storekeepers, "batches", f"?since={in_days(-30).isoformat()}").rows

    assert sorted(row.cells[1] for row in rows) == ["A", "B"]
    assert there.batches.get().emptied_at is None


def test_a_batch_says_since_when_it_is_empty_and_not_once_something_came_back(pharmacist):
    drug = stocked_drug(48)
    hand_out(drug, 48, pharmacist)
    batch = drug.batches.get()
    emptied = batch.emptied_at

    movement = batch.movements.get(kind="issue")
    stock.give_back(movement=movement, quantity=24, reason="开错", by=pharmacist, intact=True)

    assert timezone.now() - emptied < timedelta(minutes=5)
    batch.refresh_from_db()
    assert (batch.on_hand, batch.emptied_at) == (24, None)


def test_the_pages_of_the_batches_run_on_along_the_drugs_whatever_each_has(storekeepers):
    """The first has all of a page and more; one name stands for two drugs; one has nothing."""
    shelf = {"丙药": 4, "甲药": MANY + 4, "乙药": 30, "丁药": 0, "乙药 ": 20}
    for name, number in shelf.items():
        drug = DrugFactory(generic_name=name.strip(), category="中成药" if number == 20 else "西药")
        for n in range(number):
            _batch_of(drug, f"{name.strip()}{number}-{n:02}", in_days(100 - n))

    pages = [_lots(storekeepers, f"?page={page}") for page in (1, 2, 3)]
    narrow = _lots(storekeepers, "?category=西药&page=2")
    sheet = storekeepers.get(reverse("stock_report_of", args=["batches"]) + "?as=xlsx").content

    ordered = [
        f"{name}{number}-{n:02}"
        for name, number in (("丙药", 4), ("乙药", 30), ("乙药", 20), ("甲药", MANY + 4))
        for n in reversed(range(number))  # the last one expires first
    ]
    assert pages == [ordered[:50], ordered[50:100], ordered[100:]]
    assert narrow == [lot for lot in ordered if "乙药20" not in lot][50:]
    rows = zipfile.ZipFile(io.BytesIO(sheet)).read("xl/worksheets/sheet1.xml").decode()
    assert re.findall(r"[甲乙丙]药\d+-\d\d", rows) == ordered


def _batch_of(drug, lot, expires_on):
    facts = {"lot": lot, "expires_on": expires_on, "on_hand": 24, "emptied_at": None}
    Batch.objects.create(place=dispensary(), drug=drug, cost=Decimal("7.20"), **facts)


def _lots(client, query):
    return [row.cells[1] for row in table_of(client, "batches", query).rows]


def test_near_expiry_shows_a_page_and_adds_up_all_of_them(storekeepers):
    drug = stocked_drug(0)
    for n in range(MANY):
        put_on_shelf(drug, 24, days=30 + n, lot=f"L{n}")  # at 7.20

    first, second = (table_of(storekeepers, "near", f"?page={page}") for page in (1, 2))
    sheet = storekeepers.get(reverse("stock_report_of", args=["near"]) + "?as=xlsx").content

    assert [len(table.rows) for table in (first, second)] == [50, 1]
    assert {table.total[6] for table in (first, second)} == {Decimal("367.2")}
    assert sum(int(bar.value) for bar in first.plot.bars) in range(365, 370)  # each one rounded
    rows = zipfile.ZipFile(io.BytesIO(sheet)).read("xl/worksheets/sheet1.xml").decode()
    assert rows.count("<row") == MANY + 2


def test_losses_show_a_page_and_add_up_all_of_them(storekeepers, storekeeper, pharmacist):
    batch = stocked_drug(240).batches.get()
    for n in range(MANY):
        reason = f"破损{n:02}"
        stock.write_off(batch=batch, quantity=1, reason=reason, by=storekeeper, witness=pharmacist)

    table = table_of(storekeepers, "losses", "?page=2")

    assert [row.cells[0] for row in table.rows] == ["破损50"]
    assert table.total[6] == Decimal("15.3")


def test_the_order_list_shows_a_page_or_all_and_adds_up_all_of_them(storekeepers):
    drugs = DrugFactory.create_batch(MANY)
    StockWarning.objects.bulk_create(
        StockWarning(
            kind="out",
            drug=drug,
            in_force=f"short:{drug.pk}",
            order_place=f"江苏康宁\t{drug.generic_name}",
            order_cents=150,
            began_at=timezone.now(),
        )
        for drug in drugs
    )

    first, second, whole = (
        storekeepers.get(reverse("stock_orders") + query) for query in ("", "?page=2", "?all")
    )

    shown = [len(response.context["lines"]) for response in (first, second, whole)]
    assert shown == [50, 1, MANY]
    assert {response.context["total"] for response in (first, second)} == {Decimal("76.5")}
    assert 'href="?all"' in first.content.decode()
    assert 'href="?all"' not in whole.content.decode()


def test_a_report_that_meets_the_adding_up_reads_again(pharmacist):
    hand_out(stocked_drug(240), 48, pharmacist)
    set_back(2)
    today = timezone.localdate()
    read = []

    def meanwhile(until):
        if not read:
            days.close_past()
        read.append(until)
        return until

    assert closed.at_one_moment(meanwhile) == days.closed_until()
    assert len(read) == 2
    moved = period.added_up(period.moved(today - timedelta(days=9), today), lambda key: key[3])
    assert moved["issue"].cost == Decimal("-14.4")


def test_the_warnings_look_only_at_what_lies_here_and_is_still_true(pharmacist):
    gone, there = (stocked_drug(24, lower_limit=0) for _n in range(2))
    stocked_drug(240)
    hand_out(gone, 24, pharmacist)
    keeping.refresh()
    put_on_shelf(gone, 240)
    keeping.refresh()

    assert StockWarning.objects.filter(gone_at__isnull=False, drug=gone).exists()
    hand_out(there, 24, pharmacist, "RX2/1")
    one = {"place": dispensary(), "drug": there, "expires_on": in_days(90)}
    Batch.objects.bulk_create(Batch(lot=f"OLD{n}", **one) for n in range(400))
    read = [line.split(" in SELECT")[0] for line in whole_reads(keeping.refresh)]
    assert not [line for line in read if "pharmacy_batch" in line or "stockwarning" in line]
    assert StockWarning.objects.get(StockWarning.NOW, kind="out").drug == there


def test_a_page_of_the_ledger_of_a_drug_joins_no_table_of_a_row_or_two(storekeepers):
    """MariaDB begins with such a table and sorts all that was ever moved; a plan of few rows
    does not show it (with 1,700 movements of a drug: 27 ms, and 1.6 without)."""
    drug = stocked_drug(24)

    with CaptureQueriesContext(connection) as asked:
        storekeepers.get(reverse("drug_ledger", args=[drug.pk]))

    pages = [one["sql"] for one in asked if "LIMIT" in one["sql"] and "movement" in one["sql"]]
    assert len(pages) == 1
    assert not re.search("JOIN .pharmacy_place", pages[0])
