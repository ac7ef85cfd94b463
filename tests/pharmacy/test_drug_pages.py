"""The pages of the drug library: list, form, page of a drug."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pharmacy.models import ControlClass, Drug, Place
from tests.factories.pharmacy import DrugFactory, in_days, stocked_drug

pytestmark = pytest.mark.django_db
TYPED = {
    "generic_name": "布洛芬缓释胶囊", "category": "西药", "dosage_form": "胶囊",
    "strength": "0.3g/粒", "pack_spec": "0.3g×20粒/盒", "pack_unit": "盒", "base_unit": "粒",
    "units_per_pack": "20", "routes": "口服", "rx": "OTC甲", "price": "12.80", "lower_limit": "0",
    "upper_limit": "0", "lead_days": "7", "antibiotic_grade": "非抗菌药物",
}  # fmt: skip


@pytest.fixture(params=["pharmacist", "storekeeper", "administrator"])
def client(request, as_):
    return as_(request.getfixturevalue(request.param))


@pytest.fixture
def browser(as_, pharmacist):
    return as_(pharmacist)


def typed_of(form) -> dict:
    """What the browser sends back when nothing is touched."""
    values = {name: form[name].value() for name in form.fields}
    return {
        name: value for name, value in values.items() if value is not None and value is not False
    }


def codes(page):
    return [drug.code for drug in page.context["page"]]


def test_pharmacist_storekeeper_and_administrator_create_and_change_a_drug(client):
    answer = client.post(reverse("drug_new"), TYPED)

    drug = Drug.objects.get()
    assert answer["Location"] == reverse("drug_show", args=[drug.pk])
    form = client.get(reverse("drug_change", args=[drug.pk])).context["form"]
    client.post(
        reverse("drug_change", args=[drug.pk]), {**typed_of(form), "shelf": "B2", "price": "13"}
    )
    drug.refresh_from_db()
    assert (drug.shelf, str(drug.price), drug.initials) == ("B2", "13.00", "BLFHSJN")
    page = client.get(reverse("drug_list"))
    assert reverse("drug_show", args=[drug.pk]) in page.content.decode()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("units_per_pack", "0"), ("price", "-1"), ("content", "-0.3"), ("max_daily", "0")),
        *(("units_per_pack", "100001"), ("units_per_pack", "9223372036854775808")),
    ],
)
def test_numbers_that_nothing_can_be_counted_with_are_refused_at_their_field(browser, name, value):
    units = {"content_unit": "g", "max_daily_unit": "g"}

    page = browser.post(reverse("drug_new"), TYPED | units | {name: value})

    assert list(page.context["form"].errors) == [name]
    assert not Drug.objects.exists()


def test_a_doctor_reads_the_library_and_changes_nothing(as_, doctor):
    client, drug = as_(doctor), DrugFactory()

    page = client.get(reverse("drug_show", args=[drug.pk]))

    assert page.status_code == 200
    assert reverse("drug_change", args=[drug.pk]) not in page.content.decode()
    assert client.get(reverse("drug_change", args=[drug.pk])).status_code == 403


def test_an_empty_form_names_every_field_that_is_missing(browser):
    form = browser.post(reverse("drug_new"), {}).context["form"]

    assert {"generic_name", "strength", "units_per_pack", "routes", "rx"} <= set(form.errors)
    assert not {"code", "initials", "maker"} & set(form.errors)


def test_a_new_drug_starts_with_the_usual_facts(browser):
    form = browser.get(reverse("drug_new")).context["form"]

    assert (form["category"].value(), form["rx"].value()) == ("西药", "Rx")
    assert form["lead_days"].value() == 7


def test_the_same_drug_again_is_asked_about_and_what_was_typed_stays(browser):
    browser.post(reverse("drug_new"), TYPED)

    page = browser.post(reverse("drug_new"), TYPED)
    answer = browser.post(reverse("drug_new"), {**TYPED, "anyway": "on"})

    assert page.context["form"].errors["anyway"]
    assert 'name="anyway"' in page.content.decode()
    assert page.context["form"]["generic_name"].value() == "布洛芬缓释胶囊"
    assert answer.status_code == 302
    assert Drug.objects.count() == 2


def test_a_doubtful_approval_number_is_saved_and_said_R55(browser):
    answer = browser.post(
        reverse("drug_new"), {**TYPED, "approval_number": "国药准字12"}, follow=True
    )

    assert Drug.objects.get().approval_number == "国药准字12"
    assert "国药准字H20013106" in answer.content.decode()


def test_full_width_digits_and_other_separators_are_understood(browser):
    browser.post(
        reverse("drug_new"),
        {
            **TYPED,
            "units_per_pack": "２０",
            "price": "１２．８０",
            "ingredients": "布洛芬； 咖啡因、甲",
        },
    )

    drug = Drug.objects.get()
    assert (drug.units_per_pack, str(drug.price)) == (20, "12.80")
    assert drug.ingredients == "布洛芬;咖啡因;甲"


def test_identity_of_a_used_drug_is_shown_and_posting_it_changes_nothing_R122(browser):
    drug = stocked_drug(24, generic_name="阿莫西林胶囊")
    url = reverse("drug_change", args=[drug.pk])

    page = browser.get(url)
    form = page.context["form"]
    browser.post(url, {**typed_of(form), "generic_name": "别的", "price": "1", "shelf": "Q1"})

    assert not {"generic_name", "maker", "price"} & set(form.fields)
    assert "阿莫西林胶囊" in page.content.decode()
    drug.refresh_from_db()
    assert (drug.generic_name, str(drug.price), drug.shelf) == ("阿莫西林胶囊", "9.60", "Q1")


def test_a_form_that_was_open_while_somebody_else_saved_is_refused(browser, as_, storekeeper):
    drug = DrugFactory(shelf="A1")
    url = reverse("drug_change", args=[drug.pk])
    mine = typed_of(browser.get(url).context["form"])
    as_(storekeeper).post(url, {**mine, "shelf": "B2"})

    page = browser.post(url, {**mine, "shelf": "C3"})

    assert page.status_code == 200
    assert page.context["form"].non_field_errors()
    assert Drug.objects.get().shelf == "B2"


def test_stop_and_create_anew_copies_all_but_the_code_and_links_both_R122(browser):
    old = stocked_drug(24, generic_name="阿莫西林胶囊", shelf="K7", class_tags="青霉素类")
    ControlClass.objects.create(drug=old, name="第二类精神药品", since=in_days(-5))

    form = browser.get(f"{reverse('drug_new')}?from={old.pk}").context["form"]
    typed = {**typed_of(form), "old": old.pk, "strength": "0.5g/粒", "pack_spec": "0.5g×24粒/盒"}
    browser.post(reverse("drug_new"), typed)

    new = Drug.objects.exclude(pk=old.pk).get()
    old.refresh_from_db()
    assert (new.replaces, new.shelf, new.class_tags) == (old, "K7", "青霉素类")
    assert new.control_class_on(timezone.localdate()) == "第二类精神药品"
    assert new.code != old.code
    assert not old.active
    text = browser.get(reverse("drug_show", args=[old.pk])).content.decode()
    assert reverse("drug_show", args=[new.pk]) in text


def test_the_page_of_a_drug_checks_stops_restarts_and_classifies(browser):
    drug = DrugFactory()

    def press(url_name, /, **data):
        return browser.post(reverse(url_name, args=[drug.pk]), data)

    press("drug_check", seen=drug.changed_at.isoformat())
    drug.refresh_from_db()
    assert drug.verified
    press("drug_control", name="麻醉药品", since="2026-01-01")
    assert drug.control_classes.get().name == "麻醉药品"
    wrong = press("drug_control", name="麻醉药品", since="never", note="目录调整")
    assert drug.control_classes.count() == 1
    assert wrong.context["control_form"].errors and "目录调整" in wrong.content.decode()
    assert press("drug_stop", reason="").context["stop_form"].errors
    assert Drug.objects.get().active
    press("drug_stop", reason="停产")
    assert not Drug.objects.get().active
    assert press("drug_stop", reason="停产").context["stop_form"].non_field_errors()
    press("drug_restart")
    assert Drug.objects.get().active


FILTERS = {
    "rx=OTC甲": {"rx": "OTC甲"},
    "category=中成药": {"category": "中成药"},
    "only=essential": {"essential": "Y(饮片统列)"},
    "only=antibiotic": {"antibiotic_grade": "限制使用级"},
    "only=skin": {"skin_test": "需青霉素皮试"},
    "only=cold": {"storage": "冷藏2~8℃"},
    "only=alert": {"high_alert": True},
}
PLAIN = {"antibiotic_grade": "非抗菌药物", "skin_test": "否", "essential": "N", "storage": "密封"}


@pytest.mark.parametrize("query", FILTERS)
def test_each_filter_finds_what_it_names(browser, query):
    DrugFactory(code="NOT", **PLAIN)
    DrugFactory(code="HIT", **{**PLAIN, **FILTERS[query]})

    assert codes(browser.get(f"{reverse('drug_list')}?{query}")) == ["HIT"]


def test_under_control_means_today(browser):
    past, now, future = (DrugFactory(code=code) for code in ("PAST", "NOW", "FUTURE"))
    for drug, name, days in (
        (past, "麻醉药品", -9),
        (past, "无", -1),
        (now, "麻醉药品", -9),
        (future, "麻醉药品", 9),
    ):
        ControlClass.objects.create(drug=drug, name=name, since=in_days(days))

    assert codes(browser.get(reverse("drug_list") + "?only=controlled")) == ["NOW"]


@pytest.mark.parametrize("query", ["group=99", "group=x", "only=nothing", "rx=';--", "category=x"])
def test_a_filter_that_makes_no_sense_filters_nothing(browser, query):
    DrugFactory(code="A")

    assert codes(browser.get(f"{reverse('drug_list')}?{query}")) == ["A"]


def test_filters_are_kept_by_the_list_of_unchecked_and_stopped(browser):
    DrugFactory(code="A", rx="OTC甲", active=False)

    page = browser.get(f"{reverse('drug_list')}?show=stopped&rx=OTC甲")

    assert codes(page) == ["A"]
    assert "rx=OTC" in page.content.decode()


def test_the_pages_ask_no_more_for_many_rows(browser, pharmacist):
    drug = stocked_drug(24, storage="冷藏2~8℃")
    ControlClass.objects.create(drug=drug, name="麻醉药品", since="2026-01-01")
    urls = [
        reverse("drug_list") + "?only=controlled&only=cold&q=AM",
        reverse("drug_list"),
        reverse("drug_show", args=[drug.pk]),
        reverse("drug_change", args=[drug.pk]),
        reverse("drug_new"),
    ]

    def count():
        found = []
        for url in urls:
            browser.get(url)
            with CaptureQueriesContext(connection) as captured:
                assert browser.get(url).status_code == 200
            found.append(len(captured))
        return found

    few = count()
    for n in range(50):
        other = DrugFactory(replaces=drug, storage="冷藏2~8℃")
        ControlClass.objects.create(drug=other, name="麻醉药品", since="2026-01-01")
        ControlClass.objects.create(drug=drug, name="无", since=in_days(n + 1))

    assert count() == few
    assert max(few) < 20


def test_where_goods_lie_in_several_places_each_batch_names_its_own_R114(browser):
    batch = stocked_drug(48).batches.get()
    pages = [
        reverse("drug_show", args=[batch.drug_id]),
        reverse("drug_ledger", args=[batch.drug_id]),
        reverse("stock_ledger", args=[batch.pk]),
    ]
    alone = [batch.place.name in browser.get(page).content.decode() for page in pages]

    Place.objects.create(code="YK", name="药库", dispenses=False)

    assert alone == [False, False, False]
    assert all(batch.place.name in browser.get(page).content.decode() for page in pages)
