"""In, out and balance; consumption, expiry, losses, value: against what was done."""

import io
import zipfile
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pharmacy import stock
from pharmacy.models import ClosedDay, StockDay, StockMovement
from pharmacy.reports import days, period
from pharmacy.reports.catalogue import REPORTS
from tests.factories.pharmacy import in_days, stocked_drug

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(as_, storekeeper):
    """`report("turnover", "?group=kind")`: its table as the storekeeper sees it."""
    client = as_(storekeeper)

    def ask(slug, query=""):
        response = client.get(reverse("stock_report_of", args=[slug]) + query)
        assert response.status_code == 200
        return response.context["table"]

    return ask


def hand_out(drug, quantity, by, reference="RX1/1"):
    stock.reserve(drug=drug, quantity=quantity, reference=reference, by=by)
    stock.issue(reference=reference, by=by, document_reference=reference.partition("/")[0])


def over(day_count: int) -> int:
    """Of the days since then, those that are closed: yesterday not in the first half hour."""
    return day_count - (timezone.localdate() - timezone.localdate(timezone.now() - days.LATE)).days


def set_back(day_count, **which):
    """Let movements have happened so many days ago, as only the database itself can."""
    rows = StockMovement.objects.filter(**which)
    moment = timezone.now() - timedelta(days=day_count)
    with connection.cursor() as cursor:
        for pk in rows.values_list("pk", flat=True):
            cursor.execute(
                "UPDATE pharmacy_stockmovement SET made_at = %s WHERE id = %s",
                [connection.ops.adapt_datetimefield_value(moment), pk],
            )


def since(day_count):
    return f"?since={in_days(-day_count).isoformat()}"


def test_the_balance_of_money_is_opening_and_what_moved(report, pharmacist):
    drug = stocked_drug(240)  # at 7.20 for 24
    set_back(40)
    hand_out(drug, 48, pharmacist)

    row = report("turnover", since(10)).rows[0]

    assert row.cells == ["西药", Decimal(72), 0, Decimal("-14.4"), 0, Decimal("57.6")]


def test_closed_days_say_the_same_as_the_ledger_did(report, pharmacist):
    drug = stocked_drug(240)
    hand_out(drug, 48, pharmacist)
    set_back(5)
    hand_out(drug, 24, pharmacist, "RX2/1")
    before = [row.cells for row in report("turnover", since(10)).rows]

    closed = days.close_past()

    assert closed == over(5)
    assert [row.cells for row in report("turnover", since(10)).rows] == before
    assert StockDay.objects.count() == 2


def test_a_day_is_closed_once_and_today_stays_open(pharmacist):
    stocked_drug(240)
    set_back(2)
    days.close_past()

    assert days.close_past() == 0
    assert ClosedDay.objects.latest("day").until <= timezone.now() - days.LATE


def test_today_is_added_up_in_parts_and_the_last_half_hour_stays_with_the_ledger(
    report, pharmacist, monkeypatch
):
    drug = stocked_drug(240)
    set_back(1)
    told = []
    for n in range(3):
        hand_out(drug, 5, pharmacist, f"RX{n}/1")  # 1.50 at cost
        monkeypatch.setattr(days, "LATE", timedelta(0))
        days.close_past()
        hand_out(drug, 1, pharmacist, f"RX{n}/2")
        told.append(report("turnover", since(10)).rows[0].cells[3])

    assert told == [Decimal("-1.8"), Decimal("-3.6"), Decimal("-5.4")]
    assert StockDay.objects.get(kind="issue").lines == 5
    assert days.close_past() == 0
    assert StockDay.objects.get(kind="issue").cost == Decimal("-5.4")


def test_a_day_without_movements_is_closed_too():
    stocked_drug(240)
    set_back(3)

    assert days.close_past() == over(3)
    assert StockDay.objects.count() == 1


@pytest.mark.parametrize(("group", "first"), [("kind", "发药"), ("person", "药师")])
def test_the_same_by_kind_and_by_person(report, pharmacist, group, first):
    hand_out(stocked_drug(240), 48, pharmacist)

    rows = report("turnover", f"?group={group}").rows

    assert sum(row.cells[2] for row in rows) == Decimal("57.6")
    assert len(rows) == 2


def test_a_drugs_quantities_walk_back_from_what_is_there(report, pharmacist):
    drug = stocked_drug(240)
    set_back(40)
    hand_out(drug, 48, pharmacist)
    set_back(20, kind="issue")
    hand_out(drug, 24, pharmacist, "RX2/1")
    until = f"&until={in_days(-10).isoformat()}"

    row = report("drugs", since(30) + until).rows[0]

    assert row.cells[1:] == [240, 0, -48, 0, 192]


def test_the_batches_add_up_to_the_drug(report, pharmacist):
    drug = stocked_drug(24, lot="A", days=200)
    from_b = stocked_drug(0)
    assert from_b.pk != drug.pk
    hand_out(drug, 10, pharmacist)

    rows = report("batches").rows

    assert [row.cells[1] for row in rows] == ["A"]
    assert rows[0].cells[3:] == [0, 24, -10, 0, 14]


def test_consumption_says_how_long_the_rest_lasts(report, pharmacist):
    drug = stocked_drug(270)
    hand_out(drug, 90, pharmacist)

    assert report("use").rows[0].cells[1:] == [90, 90, 180, 180]


def test_what_came_back_was_not_consumed(report, pharmacist):
    drug = stocked_drug(240)
    hand_out(drug, 48, pharmacist)
    movement = StockMovement.objects.get(kind="issue")
    stock.give_back(movement=movement, quantity=24, reason="开错", by=pharmacist, intact=True)

    assert report("use").rows[0].cells[1] == 24


def test_near_expiry_lists_the_first_first_with_its_worth_R111(report):
    late = stocked_drug(240, days=150)
    early = stocked_drug(24, days=20)
    stocked_drug(240, days=400)

    table = report("near")

    assert [row.drug for row in table.rows] == [early, late]
    assert table.total[6] == Decimal("79.2")


def test_near_expiry_goes_as_far_as_asked(report):
    stocked_drug(240, days=80)

    assert report("near", "?months=1").rows == []
    assert len(report("near", "?months=3").rows) == 1


def test_losses_stand_by_reason_with_both_people_R118(report, pharmacist, storekeeper):
    batch = stocked_drug(240).batches.get()
    stock.write_off(batch=batch, quantity=24, reason="破损", by=storekeeper, witness=pharmacist)
    stock.adjust(batch=batch, counted=204, reason="盘亏", by=storekeeper, witness=pharmacist)

    table = report("losses")

    assert [row.cells[0] for row in table.rows] == ["盘亏", "破损"]
    assert table.total[6] == Decimal("10.8")
    assert pharmacist.full_name in table.rows[0].cells[7]


def test_value_at_cost_and_at_price(report):
    stocked_drug(240)  # 7.20 and 9.60 for 24

    assert report("value").total == ["合计", Decimal(72), Decimal(96), Decimal(24)]


def test_the_ledger_of_a_drug_runs_over_its_batches(as_, storekeeper, pharmacist):
    drug = stocked_drug(240)
    for n in range(51):
        hand_out(drug, 2, pharmacist, f"RX{n}/1")
    client = as_(storekeeper)

    first = client.get(reverse("drug_ledger", args=[drug.pk])).context["page"]
    second = client.get(reverse("drug_ledger", args=[drug.pk]) + "?page=2").context["page"]

    assert [row.of_drug for row in first][:2] == [138, 140]
    assert [row.of_drug for row in second] == [238, 240]


@pytest.mark.parametrize("slug", REPORTS)
def test_an_empty_clinic_has_empty_reports(report, slug):
    table = report(slug)

    assert table.rows == []
    assert table.empty


@pytest.mark.parametrize("slug", REPORTS)
def test_every_report_is_also_an_excel_file(as_, storekeeper, pharmacist, slug):
    drug = stocked_drug(240, days=100)
    hand_out(drug, 48, pharmacist)

    response = as_(storekeeper).get(reverse("stock_report_of", args=[slug]) + "?as=xlsx")

    sheet = zipfile.ZipFile(io.BytesIO(response.content)).read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row") >= (1 if slug == "losses" else 2)
    assert "filename*=UTF-8''" in response["Content-Disposition"]


@pytest.mark.parametrize("slug", REPORTS)
def test_a_report_costs_the_same_for_one_drug_and_for_many(as_, storekeeper, pharmacist, slug):
    client = as_(storekeeper)
    hand_out(stocked_drug(240, days=100), 48, pharmacist)
    client.get(reverse("stock_report_of", args=[slug]))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("stock_report_of", args=[slug]))
    for n in range(12):
        hand_out(stocked_drug(240, days=100), 48, pharmacist, f"RX9{n}/1")

    with CaptureQueriesContext(connection) as many:
        client.get(reverse("stock_report_of", args=[slug]))

    assert len(few) == len(many) <= 17


@pytest.mark.parametrize(
    "query",
    ["?since=x", "?since=2026-05-01&until=2026-01-01", "?since=2001-01-01", "?months=7", "?page=x"]
    + ["?since=0001-01-01&until=0001-01-02", "?since=9999-12-01&until=9999-12-31"],
)
def test_nonsense_is_told_and_the_report_shown(as_, storekeeper, query):
    stocked_drug(240)
    client = as_(storekeeper)

    answers = [client.get(reverse("stock_report_of", args=[slug]) + query) for slug in REPORTS]

    assert {answer.status_code for answer in answers} == {200}


def test_an_unknown_report_is_not_found(as_, storekeeper):
    assert as_(storekeeper).get(reverse("stock_report_of", args=["x"])).status_code == 404


@pytest.mark.parametrize(("length", "pieces"), [(1, 1), (31, 31), (70, 10), (365, 13)])
def test_a_period_is_drawn_in_days_weeks_or_months(length, pieces):
    end = timezone.localdate()

    assert len(period.weeks(end - timedelta(days=length - 1), end)) == pieces
