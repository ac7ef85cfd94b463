"""Creating, changing, checking, stopping and classifying a drug."""

from datetime import date

import pytest
from django.utils import timezone

from clinic.core.errors import AlreadyDone, RuleBroken
from pharmacy import catalogue, drugs
from pharmacy.models import ControlClass, Drug
from pharmacy.numbers import doubts
from tests.factories.pharmacy import DrugFactory, in_days, stocked_drug

pytestmark = pytest.mark.django_db
FACTS = {
    "generic_name": "布洛芬缓释胶囊", "category": "西药", "dosage_form": "胶囊",
    "strength": "0.3g/粒", "pack_spec": "0.3g×20粒/盒", "pack_unit": "盒", "base_unit": "粒",
    "units_per_pack": 20, "routes": "口服", "rx": "OTC甲", "maker": "中美史克", "price": 12,
}  # fmt: skip
OPTIONS = {"control", "control_since", "replaces", "stop_old", "anyway"}


def create(by, **more):
    options = {name: more.pop(name) for name in OPTIONS & set(more)}
    return drugs.create_drug(facts={**FACTS, **more}, by=by, **options)


def change(drug, by, **facts):
    return drugs.change_drug(drug=drug, facts=facts, seen=drug.changed_at, by=by)


def test_a_new_drug_gets_code_pinyin_and_initials_and_is_unchecked_R157(pharmacist):
    drug = create(pharmacist)

    assert (drug.code, drug.initials) == ("D001", "BLFHSJN")
    assert drug.pinyin == "BULUOFENHUANSHIJIAONANG"
    assert not drug.verified
    assert [hit.pk for hit in catalogue.search_drugs("buluofen")] == [drug.pk]


def test_codes_that_are_taken_are_passed_over(pharmacist):
    for code in ("D001", "D002", "D004"):
        DrugFactory(code=code)

    assert [create(pharmacist, maker=maker).code for maker in "甲乙"] == ["D003", "D005"]


def test_a_written_code_that_is_taken_is_refused(pharmacist):
    DrugFactory(code="X1")

    with pytest.raises(RuleBroken) as refused:
        create(pharmacist, code="X1")

    assert refused.value.field == "code"


def test_the_same_name_strength_pack_and_maker_is_asked_about_once_R122(pharmacist):
    first = create(pharmacist)

    with pytest.raises(drugs.Alike) as refused:
        create(pharmacist)
    second = create(pharmacist, anyway=True)
    other = create(pharmacist, maker="另一家")

    assert refused.value.drugs == [first]
    assert len({first.pk, second.pk, other.pk}) == 3


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"lower_limit": 10, "upper_limit": 5}, "upper_limit"),
        ({"content": 1}, "content_unit"),
        ({"max_daily_per_kg": 1}, "max_daily_unit"),
    ],
)
def test_facts_that_contradict_each_other_are_refused(pharmacist, facts, field):
    with pytest.raises(RuleBroken) as refused:
        create(pharmacist, **facts)

    assert refused.value.field == field
    assert not Drug.objects.exists()


@pytest.mark.parametrize("fact", [{"generic_name": "别的"}, {"maker": "别家"}, {"price": 99}])
def test_identity_and_price_of_a_used_drug_stay_R122(pharmacist, fact):
    used, unused = stocked_drug(24), DrugFactory()

    with pytest.raises(RuleBroken):
        change(used, pharmacist, **fact)
    change(unused, pharmacist, **fact)

    name, value = next(iter(fact.items()))
    assert getattr(Drug.objects.get(pk=unused.pk), name) == value
    assert getattr(Drug.objects.get(pk=used.pk), name) != value


def test_the_antibiotic_grade_of_a_used_drug_can_be_changed_R46(pharmacist):
    drug = change(stocked_drug(24), pharmacist, antibiotic_grade="限制使用级")

    assert Drug.objects.get(pk=drug.pk).antibiotic_grade == "限制使用级"


def test_a_stale_form_does_not_undo_what_somebody_else_wrote(pharmacist, storekeeper):
    drug = DrugFactory(shelf="A1")
    seen = drug.changed_at
    change(drug, storekeeper, shelf="B2")

    with pytest.raises(RuleBroken):
        drugs.change_drug(drug=drug, facts={"shelf": "C3"}, seen=seen, by=pharmacist)

    assert Drug.objects.get(pk=drug.pk).shelf == "B2"


def test_only_a_pharmacist_checks_a_drug_R157(pharmacist, storekeeper):
    drug = DrugFactory()

    with pytest.raises(RuleBroken):
        drugs.check_drug(drug=drug, seen=drug.changed_at, by=storekeeper)
    checked = drugs.check_drug(drug=drug, seen=drug.changed_at, by=pharmacist)

    assert (checked.verified, checked.verified_by) == (True, pharmacist)
    with pytest.raises(AlreadyDone):
        drugs.check_drug(drug=drug, seen=None, by=pharmacist)


def test_what_changed_after_the_page_came_is_not_checked_R157(pharmacist):
    drug = DrugFactory()
    seen = drug.changed_at
    change(drug, pharmacist, max_daily_words="4g")

    with pytest.raises(RuleBroken):
        drugs.check_drug(drug=drug, seen=seen, by=pharmacist)


def test_a_changed_fact_must_be_checked_again_and_a_changed_shelf_need_not_R157(pharmacist):
    drug = drugs.check_drug(drug=DrugFactory(), seen=None, by=pharmacist)

    assert change(drug, pharmacist, shelf="Z9").verified
    drug.refresh_from_db()
    changed = change(drug, pharmacist, skin_test="需青霉素皮试")
    assert (changed.verified, changed.verified_by) == (False, None)


def test_stop_and_create_anew_links_the_two_R122(pharmacist):
    old = stocked_drug(24, generic_name="布洛芬缓释胶囊")

    new = create(pharmacist, replaces=old, stop_old=True)

    old.refresh_from_db()
    assert (new.replaces, list(old.replaced_by.all())) == (old, [new])
    assert not old.active
    assert new.code in old.stop_reason
    assert not catalogue.is_used(new)


def test_a_successor_is_no_use_of_the_drug_itself(pharmacist):
    old = DrugFactory()
    create(pharmacist, replaces=old)

    assert not catalogue.is_used(old)


def test_a_drug_is_stopped_with_a_reason_and_started_again(pharmacist):
    drug = DrugFactory(generic_name="停用试验")

    with pytest.raises(RuleBroken):
        drugs.stop_drug(drug=drug, reason=" ", by=pharmacist)
    drugs.stop_drug(drug=drug, reason="厂家停产", by=pharmacist)

    assert catalogue.search_drugs("停用试验") == []
    with pytest.raises(AlreadyDone):
        drugs.stop_drug(drug=drug, reason="又", by=pharmacist)
    restarted = drugs.restart_drug(drug=drug, by=pharmacist)
    assert (restarted.active, restarted.stop_reason) == (True, "")


def add_class(drug, name, since, by):
    return drugs.add_control_class(drug=drug, name=name, since=since, note="", by=by)


def test_a_control_class_is_a_row_from_a_day_on_and_never_overwritten_R53(pharmacist):
    drug = DrugFactory()

    add_class(drug, "第二类精神药品", date(2024, 7, 1), pharmacist)
    add_class(drug, "无", in_days(30), pharmacist)

    assert [row.name for row in drug.control_classes.all()] == ["第二类精神药品", "无"]
    assert drug.control_class_on(date(2024, 6, 30)) == ""
    assert drug.control_class_on(timezone.localdate()) == "第二类精神药品"
    assert drug.control_class_on(in_days(30)) == ""


@pytest.mark.parametrize(
    ("name", "day"), [("麻醉药品", date(2024, 7, 1)), ("第二类精神药品", date(2025, 1, 1))]
)
def test_neither_a_second_class_on_one_day_nor_the_same_again(pharmacist, name, day):
    drug = DrugFactory()
    add_class(drug, "第二类精神药品", date(2024, 7, 1), pharmacist)

    with pytest.raises(RuleBroken):
        add_class(drug, name, day, pharmacist)

    assert ControlClass.objects.count() == 1


@pytest.mark.parametrize(
    ("approval", "insurance", "count"),
    [
        ("国药准字H20013106", "", 0),
        ("国药准字ｈ20013106", "XJ01CAA040A001010100001", 0),
        ("国药准字HJ20160123", "", 0),
        ("H20160123", "", 0),
        ("国药准字H2001310", "", 1),
        ("国药准字Q20013106", "123", 2),
        ("", "", 0),
    ],
)
def test_numbers_that_look_wrong_are_doubted_R55(approval, insurance, count):
    assert len(doubts(approval, insurance)) == count
