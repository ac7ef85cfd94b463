"""Changing the prices of several drugs on one page, and the notice of it (R-122)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pharmacy.models import Drug, DrugPrice, StockDocument
from pharmacy.prices import NewPrice, change_prices
from tests.factories.pharmacy import DrugFactory, stocked_drug

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(as_, storekeeper):
    return as_(storekeeper)


def post(client, do, drugs=(), prices=(), **more):
    rows = {"drug": [drug.pk for drug in drugs], "price": list(prices)}
    return client.post(reverse("price_new"), {"do": do, **rows, "reason": "调价", **more})


def rows(page):
    return [(row.drug.code, row.typed) for row in page.context["sheet"].rows]


def test_drugs_are_added_one_by_one_and_what_was_typed_stays(client):
    first, second = DrugFactory(code="A"), DrugFactory(code="B", generic_name="布洛芬")

    page = post(client, "add", [first], ["10.50"], words="布洛芬")

    assert rows(page) == [("A", "10.50"), ("B", "")]
    assert rows(post(client, "add", [first], ["1"], words=second.label, found=second.pk)) == [
        ("A", "1"),
        ("B", ""),
    ]
    assert rows(post(client, "add", [first], ["1"], words=first.label, found=first.pk)) == [
        ("A", "1")
    ]
    assert rows(post(client, f"remove-{first.pk}", [first, second], ["1", "2"])) == [("B", "2")]


def test_several_that_fit_are_offered_and_none_is_said(client):
    drugs = [DrugFactory(initials="ZZ") for _n in range(2)]

    page = post(client, "add", words="zz")
    chosen = client.post(reverse("price_new"), {"words": "zz", "pick": drugs[1].pk})
    nothing = post(client, "add", words="没有")
    empty = post(client, "add", drugs[:1], ["1"])

    assert page.context["sheet"].candidates == drugs
    assert rows(chosen) == [(drugs[1].code, "")]
    assert nothing.context["sheet"].find_error
    assert empty.context["sheet"].asks_drug  # Enter in a price leads on to the next drug
    assert not empty.context["sheet"].find_error


def test_prices_are_posted_together_and_lead_to_their_document(client):
    drugs = [DrugFactory(price="1.00"), DrugFactory(price="2.00")]

    answer = post(client, "save", drugs, ["１．５０", "2.5"])

    document = StockDocument.objects.get()
    assert answer["Location"] == reverse("price_show", args=[document.number])
    assert [str(drug.price) for drug in Drug.objects.order_by("pk")] == ["1.50", "2.50"]


@pytest.mark.parametrize("price", ["", "abc", "-1", "1.005", "1e3", "9" * 30])
def test_what_is_no_price_is_said_beside_its_drug(client, price):
    page = post(client, "save", [DrugFactory(price="1.00")], [price])

    assert page.status_code == 200
    assert page.context["sheet"].rows[0].error
    assert not StockDocument.objects.exists()


def test_a_second_click_posts_once(client):
    drug = DrugFactory(price="1.00")
    once = {"once": "6f1f2f5e-7d2f-4e43-9a0a-0b7a5d0f1c11"}

    first = post(client, "save", [drug], ["1.50"], **once)
    second = post(client, "save", [drug], ["1.50"], **once)

    assert first["Location"] == second["Location"]
    assert StockDocument.objects.count() == 1


def test_a_planned_change_is_shown_as_planned_and_withdrawn(client):
    drug = DrugFactory(price="1.00")
    day = f"{timezone.localtime() + timedelta(days=2):%Y-%m-%dT%H:%M}"

    post(client, "save", [drug], ["1.50"], effective_at=day)
    document = StockDocument.objects.get()
    page = client.get(reverse("price_show", args=[document.number]))
    client.post(reverse("price_withdraw", args=[document.number]), {"reason": "写错"})

    assert page.context["may_withdraw"]
    assert DrugPrice.objects.get().state == "withdrawn"
    assert str(Drug.objects.get().price) == "1.00"


def test_the_notice_names_old_and_new_price(client):
    drug = stocked_drug(24, price="9.60", generic_name="阿莫西林胶囊")
    post(client, "save", [drug], ["11.20"])
    document = StockDocument.objects.get(kind="price")

    text = client.get(reverse("price_print", args=[document.number])).content.decode()
    shown = client.get(reverse("stock_document", args=[document.number]))

    for words in (document.number, "阿莫西林胶囊", "9.60", "11.20", "调价"):
        assert words in text
    assert shown["Location"] == reverse("price_show", args=[document.number])


def test_another_kind_of_document_is_no_price_change(client):
    stocked_drug(24)
    delivery = StockDocument.objects.get()

    for name in ("price_show", "price_print"):
        assert client.get(reverse(name, args=[delivery.number])).status_code == 404


def test_the_history_stands_on_the_page_of_the_drug(client):
    drug = DrugFactory(price="9.60")
    post(client, "save", [drug], ["11.20"])

    text = client.get(reverse("drug_show", args=[drug.pk])).content.decode()

    assert "¥9.60 → <b>¥11.20</b>" in text
    assert StockDocument.objects.get().number in text


def test_the_pages_ask_no_more_for_many_rows(client, storekeeper):
    def change(drugs):
        lines = [NewPrice(drug, drug.price + 1) for drug in drugs]
        return change_prices(lines=lines, reason="调价", by=storekeeper)

    def count(document):
        found = []
        for url in (
            reverse("price_list"),
            reverse("price_show", args=[document.number]),
            reverse("price_print", args=[document.number]),
        ):
            client.get(url)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200
            found.append(len(captured))
        return found

    few = count(change([DrugFactory()]))
    for _n in range(20):
        change([DrugFactory()])
    many = change([DrugFactory() for _n in range(50)])

    assert count(many) == few
