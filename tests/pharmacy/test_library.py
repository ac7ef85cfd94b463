"""Loading the shipped library: once, and never over what the clinic changed."""

from datetime import date
from decimal import Decimal

import pytest

from pharmacy.library import load_drug_library, load_interactions
from pharmacy.models import ControlClass, Drug, DrugWord, Interaction

pytestmark = pytest.mark.django_db


def test_all_143_drugs_are_loaded_unchecked_R157():
    created = load_drug_library()

    assert created == 143
    assert Drug.objects.filter(verified=False, active=True).count() == 143


def test_facts_arrive_in_their_fields():
    load_drug_library()

    drug = Drug.objects.get(code="D001")
    assert (drug.generic_name, drug.initials, drug.initials_short) == (
        "阿莫西林胶囊",
        "AMXLJN",
        "AMXL",
    )
    assert (drug.content, drug.content_unit, drug.units_per_pack) == (Decimal("0.25"), "g", 24)
    assert (drug.max_daily, drug.max_daily_unit) == (Decimal(4), "g")
    assert (drug.price, drug.divisible, drug.allergy_groups) == (Decimal("9.60"), True, "PCN")
    assert drug.full_clean() is None


def test_where_the_number_is_not_known_it_stays_empty_R157():
    load_drug_library()

    assert Drug.objects.filter(content=None).count() == 30
    assert Drug.objects.filter(max_daily=None).count() == 50


def test_control_classes_are_dated_R53():
    load_drug_library()

    row = ControlClass.objects.get(note="2024-07-01起列入")
    assert row.name == "第二类精神药品"
    assert row.drug.control_class_on(date(2024, 6, 30)) == ""
    assert row.drug.control_class_on(date(2024, 7, 1)) == "第二类精神药品"


def test_a_limit_on_the_sale_of_an_uncontrolled_drug_is_kept_as_a_note():
    load_drug_library()

    noted = ControlClass.objects.filter(name=ControlClass.NONE)
    assert noted
    assert all(row.note and row.drug.control_class_on(date(2026, 1, 1)) == "" for row in noted)


def test_loading_again_changes_nothing_and_keeps_what_was_corrected():
    load_drug_library()
    drug = Drug.objects.get(code="D001")
    drug.price, drug.verified = Decimal("12.34"), True
    drug.save()

    created = load_drug_library()

    drug.refresh_from_db()
    assert created == 0
    assert (drug.price, drug.verified) == (Decimal("12.34"), True)
    assert ControlClass.objects.filter(drug=drug).count() == 0


def test_a_missing_drug_comes_back():
    load_drug_library()
    DrugWord.objects.filter(drug__code="D143").delete()
    Drug.objects.get(code="D143").delete()

    assert load_drug_library() == 1


def test_all_129_pairs_are_loaded_once():
    first, second = load_interactions(), load_interactions()

    assert (first, second) == (129, 0)
    pair = Interaction.objects.get(number="I001")
    assert (pair.a_value, pair.b_value, pair.severity) == ("ACEI", "保钾利尿", "严重")
