"""Duplicates and interactions (R-157, R-166, R-170, R-180)."""

from datetime import date

import pytest

from prescriptions.rules.facts import InUse, Pair
from prescriptions.rules.sources import of_pair
from tests.prescriptions.plain import drug, keys, line, one, sheet, tagged

SIMVASTATIN = drug("辛伐他汀片", 1, ingredients=frozenset({"辛伐他汀"}), tags=frozenset({"他汀类"}))
CLARITHROMYCIN = drug(
    "克拉霉素片", 2, ingredients=frozenset({"克拉霉素"}), tags=frozenset({"大环内酯类", "QT延长"})
)
ASPIRIN = drug("阿司匹林片", 3, ingredients=frozenset({"阿司匹林"}), tags=frozenset({"NSAID"}))
IBUPROFEN = drug("布洛芬片", 4, ingredients=frozenset({"布洛芬"}), tags=frozenset({"NSAID"}))


def pair(severity, a=("ingredient", "辛伐他汀"), b=("ingredient", "克拉霉素"), effect="横纹肌溶解"):
    return Pair("I021", a, b, severity, effect, "停他汀或换抗菌药")


def both(one_drug, two_drug, *pairs, **facts):
    return sheet(line(one_drug, key="a"), line(two_drug, key="b", rank=2), pairs=pairs, **facts)


@pytest.mark.parametrize(
    ("severity", "found"),
    [
        ("禁忌", "interaction.forbidden"),
        ("严重", "interaction.serious"),
        ("注意", "interaction.caution"),
        ("其他", "interaction.caution"),
    ],
)
def test_the_severity_of_a_pair_decides_R166(severity, found):
    assert keys(both(SIMVASTATIN, CLARITHROMYCIN, pair(severity))) == [found]


def test_a_pair_is_found_in_either_order():
    assert keys(both(CLARITHROMYCIN, SIMVASTATIN, pair("禁忌"))) == ["interaction.forbidden"]


def test_herb_pairs_are_a_decision_even_where_marked_forbidden_R166():
    herbs = pair("禁忌", effect="十八反:半夏反乌头(附子、川乌、草乌)")

    assert keys(both(SIMVASTATIN, CLARITHROMYCIN, herbs)) == ["interaction.herbs"]


def test_equal_tags_mean_two_different_drugs_R180():
    same = pair("严重", ("class_tag", "NSAID"), ("class_tag", "NSAID"))

    assert keys(sheet(line(ASPIRIN), pairs=(same,))) == []
    assert keys(both(ASPIRIN, IBUPROFEN, same)) == ["interaction.serious"]


def test_topical_drugs_take_no_part_in_systemic_pairs_R180():
    cream = drug("双氯芬酸乳膏", 5, tags=frozenset({"NSAID", "外用"}))
    same = pair("严重", ("class_tag", "NSAID"), ("class_tag", "NSAID"))

    assert keys(both(ASPIRIN, cream, same)) == []


def test_the_number_of_the_pair_is_told_as_its_source_R43():
    found = one(both(SIMVASTATIN, CLARITHROMYCIN, pair("禁忌")), "interaction.forbidden")

    assert found.basis == "R-166 " + of_pair("I021", checked=False)
    assert found.why == "停他汀或换抗菌药"


def test_a_drug_still_in_use_counts_R170():
    used = InUse(SIMVASTATIN, 14, date(2026, 11, 9))
    facts = sheet(line(CLARITHROMYCIN), pairs=(pair("禁忌"),), in_use=(used,))

    assert keys(facts) == ["interaction.forbidden"]


def test_the_same_ingredient_twice_is_a_decision_R170():
    retard = drug("布洛芬缓释胶囊", 6, ingredients=frozenset({"布洛芬"}))

    assert keys(both(IBUPROFEN, retard)) == ["duplicate.ingredient"]


def test_the_same_drug_twice_is_a_decision_R170():
    assert keys(both(IBUPROFEN, IBUPROFEN)) == ["duplicate.ingredient"]


def test_a_cream_of_the_same_ingredient_is_no_duplicate_R180():
    cream = drug("布洛芬乳膏", 6, ingredients=frozenset({"布洛芬"}), tags=frozenset({"外用"}))

    assert keys(both(IBUPROFEN, cream)) == []


def test_what_is_left_of_the_last_supply_is_a_note_R170():
    used = InUse(IBUPROFEN, 14, date(2026, 11, 9))

    assert keys(sheet(line(IBUPROFEN), in_use=(used,))) == ["duplicate.in_use"]


def test_a_second_herbal_sheet_of_a_day_gets_one_note_for_all_its_pieces_R170():
    herbs = [drug(name, n, ingredients=frozenset({name})) for n, name in enumerate("甲乙丙", 11)]
    lines = [line(of, key=of.name, rank=of.id) for of in herbs]
    used = tuple(
        InUse(of, days, date(2026, 11, 9)) for of, days in zip(herbs, (3, 7, 5), strict=True)
    )

    found = one(sheet(*lines, in_use=used, is_herbal=True, herb_doses=7), "duplicate.in_use")

    assert found.values["drug"] == "甲、乙、丙" and found.values["days"] == 7
    assert found.lines == ("甲", "乙", "丙")


def test_a_compound_drug_does_not_interact_with_itself():
    odd = drug("复方", 7, ingredients=frozenset({"辛伐他汀", "克拉霉素"}))

    assert keys(sheet(line(odd), pairs=(pair("禁忌"),))) == []


@pytest.mark.parametrize(
    ("tag", "one", "two", "found"),
    [
        ("硝酸酯类", "prn", "bid", []),
        ("硝酸酯类", "bid", "bid", ["duplicate.class"]),
        ("硝酸酯类", "prn", "prn", ["duplicate.class"]),
        ("他汀类", "prn", "qd", ["duplicate.class"]),
    ],
)
def test_one_against_attacks_beside_the_daily_one_is_a_usual_treatment_R43(tag, one, two, found):
    first, second = tagged("甲", tag, number=1), tagged("乙", tag, number=2)

    both_lines = line(first, key="a", frequency=one), line(second, key="b", frequency=two)

    assert keys(sheet(*both_lines)) == found
