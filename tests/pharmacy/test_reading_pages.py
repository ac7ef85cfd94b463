"""Ledger, document, library and drug pages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pharmacy import stock
from pharmacy.facts import facts_of
from pharmacy.library import load_drug_library
from pharmacy.models import Drug, StockDocument
from tests.factories.pharmacy import DrugFactory, SupplierFactory, in_days

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
    """So many lines of one capsule each, handed out together."""
    wants = [stock.Want(drug, 1, f"RX1/{n}") for n in range(1, count + 1)]
    stock.reserve_all(wants=wants, by=by)
    references = [want.reference for want in wants]
    stock.issue_all(references=references, by=by, document_reference="RX1")


def take_in(lots, by):
    """One delivery of (drug, lot) lines, two boxes each, good for twenty days."""
    line = {"expires_on": in_days(20), "quantity": 48, "reason": "急用"}
    lines = [{**line, "drug": drug, "lot": lot} for drug, lot in lots]
    return stock.receive(supplier=SupplierFactory(), lines=lines, by=by)


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


def test_every_drug_of_the_library_can_be_told_in_words():
    load_drug_library()

    told = [facts_of(drug, in_days(0)) for drug in Drug.objects.all()]

    assert all(len(facts) >= 15 for facts in told)
    assert not [words for facts in told for _label, words in facts if "None" in words]


def test_a_control_class_is_marked_as_on_the_box_R53(client):
    load_drug_library()
    drug = Drug.objects.filter(control_classes__name="麻醉药品").first()

    text = client.get(reverse("drug_show", args=[drug.pk])).content.decode()

    assert '<span class="drugmark drugmark-ma">麻</span>' in text


def test_query_counts_do_not_grow_with_the_rows(client, amoxicillin, pharmacist):
    take_in([(amoxicillin, "ONE")], pharmacist)
    small = StockDocument.objects.first()
    addresses = [
        reverse("stock_ledger", args=[amoxicillin.batches.get(lot="260518").pk]),
        reverse("drug_list"),
        reverse("drug_show", args=[amoxicillin.pk]),
        reverse("stock_receive"),
    ]
    before = [queries(client, url) for url in addresses]
    one_line = queries(client, reverse("stock_document", args=[small.number]))

    sell(amoxicillin, 50, pharmacist)
    take_in([(amoxicillin, f"L{n}") for n in range(50)], pharmacist)
    big = take_in([(DrugFactory(), "X") for _n in range(50)], pharmacist)

    assert [queries(client, url) for url in addresses] == before
    assert queries(client, reverse("stock_document", args=[big.number])) == one_line
