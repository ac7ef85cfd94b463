"""The shelf as a list: warnings, filters, search, order, pages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pharmacy import stock
from pharmacy.models import Place
from pharmacy.places import dispensary
from pharmacy.watch import keeping
from tests.factories.pharmacy import put_on_shelf, stocked_drug

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(as_, pharmacist):
    """`page("?show=low")`: the list as the pharmacist sees it."""
    client = as_(pharmacist)

    def show(query=""):
        keeping.refresh()  # as each change of the stock does once it is committed
        return client.get(reverse("stock") + query)

    return show


def names(response):
    return [drug.generic_name for drug in response.context["page"]]


def words_of(response):
    return " ".join(response.content.decode().split())


def test_each_drug_shows_packs_and_pieces_available_expiry_and_shelf(page, pharmacist):
    drug = stocked_drug(77, generic_name="阿莫西林胶囊", shelf="A1-01")
    stock.reserve(drug=drug, quantity=6, reference="RX1/1", by=pharmacist)

    text = words_of(page())

    assert "3盒+5粒" in text
    assert "<b>2盒+23粒</b>" in text
    assert drug.batches.get().expires_on.isoformat() in text
    assert "A1-01" in text


def test_the_ladder_counts_drugs_that_expire_within_one_three_and_six_months_R111(page):
    for days in (10, 80, 170, 700):
        stocked_drug(240, days=days)

    counts = {rung["kind"]: rung["number"] for rung in page().context["ladder"]}

    assert counts == {"1": 1, "3": 2, "6": 3, "low": 0}


@pytest.mark.parametrize(
    ("show", "expected"),
    [
        ("within1", ["十天"]),
        ("within3", ["十天"]),
        ("low", ["一粒", "卖完", "过期"]),
        ("out", ["卖完", "过期"]),
        ("expired", ["过期"]),
        ("", ["一粒", "十天", "很多", "没有", "卖完", "过期"]),
        ("nonsense", ["一粒", "十天", "很多", "没有", "卖完", "过期"]),
    ],
)
def test_each_warning_lists_its_drugs(page, show, expected):
    stocked_drug(240, generic_name="很多")
    stocked_drug(240, days=10, generic_name="十天")
    stocked_drug(1, generic_name="一粒")
    stocked_drug(0, generic_name="没有")
    sold_out(generic_name="卖完")
    stocked_drug(240, days=-1, generic_name="过期")

    response = page(f"?show={show}")

    assert sorted(names(response)) == sorted(expected)


def sold_out(**facts):
    drug = stocked_drug(24, **facts)
    drug.batches.update(on_hand=0, emptied_at=timezone.now())
    return drug


def test_every_count_is_the_length_of_its_list(page):
    for days in (-5, 10, 80, 170, 700):
        stocked_drug(30, days=days)
    stocked_drug(0)
    stocked_drug(0, active=False)
    start = page()

    for rung in start.context["ladder"]:
        name = rung["url"].partition("show=")[2]
        assert page(f"?show={name}").context["page"].paginator.count == rung["number"]
    for tab in start.context["tabs"]:
        assert page(f"?show={tab['name']}").context["page"].paginator.count == tab["number"]


def test_a_stopped_drug_shows_as_long_as_some_of_it_is_left(page):
    drug = stocked_drug(24, generic_name="停用有货")
    drug.active = False
    drug.save()
    stocked_drug(0, generic_name="停用无货", active=False)

    assert names(page()) == ["停用有货"]


@pytest.mark.parametrize("q", ["AMX", "amx", "阿莫", "莫西", "D001"])
def test_the_list_is_narrowed_by_initials_name_or_code(page, q):
    stocked_drug(24, code="D001", generic_name="阿莫西林胶囊", initials="AMXLJN")
    stocked_drug(24, generic_name="布洛芬", initials="BLF", initials_short="BLF")

    assert names(page(f"?q={q}")) == ["阿莫西林胶囊"]


@pytest.mark.parametrize(
    "query",
    ["?q=%00", "?q=%ED%A0%80", "?q=%F0%9F%98%80", "?q='--", "?q=<script>alert(1)</script>"]
    + [
        "?page=0",
        "?page=99999999999999999999",
        "?page=x",
        "?sort=x",
        "?show=%00",
        "?q=" + "9" * 3000,
    ],
)
def test_nonsense_in_the_address_breaks_nothing(page, query):
    stocked_drug(24)

    response = page(query)

    assert response.status_code == 200
    assert b"<script>alert" not in response.content


def test_expiry_order_puts_the_nearest_first_and_what_has_none_last(page):
    for name, quantity, days in (("B", 24, 700), ("C", 0, 700), ("A", 24, 20)):
        stocked_drug(quantity, days=days, generic_name=name)

    assert names(page("?sort=expiry")) == ["A", "B", "C"]


def test_fifty_drugs_stand_on_a_page_and_the_filter_is_kept(page):
    for n in range(51):
        sold_out(generic_name=f"药{n:02}")

    first, second = page("?show=out"), page("?show=out&page=2")

    assert len(names(first)) == 50
    assert names(second) == ["药50"]
    assert "?show=out&amp;page=2" in first.content.decode()


def test_the_query_count_is_the_same_for_one_drug_and_fifty(page, as_, pharmacist):
    client = as_(pharmacist)

    def queries():
        page()
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("stock"))
        return len(captured)

    put_on_shelf(stocked_drug(24), 24, lot="X", days=20)
    client.get(reverse("stock"))
    one = queries()
    for _n in range(49):
        put_on_shelf(stocked_drug(24), 24, lot="X", days=20)

    assert queries() == one
    assert one <= 16


def test_an_empty_shelf_and_an_empty_search_say_what_to_do(page):
    assert 'class="empty"' in page().content.decode()
    assert 'class="empty"' in page("?q=ZZZ").content.decode()


def test_a_doctor_sees_the_stock_but_no_button_to_receive(as_, doctor, storekeeper):
    link = reverse("stock_receive")

    assert link not in as_(doctor).get(reverse("stock")).content.decode()
    assert link in as_(storekeeper).get(reverse("stock")).content.decode()


@pytest.mark.parametrize("who", ["frontdesk", "nurse", "cashier", "auditor", "no_role"])
def test_others_do_not_see_the_stock(as_, request, who):
    client = as_(request.getfixturevalue(who))

    assert client.get(reverse("stock")).status_code == 403


def test_where_goods_lie_in_several_places_each_row_says_how_much_lies_where_R114(page):
    drug, _usual = stocked_drug(72), stocked_drug(24)
    store = Place.objects.create(code="YK", name="药库", dispenses=False)
    supplied = put_on_shelf(drug, 240, lot="B")
    before = words_of(page())
    supplied.place = store
    supplied.save()

    text = words_of(page())

    assert "药库" not in before
    assert "13盒<br>" in text
    assert f"{dispensary().name} 3盒 · 药库 10盒</span>" in text
    assert text.count("<br>") == 1  # what lies where it is expected is not said twice
