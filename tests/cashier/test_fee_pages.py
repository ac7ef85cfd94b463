"""Fee items: prices by document, planned and withdrawn, reductions, the list from a file."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic.cashier import fee_items, fees
from clinic.cashier.models import FeeItem
from clinic.core.errors import RuleBroken
from clinic.core.models import TableImport
from tests.factories.registration import DepartmentFactory
from tests.factories.till import fee

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("paying_site")]


@pytest.fixture
def client(as_, administrator):
    return as_(administrator)


def post(client, item, do, **typed):
    return client.post(reverse("fee_show", args=[item.pk]), {"do": do, **typed})


def price_then(item, moment):
    return fees.prices_at(moment, [item.pk])[item.pk]


def test_a_new_item_has_its_price_and_initials(client):
    typed = {"code": "G01", "name": "挂号费", "kind": "registration", "unit": "次"}

    client.post(
        reverse("fee_new"),
        typed | {"price": "１.00", "document": "苏价〔2012〕1号", "active": "on"},
    )

    item = FeeItem.objects.get()
    assert (item.initials, item.active) == ("GHF", True)
    assert price_then(item, timezone.now()) == Decimal("1.00")


def test_a_code_is_given_once_and_nothing_typed_is_lost(client):
    fee("诊查费", code="Z01")
    typed = {"code": "Z01", "name": "别的", "kind": "other", "unit": "次", "price": "2"}

    page = client.post(reverse("fee_new"), typed | {"document": "文件"})

    assert "code" in page.context["form"].errors
    assert 'value="别的"' in page.content.decode()


def test_a_planned_price_comes_at_its_time_and_is_withdrawn_by_a_line_of_its_own(client):
    item, later = fee(price="10.00"), timezone.localtime() + timedelta(days=2)

    post(client, item, "price", **{
        "p-price": "12.00", "p-document": "新价", "p-since": f"{later:%Y-%m-%dT%H:%M}",
    })  # fmt: skip

    assert price_then(item, timezone.now()) == Decimal("10.00")
    assert price_then(item, later + timedelta(minutes=1)) == Decimal("12.00")
    planned = item.prices.get(document="新价")
    post(client, item, f"withdraw-{planned.pk}")
    assert price_then(item, later + timedelta(minutes=1)) == Decimal("10.00")
    assert item.prices.count() == 3
    shown = client.get(reverse("fee_show", args=[item.pk])).context
    assert [row.state for row in shown["history"]] == ["kept", "replaced", "now"]
    assert shown["item"].planned is None


def test_what_every_visit_is_charged_is_one_item_of_a_kind(administrator):
    fee("挂号费", kind="registration")
    new = {"code": "G02", "name": "专家挂号费", "kind": "registration", "by": administrator}

    with pytest.raises(RuleBroken) as refused:
        fee_items.save_item(**new)

    assert refused.value.field == "department"
    own = fee_items.save_item(**new, department=DepartmentFactory(name="儿科"))
    assert own.active


def test_a_price_does_not_begin_in_the_past_and_one_in_force_is_not_withdrawn(administrator):
    item, by = fee(), administrator
    yesterday = timezone.now() - timedelta(days=1)

    with pytest.raises(RuleBroken):
        fee_items.set_price(item=item, price=Decimal(1), document="x", since=yesterday, by=by)
    with pytest.raises(RuleBroken):
        fee_items.withdraw_price(price=item.prices.get(), by=by)


def test_the_best_reduction_counts_until_it_ends_R85(client):
    item, today = fee(), timezone.localdate()
    given = {"r-category": "resident", "r-percent": "50", "r-reason": "签约居民", "r-since": today}

    post(client, item, "less", **given)
    post(client, item, "less", **given | {"r-category": "", "r-from_age": "65", "r-percent": "100"})

    rows = fees.reductions_on(today, [item.pk])[item.pk]
    assert fees.less(Decimal(10), rows, "resident", 40).amount == Decimal("5.00")
    assert fees.less(Decimal(10), rows, "resident", 70).amount == Decimal("10.00")
    assert fees.less(Decimal(10), rows, "self", 40).amount == 0
    for row in rows:
        post(client, item, f"end-{row.pk}")
    assert fees.reductions_on(today, [item.pk]) == {}


def test_other_words_keep_code_and_kind(client):
    item = fee("换药", code="T09")

    post(client, item, "change", name="换药（小）", unit="次", code="X", kind="other")

    item.refresh_from_db()
    assert (item.name, item.code, item.kind) == ("换药（小）", "T09", "consultation")
    assert (item.initials, item.active) == ("HY", False)


def bring(client, *lines):
    head = "项目编码,项目名称,类别,单位,价格,价格文件"
    file = SimpleUploadedFile("价目.csv", "\n".join([head, *lines]).encode())
    shown = client.post(reverse("fee_import"), {"file": file})
    return TableImport.objects.get(), shown.url


def start(client, table, url):
    if table.state == "matching":
        columns = ["code", "name", "kind", "unit", "price", "document"]
        client.post(url, {"do": "match", **{f"c{n}": name for n, name in enumerate(columns)}})
    client.post(url, {"do": "start"})


def test_a_price_list_is_imported_once_and_taken_back(client):
    old = fee("静脉输液", price="8.00", code="T01", kind="treatment")
    fee("挂号费", kind="registration")
    table, url = bring(
        client,
        "T01,静脉输液,治疗费,次,9.50,新文件",
        "T02,肌肉注射,治疗费,次,3,新文件",
        "T03,坏行,什么,次,3,新文件",
        "G09,另一种挂号费,挂号费,次,3,新文件",
    )
    start(client, table, url)

    new = FeeItem.objects.get(code="T02")
    assert price_then(old, timezone.now()) == Decimal("9.50")
    assert price_then(new, timezone.now()) == Decimal("3.00")
    assert not FeeItem.objects.filter(code__in=["T03", "G09"]).exists()
    client.post(url, {"do": "take_back"})
    new.refresh_from_db()
    assert price_then(old, timezone.now() + timedelta(seconds=1)) == Decimal("8.00")
    assert not new.active


def test_a_code_that_grows_half_width_is_refused_and_the_rest_comes_in(client):
    lines = [f"{'㎎' * 20},输液,治疗费,次,9.50,新文件", "T02,肌肉注射,治疗费,次,3,新文件"]

    start(client, *bring(client, *lines))

    assert TableImport.objects.get().state == "done"
    assert list(FeeItem.objects.values_list("code", flat=True)) == ["T02"]


def test_the_list_asks_as_often_for_fifty_items_as_for_one(client):
    def queries(url):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url).status_code == 200
        return len(asked)

    first, url = fee(), reverse("fee_list")
    queries(url)
    before = queries(url), queries(reverse("fee_show", args=[first.pk]))

    for n in range(49):
        fee(f"项目{n}")
        fee_items.set_price(item=first, price=Decimal(n), document="x", by=None)

    assert (queries(url), queries(reverse("fee_show", args=[first.pk]))) == before


def test_the_search_finds_by_initials_name_and_code(client):
    fee("雾化吸入", code="T77", kind="treatment", initials="WHXR")
    fee("换药", code="T78", kind="treatment", initials="HY")

    for words in ("whxr", "雾化", "T77"):
        page = client.get(reverse("fee_list"), {"q": words})
        assert [item.code for item in page.context["page"]] == ["T77"]


def test_a_button_that_names_no_price_finds_none(client):
    item = fee()

    for which in ("withdraw-²", "end-٣", "withdraw-", "end-" + "9" * 5000):
        assert post(client, item, which).status_code == 404, which
