"""Allergies against drugs (R-43, R-44, R-166, R-171, R-176)."""

from datetime import timedelta

import pytest

from tests.prescriptions.plain import (
    CAPSULES,
    TODAY,
    allergy,
    amoxicillin,
    drug,
    keys,
    line,
    one,
    sheet,
)

CEPHALEXIN = drug(
    "头孢氨苄胶囊",
    8,
    pack=CAPSULES,
    ingredients=frozenset({"头孢氨苄"}),
    groups=frozenset({"CEPH"}),
    grade="非限制使用级",
)


def of(drug_facts, *allergies, **facts):
    return keys(sheet(line(drug_facts), allergies=allergies, **facts))


def test_nothing_is_prescribed_while_allergies_were_not_asked_R44():
    assert keys(sheet(allergy_status="not_asked")) == ["allergy.not_asked"]


def test_a_severe_allergy_of_the_same_group_blocks_R43():
    found = one(sheet(line(amoxicillin()), allergies=(allergy(),)), "allergy.severe")

    assert found.level == 1
    assert found.values["who"] == "苏晓雯"
    assert found.values["date"] == "2019-04-11"


def test_a_mild_allergy_of_the_same_group_asks_for_a_reason_R166():
    assert of(amoxicillin(), allergy(severe=False)) == ["allergy.recorded"]


def test_another_group_is_silent():
    assert of(drug(), allergy()) == []


def test_membership_comes_from_the_groups_list_too_R176():
    bare = amoxicillin(groups=frozenset())

    assert of(bare, allergy()) == ["allergy.severe"]


def test_membership_comes_from_the_name_where_ingredients_are_missing_R176():
    bare = drug("注射用青霉素钠", 9, ingredients=frozenset())

    assert of(bare, allergy()) == ["allergy.severe"]


def test_a_free_text_that_names_the_ingredient_counts_R176():
    free = allergy(group="", substance="氨溴索")
    ambroxol = drug(ingredients=frozenset({"氨溴索"}))

    assert of(ambroxol, free) == ["allergy.severe"]


@pytest.mark.parametrize("words", ["", "片", "花粉"])
def test_a_free_text_of_something_else_is_silent(words):
    assert of(drug(ingredients=frozenset({"氨溴索"})), allergy(group="", substance=words)) == []


def test_a_topical_drug_of_the_group_blocks_as_well_R43():
    ointment = amoxicillin(tags=frozenset({"外用"}))

    assert of(ointment, allergy()) == ["allergy.severe"]


def test_a_severe_allergy_makes_a_cross_reaction_a_decision_R45():
    assert of(CEPHALEXIN, allergy()) == ["allergy.cross_severe"]


def test_a_mild_allergy_makes_a_cross_reaction_a_note():
    assert of(CEPHALEXIN, allergy(severe=False)) == ["allergy.cross"]


def test_an_unknown_drug_is_a_decision_for_antibiotics_R171():
    assert of(amoxicillin(), allergy("UNKNOWN", "药名不详")) == ["allergy.unknown"]


def test_an_unknown_drug_is_a_decision_for_nsaids_R171():
    ibuprofen = drug("布洛芬", 5, tags=frozenset({"NSAID"}))

    assert of(ibuprofen, allergy("UNKNOWN", "药名不详")) == ["allergy.unknown"]


def test_an_unknown_drug_is_a_note_for_all_others_R171():
    assert of(drug(), allergy("UNKNOWN", "药名不详")) == ["allergy.unknown_note"]


@pytest.mark.parametrize(("days", "found"), [(180, []), (181, ["allergy.old"])])
def test_an_answer_older_than_180_days_is_noted_R44(days, found):
    asked = TODAY - timedelta(days=days)

    assert keys(sheet(allergy_confirmed_on=asked)) == found


def test_an_answer_that_only_stood_on_papers_is_noted_R44():
    assert keys(sheet(allergy_from_papers=True)) == ["allergy.papers"]


def test_an_alternative_is_looked_for_when_an_allergy_blocks_R43():
    found = one(sheet(line(amoxicillin()), allergies=(allergy(),)), "allergy.severe")

    assert found.rule.offers_alternative
