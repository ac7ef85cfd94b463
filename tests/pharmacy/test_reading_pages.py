"""Ledger, document, library and drug pages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pharmacy import stock
from pharmacy.library import load_drug_library
from pharmacy.models import Drug, StockDocument
from tests.factories.pharmacy import DrugFactory, in_days, put_on_shelf, stocked_drug

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(as_, pharmacist):
    return as_(pharmacist)


def queries(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def sell(drug, count, by):
    for _n in range(count):
        number = StockDocument.objects.count()
        stock.reserve(drug=drug, quantity=1, reference=f"RX{number}/1", by=by)
        stock.issue(reference=f"RX{number}/1", by=by, document_reference=f"RX{number}")


def test_the_ledger_shows_each_movement_with_the_balance_after_it_R107(
    client, amoxicillin, pharmacist
):
    sell(amoxicillin, 1, pharmacist)
    batch = amoxicillin.batches.get()

    page = client.get(reverse("stock_ledger", args=[batch.pk]))

    rows = [(row.quantity, row.balance) for row in page.context["page"]]
    assert rows == [(-1, 239), (240, 240)]
    text = page.content.decode()
    assert "9盒+23粒" in text
    assert "RX1/1" in text
    document = StockDocument.objects.get(kind="dispensing")
    assert reverse("stock_document", args=[document.number]) in text


def test_a_document_names_its_lines_and_people(client, amoxicillin):
    document = StockDocument.objects.get()

    text = client.get(reverse("stock_document", args=[document.number])).content.decode()

    assert "阿莫西林胶囊" in text
    assert "+10盒" in text
    assert document.supplier.name in text
    assert document.made_by.full_name in text


@pytest.mark.parametrize("name", ["stock_ledger", "drug_show"])
def test_what_does_not_exist_is_not_found(client, name):
    assert client.get(reverse(name, args=[999999])).status_code == 404
    assert client.get(reverse(name, args=[1]).replace("1", "9" * 30)).status_code == 404
    assert client.get(reverse("stock_document", args=["RK-\x00"])).status_code == 404


def test_the_library_lists_all_and_says_what_was_not_checked_R157(client):
    load_drug_library()
    drug = Drug.objects.get(code="D001")
    drug.verified = True
    drug.save()

    page = client.get(reverse("drug_list"))
    unchecked = client.get(reverse("drug_list") + "?show=unchecked")

    assert page.context["tabs"] == {"used": 143, "unchecked": 142, "stopped": 0}
    assert unchecked.context["page"].paginator.count == 142


def test_the_library_is_narrowed_by_initials(client):
    load_drug_library()

    page = client.get(reverse("drug_list") + "?q=amxljn")

    assert [drug.code for drug in page.context["page"]] == ["D001"]


def test_a_drug_shows_its_facts_and_that_they_were_not_checked_R157(client):
    load_drug_library()
    drug = Drug.objects.get(code="D001")

    text = client.get(reverse("drug_show", args=[drug.pk])).content.decode()

    for fact in ("0.25 g", "青霉素类、β-内酰胺", "4 g", "非限制使用级", "传染性单核细胞增多症禁用"):
        assert fact in text
    assert 'class="message message-warn"' in text


def test_a_checked_drug_carries_no_caution(client):
    drug = DrugFactory(verified=True)

    text = client.get(reverse("drug_show", args=[drug.pk])).content.decode()

    assert "message-warn" not in text


def test_every_drug_of_the_library_has_a_page(client):
    load_drug_library()

    answers = {
        client.get(reverse("drug_show", args=[d.pk])).status_code for d in Drug.objects.all()
    }

    assert answers == {200}


def test_a_control_class_is_marked_as_on_the_box_R53(client):
    load_drug_library()
    drug = Drug.objects.filter(control_classes__name="麻醉药品").first()

    text = client.get(reverse("drug_show", args=[drug.pk])).content.decode()

    assert '<span class="drugmark drugmark-ma">麻</span>' in text


def test_query_counts_do_not_grow_with_the_rows(client, amoxicillin, pharmacist):
    batch = amoxicillin.batches.get()
    urls = [
        reverse("stock_ledger", args=[batch.pk]),
        reverse("stock_document", args=[StockDocument.objects.get().number]),
        reverse("drug_list"),
        reverse("drug_show", args=[amoxicillin.pk]),
        reverse("stock_receive"),
    ]
    before = [queries(client, url) for url in urls]

    sell(amoxicillin, 50, pharmacist)
    for n in range(50):
        put_on_shelf(amoxicillin, 24, lot=f"L{n}", days=20)
        put_on_shelf(stocked_drug(1), 24, lot="X", days=5)

    assert [queries(client, url) for url in urls] == before


def test_a_delivery_of_fifty_lines_is_read_with_as_many_queries_as_one_of_one(client):
    supplier = stocked_drug(24).batches.get().movements.get().document.supplier
    line = {"expires_on": in_days(700), "quantity": 24}
    one, many = (
        stock.receive(
            supplier=supplier,
            lines=[{**line, "drug": DrugFactory(), "lot": f"{n}"} for n in range(count)],
            by=supplier.stockdocument_set.first().made_by,
        )
        for count in (1, 50)
    )

    counts = [queries(client, reverse("stock_document", args=[d.number])) for d in (one, many)]

    assert counts[0] == counts[1]
