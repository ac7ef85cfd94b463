"""What a delivery's acceptance refuses is on record and never stock (R-110)."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.core.errors import RuleBroken
from pharmacy import papers, stock
from pharmacy.models import Batch, RefusedGoods, StockDocument, StockMovement
from pharmacy.receiving import draft_of
from tests.factories.pharmacy import DrugFactory, SupplierFactory, in_days
from tests.helpers import post_ok
from tests.pharmacy.test_receive_page import URL, cells, faults, posted

pytestmark = pytest.mark.django_db
WHY = "外包装破损、药液外渗"


@pytest.fixture
def client(as_, storekeeper):
    return as_(storekeeper)


def page_of(document) -> str:
    return reverse("stock_document", args=[document.number])


def refused(drug, n=0, /, **changes):
    return cells(drug, n, **{"fate": "returned", "reason": WHY, **changes})


def delivered(by, *, drug=None, **more):
    """A delivery of which one drug was taken in and something else refused."""
    drug = drug or DrugFactory()
    line = {"drug": drug, "lot": "A1", "expires_on": in_days(700), "quantity": 24}
    row = {"name": "葡萄糖注射液", "quantity": 3, "reason": WHY, "fate": "kept", **more}
    return stock.receive(supplier=SupplierFactory(), lines=[line], refused=[row], by=by)


def test_refused_lines_are_filed_with_the_delivery_and_move_nothing_R110(client):
    good, bad = DrugFactory(), DrugFactory()
    rows = cells(good, 0), refused(bad, 1, packs="2", pieces="5", fate="kept", lot="X9")

    post_ok(client, URL, posted(*rows, supplier=SupplierFactory().pk))

    document = StockDocument.objects.get()
    row = document.refused.get()
    assert (row.drug, row.name, row.quantity, row.lot) == (bad, bad.label, 53, "X9")
    assert (row.fate, row.reason, row.amount) == ("kept", WHY, "2盒+5粒")
    assert [movement.drug for movement in document.movements.all()] == [good]
    assert [line.drug for line in document.lines.all()] == [good]
    assert document.conclusion == "good"
    assert not bad.batches.exists()


def test_goods_without_lot_or_expiry_expired_ones_and_unknown_ones_can_be_refused_R108(client):
    expired = refused(DrugFactory(), 0, expires_on=in_days(-3).isoformat())
    nameless = refused(DrugFactory(), 1, lot="", expires_on="")
    unknown = refused(DrugFactory(), 2, drug="", drug_text="未订购的洗手液", packs="12")

    post_ok(client, URL, posted(expired, nameless, unknown, new_supplier="康", licence="苏A1"))

    rows = list(RefusedGoods.objects.all())
    assert [(row.lot, row.expires_on) for row in rows[:2]] == [
        ("260518", in_days(-3)),
        ("", None),
    ]
    assert (rows[2].drug, rows[2].name, rows[2].quantity) == (None, "未订购的洗手液", 12)


def test_a_delivery_refused_as_a_whole_is_a_record_without_stock_R110(client):
    supplier = SupplierFactory()
    data = posted(refused(DrugFactory()), supplier=supplier.pk, delivery_note="KN7")

    post_ok(client, URL, data)

    document = StockDocument.objects.get()
    assert document.conclusion == "refuse"
    assert not StockMovement.objects.exists()
    assert not Batch.objects.exists()
    assert client.get(page_of(document)).status_code == 200
    assert client.get(reverse("stock_document_print", args=[document.number])).status_code == 200
    again = client.post(
        URL, posted(cells(DrugFactory()), supplier=supplier.pk, delivery_note="KN7")
    )
    assert "delivery_note" in again.context["form"].errors


@pytest.mark.parametrize(
    ("changes", "cell"),
    [
        ({"reason": ""}, "reason"),
        ({"packs": ""}, "packs"),
        ({"fate": "x"}, "fate"),
        ({"drug": "", "drug_text": "没有这种药", "pieces": "5"}, "pieces"),
        ({"drug": "", "drug_text": "AMXL"}, "drug_text"),
        ({"expires_on": "明年"}, "expires_on"),
    ],
)
def test_what_is_missing_is_said_at_the_line(client, changes, cell):
    drug = DrugFactory()
    DrugFactory()

    response = client.post(URL, posted(refused(drug, **changes), supplier=SupplierFactory().pk))

    assert (1, cell) in faults(response)
    assert not StockDocument.objects.exists()


def test_a_line_is_refused_and_taken_in_again_by_its_buttons_and_nothing_is_lost(
    client, storekeeper
):
    rows = cells(DrugFactory(), 0, lot="EINS"), cells(DrugFactory(), 1, lot="ZWEI")

    client.post(URL, posted(*rows, do="refuse:2"))
    page = client.get(URL)
    asked = page.context["delivery"].lines[1]
    client.post(URL, posted(rows[0], refused(DrugFactory(), 1, lot="ZWEI"), do="accept:2"))

    assert (asked.is_refused, asked.is_read, asked.focus) == (True, False, "reason")
    assert 'value="ZWEI"' in page.content.decode()
    assert [line["fate"] for line in draft_of(storekeeper)["lines"]] == ["", ""]
    assert [line["lot"] for line in draft_of(storekeeper)["lines"]] == ["EINS", "ZWEI"]


@pytest.mark.parametrize(
    "row",
    [
        {"name": " "},
        {"quantity": 0},
        {"quantity": 10**9},
        {"reason": " "},
        {"fate": "burnt"},
    ],
)
def test_the_verb_refuses_a_record_that_says_nothing_R110(storekeeper, row):
    with pytest.raises(RuleBroken) as broken:
        delivered(storekeeper, **row)

    assert broken.value.rule == "R-110"
    assert not StockDocument.objects.exists()


def test_the_record_is_never_changed_and_stays_when_the_delivery_is_taken_back(storekeeper):
    document = delivered(storekeeper)

    papers.reverse(document=document, reason="录错", by=storekeeper)

    row = document.refused.get()
    for change in (row.save, row.delete, lambda: RefusedGoods.objects.update(reason="x")):
        with pytest.raises(PermissionDenied):
            change()


def test_page_paper_search_and_report_tell_what_was_refused_R110(client, storekeeper):
    document = delivered(storekeeper, lot="Q7")
    drug = DrugFactory(generic_name="氨茶碱片")
    delivered(storekeeper, drug=drug, name=drug.label)
    report = reverse("stock_report_of", args=["receipts"])

    page = client.get(page_of(document)).content.decode()
    paper = client.get(reverse("stock_document_print", args=[document.number])).content.decode()
    found = client.get(reverse("stock_documents"), {"drug": "葡萄糖"}).context["page"]
    listed = client.get(report, {"group": "refused", "text": "葡萄糖"}).context["table"].rows
    taken = client.get(report).context["table"].rows

    for text in (page, paper):
        assert all(word in text for word in ("葡萄糖注射液", WHY, "Q7"))
    assert [row.number for row in found] == [document.number]
    assert [(row.cells[4], row.cells[5]) for row in listed] == [("葡萄糖注射液", "Q7")]
    assert len(taken) == 2
    papers.reverse(document=document, reason="录错", by=storekeeper)
    assert len(client.get(report).context["table"].rows) == 1
    assert not client.get(report, {"group": "refused", "text": "葡萄糖"}).context["table"].rows


def test_many_refused_lines_cost_page_paper_and_report_no_more_queries(client, storekeeper):
    drugs = [DrugFactory() for _n in range(30)]

    def count(rows) -> list[int]:
        document = stock.receive(supplier=SupplierFactory(), lines=[], refused=rows, by=storekeeper)
        urls = [page_of(document), reverse("stock_document_print", args=[document.number])]
        urls.append(reverse("stock_report_of", args=["receipts"]) + "?group=refused")
        numbers = []
        for url in urls:
            with CaptureQueriesContext(connection) as log:
                assert client.get(url).status_code == 200
            numbers.append(len(log))
        return numbers

    rows = [{"name": "x", "drug": d, "quantity": 24, "reason": WHY, "fate": "kept"} for d in drugs]
    count(rows[:1])  # what the first page reads once for all

    assert count(rows[:1]) == count(rows)
