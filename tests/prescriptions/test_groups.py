"""Rows given together in one container: one route, one rate, one change for all (R-37, R-14)."""

import uuid
from decimal import Decimal

import pytest
from django.urls import reverse

from clinic.core.errors import RuleBroken
from clinic.core.models import Setting
from prescriptions import services
from prescriptions.groups import parse_drip
from prescriptions.moves import live_items
from prescriptions.rows import rows_of
from tests.factories.prescriptions import row, shipped, tablets
from tests.helpers import post_ok
from tests.prescriptions.plain import drug, keys, line, one, sheet, spoken, tagged

DRIP, MUSCLE, MOUTH = "18", "16", "1"
RATES = [("40", "40滴/分"), ("40~60滴/min", "40~60滴/分"), ("每分钟40滴", None)]
RATES += [
    ("100ml/h", "100ml/h"),
    ("50滴", "50滴/分"),
    ("慢滴", None),
    ("遵医嘱", None),
    ("0", None),
    ("４０滴／分", "40滴/分"),
]


@pytest.mark.parametrize(("typed", "rate"), RATES)
def test_a_drip_rate_is_a_number_and_vague_words_are_none_R37(typed, rate):
    assert parse_drip(typed) == rate


BAG = tagged("0.9%氯化钠注射液", "溶媒", number=5, ingredients=frozenset({"氯化钠"}))
SUGAR = tagged("5%葡萄糖注射液", "溶媒", number=6, ingredients=frozenset({"葡萄糖"}))
PENICILLIN = drug("注射用青霉素钠", 7, ingredients=frozenset({"青霉素"}))
RATE, GROUP = {"route": DRIP, "drip": "40滴/分"}, {"group": 1}
INFUSIONS = [
    ([(PENICILLIN, RATE | GROUP), (BAG, RATE | GROUP)], []),
    ([(PENICILLIN, RATE), (BAG, RATE)], ["infusion.solvent"]),
    ([(PENICILLIN, RATE | GROUP), (SUGAR, RATE | GROUP)], ["infusion.spoilt"]),
    ([(PENICILLIN, RATE | GROUP), (SUGAR, RATE | {"group": 2})], ["infusion.solvent"]),
    ([(PENICILLIN, {"route": DRIP, **GROUP}), (BAG, RATE | GROUP)], ["infusion.rate"]),
    ([(PENICILLIN, {"route": MUSCLE})], []),
    ([(BAG, RATE)], []),
]


@pytest.mark.parametrize(("rows", "found"), INFUSIONS)
def test_rate_solvent_and_what_is_not_mixed_R37(rows, found):
    lines = [line(of, key=str(n), rank=n, **more) for n, (of, more) in enumerate(rows, 1)]

    assert spoken(sheet(*lines), "infusion.") == found


@pytest.mark.parametrize(("counted", "found"), [(True, ["sheet.too_many"]), (False, [])])
def test_a_site_may_leave_solvents_out_of_the_five_R14(counted, found):
    lines = [line(drug(str(n), n), key=str(n)) for n in range(10, 15)] + [line(BAG, key="bag")]

    assert keys(sheet(*lines, solvents_counted=counted)) == found


def test_the_alert_of_a_missing_rate_names_the_drugs_R155():
    found = one(sheet(line(PENICILLIN, route=DRIP), line(BAG, key="b", **RATE)), "infusion.rate")

    assert "注射用青霉素钠" in found.title and "氯化钠" not in found.title


pytestmark = pytest.mark.django_db
USAGE = {"dose_unit": "ml", "route": DRIP, "frequency": "qd", "days": 3, "drip": "40滴/分"}


@pytest.fixture
def infusion(sheet):
    """A bag and an ampoule in group 1, and tablets between them in time."""
    bag = row(sheet, shipped("D106"), dose=Decimal(250), quantity=3, group=1, **USAGE)
    row(sheet)
    mixed = row(sheet, ampoule(), dose=Decimal(5), dose_unit="mg", group=1, route=MUSCLE)
    return bag, mixed


def ampoule():
    facts = {"dosage_form": "注射剂", "base_unit": "支", "content": 5, "units_per_pack": 10}
    return tablets(generic_name="地塞米松", ingredients="地塞米松", **facts)


def test_a_row_takes_over_what_its_group_has_in_common_and_stands_beside_it(sheet, infusion):
    bag, mixed = infusion

    rows = rows_of(live_items(sheet))

    assert (mixed.route, mixed.frequency, mixed.days, mixed.drip) == (DRIP, "qd", 3, "40滴/分")
    assert mixed.quantity == 3
    assert [(r["item"].pk, r["bracket"]) for r in rows[:2]] == [(bag.pk, "top"), (mixed.pk, "end")]
    assert rows[2]["bracket"] == "" and "40滴/分" in rows[0]["usage"]


def test_who_changes_one_row_changes_the_whole_group(sheet, infusion, doctor):
    bag, mixed = infusion
    usage = {**USAGE, "days": 5, "drip": "60滴/分"}

    services.change_item(
        item=bag, drug=bag.drug, dose=bag.dose, quantity=5, group=1, by=doctor, **usage
    )

    mixed.refresh_from_db()
    assert (mixed.days, mixed.drip, mixed.quantity) == (5, "60滴/分", 5)


@pytest.mark.parametrize("before", ["", "40滴/分"])
def test_a_rate_that_comes_with_a_later_row_goes_to_the_whole_group_R37(sheet, before):
    bag = row(
        sheet, shipped("D106"), dose=Decimal(250), quantity=3, group=1, **USAGE | {"drip": before}
    )

    mixed = row(
        sheet, ampoule(), dose=Decimal(5), group=1, **USAGE | {"dose_unit": "mg", "drip": "60滴/分"}
    )

    bag.refresh_from_db()
    assert (bag.drip, mixed.drip) == ("60滴/分", "60滴/分")


def test_a_missing_rate_leads_to_its_field_R129(sheet, doctor, as_):
    bag = row(sheet, shipped("D106"), dose=Decimal(250), quantity=3, **USAGE | {"drip": ""})
    url = reverse("prescription_edit", args=[sheet.pk])
    client = as_(doctor)
    link = f"{url}?item={bag.pk}&amp;at=drip"
    assert link in client.get(url).content.decode()

    page = client.get(link.replace("&amp;", "&"))

    assert page.context["focus"] == "drip"


REFUSED = [
    ({"route": MOUTH, "group": 1}, "route"),
    ({"route": MUSCLE, "group": 6}, "group"),
    ({"route": MUSCLE, "drip": "40滴/分"}, "drip"),
    ({"route": DRIP, "drip": "慢滴"}, "drip"),
]


@pytest.mark.parametrize(("usage", "field"), REFUSED)
def test_group_and_rate_go_with_the_route_R37(sheet, usage, field):
    with pytest.raises(RuleBroken) as refused:
        row(sheet, **usage)

    assert refused.value.field == field and not sheet.items.exists()


def test_one_key_puts_the_next_drug_into_the_same_container(sheet, as_, doctor):
    client, bag, url = as_(doctor), shipped("D106"), reverse("prescription_edit", args=[sheet.pk])
    typed = {"dose": "250ml", "route": "静脉滴注", "frequency": "每日1次", "days": "3"}
    typed |= {"quantity": "3", "drip": "40", "drug": bag.pk, "once": uuid.uuid4(), "together": "1"}

    answer = post_ok(client, url, typed)
    form = client.get(answer.url).context["form"]
    options = client.post(
        reverse("drug_suggest") + f"?sheet={sheet.pk}&group=1", {"q": "lhn"}
    ).content.decode()

    assert sheet.items.get().drip == "40滴/分"
    shown = [form[name].value() for name in ("group", "route", "frequency", "days", "drip")]
    assert shown == ["1", "静脉滴注", "每日1次", "3", "40滴/分"]
    assert 'data-fill-days="3"' in options and 'data-fill-route="静脉滴注"' in options


def test_a_sixth_row_is_taken_where_solvents_are_free_R14(sheet, doctor):
    for n in range(5):
        row(sheet, tablets(generic_name=f"药{n}", ingredients=f"成分{n}"))
    bag = shipped("D106")
    with pytest.raises(RuleBroken):
        row(sheet, bag, dose=Decimal(250), quantity=3, **USAGE)
    Setting.objects.create(key="prescription.solvents_free", value="yes")

    row(sheet, bag, dose=Decimal(250), quantity=3, **USAGE)

    assert sheet.items.count() == 6
