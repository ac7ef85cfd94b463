"""A table of cases about doses, days, routes, rights and pairs (R-15 to R-50, R-166 to R-175).

Written from the rules, one per rule and edge. Each line: what is on the sheet, and exactly which
rules speak.
"""

from dataclasses import replace
from fractions import Fraction

import pytest

from prescriptions.quantity import Pack
from prescriptions.rules.facts import InUse, Prescriber
from tests.prescriptions.plain import (
    TABLETS_30MG,
    TODAY,
    drug,
    keys,
    line,
    on_file,
    sheet,
    spoken,
    tagged,
)

NARCOTICS = Prescriber(narcotic=True, psychotropic_2=True)
AMPOULES = Pack(Fraction(50), "mg", "支", "盒", 10, True, "注射剂")
BOTTLE = Pack(Fraction(2), "g", "瓶", "瓶", 1, False, "口服溶液剂")


# -- doses (R-18, R-20) --

SINGLE = {"max_single": Fraction(60), "max_single_unit": "mg"}
PER_KG = {"max_single_per_kg": Fraction(2), "max_single_unit": "mg"}
DAILY_KG = {"max_daily_per_kg": Fraction(6), "max_daily_unit": "mg"}
DOSES = [
    (SINGLE, {"dose": "2片"}, {}, []),
    (SINGLE, {"dose": "90mg"}, {}, ["dose.single"]),
    (SINGLE, {"dose": "0.09g", "frequency": "prn"}, {}, ["dose.single"]),
    ({**SINGLE, "tags": frozenset({"外用"})}, {"dose": "90mg"}, {}, []),
    (PER_KG, {"dose": "30mg"}, {"age": 14}, []),
    (PER_KG, {"dose": "30mg"}, {"age": 13}, ["weight.missing"]),
    (PER_KG, {"dose": "30mg"}, {"age": 5, "weight": Fraction(15)}, []),
    (PER_KG, {"dose": "30mg"}, {"age": 5, "weight": Fraction("14.9")}, ["dose.single_per_kg"]),
    (DAILY_KG, {"dose": "30mg"}, {"age": 5, "weight": Fraction(15)}, []),
    (DAILY_KG, {"dose": "30mg", "frequency": "qid"}, {"age": 5, "weight": Fraction(15)})
    + (["dose.daily_per_kg"],),
    (PER_KG, {"dose": "5ml"}, {"age": 5, "weight": Fraction(15)}, ["dose.unchecked_by_weight"]),
    ({}, {"dose": "30mg"}, {"age": 5}, []),
]


@pytest.mark.parametrize(("facts", "usage", "patient", "found"), DOSES)
def test_a_dose_at_once_and_by_weight_R18_R20(facts, usage, patient, found):
    assert keys(sheet(line(drug(**facts), **usage), **patient)) == found


@pytest.mark.parametrize(("dose", "found"), [("7.5ml", []), ("8ml", ["dose.single_per_kg"])])
def test_a_liquid_is_compared_by_its_strength_R20(dose, found):
    syrup = drug(pack=BOTTLE, per_ml=(Fraction(20), "mg"), max_single_per_kg=Fraction(10))
    syrup = replace(syrup, max_single_unit="mg")
    child = sheet(line(syrup, dose=dose, computed=None), age=3, weight=Fraction(15))

    assert keys(child) == found


@pytest.mark.parametrize(("dose", "found"), [("30mg", 0), ("60mg", 1)])
def test_two_packs_of_one_ingredient_are_added_up_R180(dose, found):
    usual = {"ingredients": frozenset({"氨溴索"}), "max_daily": Fraction(180)}
    usual |= {"max_daily_unit": "mg", "pack": TABLETS_30MG}
    two = sheet(
        line(drug("甲", 1, **usual), dose="30mg"), line(drug("乙", 2, **usual), key="b", dose=dose)
    )

    assert len(spoken(two, "dose.together")) == found


@pytest.mark.parametrize(("dose", "found"), [("15g", []), ("16g", ["dose.single"])])
def test_a_toxic_piece_above_its_usual_range_asks_R20(dose, found):
    aconite = tagged("附片", "饮片", max_single=Fraction(15), max_single_unit="g")

    assert keys(sheet(line(aconite, dose=dose, frequency="qd", herb_note="先煎"))) == found


# -- for how long (R-24 to) --

COLD = {"storage": "2~8℃冷藏"}
ANTIBIOTIC = {"grade": "非限制使用级"}
PSY = {"control": "第二类精神药品"}
SLOW = {"control": "麻醉药品", "name": "硫酸吗啡缓释片", "number": 2}
AMPOULE = {"control": "麻醉药品", "form": "注射剂", "pack": AMPOULES}
PETHIDINE = {**AMPOULE, "ingredients": frozenset({"哌替啶"})}
DURATIONS = [
    (ANTIBIOTIC, {"days": 14}, ["days.long"]),
    (ANTIBIOTIC, {"days": 15}, ["days.excluded", "days.long"]),
    ({**ANTIBIOTIC, "tags": frozenset({"抗结核"})}, {"days": 28}, ["days.long"]),
    (PSY, {"days": 7}, []),
    (PSY, {"days": 8}, ["days.long"]),
    (PSY, {"days": 15}, ["days.excluded", "days.long"]),
    (COLD, {"days": 14}, ["days.long"]),
    (COLD, {"days": 15}, ["days.long", "days.cold"]),
    ({"control": "麻醉药品"}, {"days": 3}, []),
    ({"control": "麻醉药品"}, {"days": 4}, ["days.narcotic"]),
    ({"control": "第一类精神药品"}, {"days": 8}, ["days.narcotic_most", "days.long"]),
    (SLOW, {"days": 7}, []),
    (SLOW, {"days": 8}, ["days.long", "days.narcotic"]),
    (SLOW, {"days": 16}, ["days.narcotic_most", "days.excluded", "days.long"]),
    (AMPOULE, {"days": 1, "frequency": "st"}, []),
    (AMPOULE, {"days": 1, "frequency": "bid"}, ["days.narcotic"]),
    (AMPOULE, {"days": 4, "frequency": "qd"}, ["days.narcotic_most"]),
    (PETHIDINE, {"days": 1, "frequency": "st"}, []),
    (PETHIDINE, {"days": 1, "frequency": "bid"}, ["days.narcotic_most"]),
]


WITH_FILE = [
    (SLOW, {"days": 15}, ["days.long", "days.excluded"]),
    (SLOW, {"days": 16}, ["days.narcotic_most", "days.excluded", "days.long"]),
    (AMPOULE, {"days": 3, "frequency": "bid"}, []),
    (AMPOULE, {"days": 4, "frequency": "bid"}, ["days.narcotic_most"]),
    ({"control": "麻醉药品"}, {"days": 7}, []),
    (PETHIDINE, {"days": 2, "frequency": "st"}, ["days.narcotic_most"]),
]


@pytest.mark.parametrize(("facts", "usage", "found"), WITH_FILE)
def test_longer_with_a_pain_file_in_force_R25_R26(facts, usage, found):
    facts = sheet(
        line(drug(**facts), **{"dose": "30mg", **usage}),
        prescriber=NARCOTICS,
        has_pain_file=True,
    )

    assert sorted(keys(facts)) == sorted(found)


@pytest.mark.parametrize(("facts", "usage", "found"), DURATIONS)
def test_for_how_long_R24_to_R29_R169(facts, usage, found):
    facts = sheet(line(drug(**facts), **{"dose": "30mg", **usage}), prescriber=NARCOTICS)

    assert keys(facts) == found


@pytest.mark.parametrize(("days", "found"), [(2, 0), (3, 1)])
def test_toxic_drugs_for_two_days_R28(days, found):
    toxic = sheet(line(drug(control="医疗用毒性药品"), days=days))

    assert len(spoken(toxic, "days.toxic")) == found


def test_class_two_psychotropics_ask_even_where_the_site_allows_more_R27():
    long = sheet(line(drug(**PSY), days=10), max_days=14, prescriber=NARCOTICS)

    assert keys(long) == ["days.psychotropic"]


def test_tuberculosis_on_file_lifts_the_bar_for_antimicrobials_R29():
    ill = sheet(line(drug(**ANTIBIOTIC), days=28), conditions=(on_file("A16.2"),))

    assert spoken(ill, "days.") == ["days.long"]


# -- route, vague words, herbal pieces (R-17, R-19, R-21, R-37, R-172) --

MOUTH, MUSCLE, VEIN, DRIP, DISSOLVED = "1", "16", "17", "18", "21"
CHEWED = "4"
ROUTES = [
    ({"form": "片剂", "routes": {MOUTH}}, MOUTH, []),
    ({"form": "片剂", "routes": {MOUTH}}, DRIP, ["route.injected"]),
    ({"form": "片剂", "routes": set()}, MUSCLE, ["route.injected"]),
    ({"form": "颗粒剂", "routes": {MOUTH}}, DISSOLVED, []),
    ({"form": "片剂", "routes": {MOUTH}}, "13", ["route.unlisted"]),
    ({"form": "片剂", "routes": {MOUTH}}, CHEWED, []),
    ({"name": "茶碱缓释片", "number": 2, "routes": {MOUTH}}, CHEWED, ["route.unlisted"]),
    ({"form": "注射剂", "routes": {MUSCLE}}, VEIN, ["route.unlisted"]),
    ({"form": "注射剂", "routes": {MUSCLE, DRIP}}, DRIP, []),
    ({"form": "注射剂", "routes": set()}, DRIP, []),  # nothing coded: nothing is judged
]


@pytest.mark.parametrize(("facts", "route", "found"), ROUTES)
def test_form_and_route_R37(facts, route, found):
    facts = {**facts, "routes": frozenset(facts["routes"])}

    assert spoken(sheet(line(drug(**facts), route=route)), "route.") == found


VAGUE = [
    ({"frequency": "prn", "remark": "遵医嘱"}, ["usage.vague"]),
    ({"frequency": "prn", "remark": "自用"}, ["usage.vague"]),
    ({"frequency": "prn", "remark": "按说明"}, ["usage.vague"]),
    ({"frequency": "prn", "remark": "发热38.5℃以上"}, []),
    ({"frequency": "tid", "remark": "饭后,遵医嘱"}, []),
]


@pytest.mark.parametrize(("usage", "found"), VAGUE)
def test_vague_words_in_place_of_the_usage_R17_R172(usage, found):
    assert keys(sheet(line(**usage))) == found


def test_herbal_pieces_are_written_in_grams_R19():
    assert keys(sheet(line(tagged("黄芪", "饮片"), dose="2袋"))) == ["herb.unit"]


@pytest.mark.parametrize(("remark", "found"), [("", ["herb.note"]), ("后下，5分钟", [])])
def test_how_a_piece_is_boiled_is_noted_R21(remark, found):
    mint = tagged("某叶", "饮片", caution="不宜久煎;脚注:后下")

    assert keys(sheet(line(mint, dose="6g", remark=remark))) == found


def test_injections_of_chinese_medicine_stand_alone_R15():
    injection = drug("丹参注射液", 3, form="注射剂", is_patent=True)

    assert keys(sheet(line(injection))) == []
    assert keys(sheet(line(injection), line(key="b"))) == ["sheet.tcm_injection"]


# -- rights (R-4, R-47 to) --

RESTRICTED = {"grade": "限制使用级"}
TITLES = [("assistant", 1), ("resident", 1), ("attending", 0), ("associate", 0), ("chief", 0)]


@pytest.mark.parametrize(("title", "found"), TITLES)
def test_a_title_limits_the_grade_whatever_was_ticked_R47(title, found):
    who = Prescriber(antibiotic_grade="restricted", title=title)

    assert len(spoken(sheet(line(drug(**RESTRICTED)), prescriber=who), "right.")) == found


EMERGENCIES = [
    ({}, "right.antibiotic"),
    ({"is_emergency": True}, "right.emergency"),
    ({"is_emergency": True, "over_grade_before": True}, "right.emergency_again"),
]


@pytest.mark.parametrize(("facts", "found"), EMERGENCIES)
def test_above_the_grade_once_in_an_emergency_R49_R175(facts, found):
    assert spoken(sheet(line(drug(**RESTRICTED), days=3), **facts), "right.") == [found]


def test_the_special_grade_stays_closed_in_an_emergency_R48():
    special = sheet(line(drug(grade="特殊使用级"), days=3), is_emergency=True)

    assert keys(special) == ["right.special"]


INFUSIONS = [
    (ANTIBIOTIC, DRIP, False, 1),
    (ANTIBIOTIC, VEIN, False, 1),
    (ANTIBIOTIC, DRIP, True, 0),
]
INFUSIONS += [(ANTIBIOTIC, MUSCLE, False, 0), ({}, DRIP, False, 0)]


@pytest.mark.parametrize(("facts", "route", "allowed", "found"), INFUSIONS)
def test_antibiotics_into_a_vein_need_approval_R50(facts, route, allowed, found):
    given = line(drug(form="注射剂", **facts), route=route)

    assert len(spoken(sheet(given, infusion_allowed=allowed), "right.infusion")) == found


def test_narcotics_for_somebody_of_the_doctors_name_ask_R4():
    who = replace(NARCOTICS, is_patient=True)

    assert keys(sheet(line(drug(control="麻醉药品"), days=2), prescriber=who)) == [
        "control.oneself"
    ]


# -- skin tests (R-45, R-171) --


@pytest.mark.parametrize(
    ("hours", "found"),
    [(0, []), (71, []), (72, ["skin_test.interrupted"]), (None, ["skin_test.unproven"])],
)
def test_continued_use_ends_at_72_hours_R171(hours, found):
    penicillin = drug(skin_test="需青霉素皮试")

    assert keys(sheet(line(penicillin, skin_test="continued", hours_since_use=hours))) == found


# -- duplicates, herbs (R-170, R-166) --

STATIN, OTHER_STATIN = tagged("甲", "他汀类", number=1), tagged("乙", "他汀类", number=2)
SUGARS = tagged("丙", "降糖药", number=3), tagged("丁", "降糖药", number=4)
CLASSES = [
    ((STATIN, OTHER_STATIN), ["duplicate.class"]),
    (SUGARS, []),  # an umbrella, no class
    ((STATIN, tagged("乙", "他汀类", "外用", number=2)), []),
    ((tagged("甲", "抗血小板", number=1), tagged("乙", "抗血小板", number=2)), []),
]


@pytest.mark.parametrize(("drugs", "found"), CLASSES)
def test_two_of_one_class_are_a_decision_R170(drugs, found):
    assert keys(sheet(line(drugs[0]), line(drugs[1], key="b"))) == found


def test_a_class_that_is_still_in_use_is_told_R170():
    used = InUse(OTHER_STATIN, 10, TODAY)

    assert keys(sheet(line(STATIN), in_use=(used,))) == ["duplicate.class_in_use"]


def test_a_controlled_drug_that_is_still_in_use_asks_R27_R170():
    pills = drug("艾司唑仑片", 5, **PSY)
    again = sheet(line(pills), in_use=(InUse(pills, 3, TODAY),), prescriber=NARCOTICS)

    assert keys(again) == ["duplicate.controlled"]


@pytest.mark.parametrize(("left", "found"), [(7, "in_use"), (8, "narrow")])
def test_a_narrow_drug_is_not_given_twice_unless_it_is_a_refill_R170(left, found):
    warfarin = tagged("华法林钠片", "窄治疗窗")

    again = sheet(line(warfarin), in_use=(InUse(warfarin, left, TODAY),))

    assert keys(again) == [f"duplicate.{found}"]


HERBS = [
    ("制川乌", "清半夏", True),
    ("附子", "瓜蒌皮", True),
    ("草乌(制)等", "川贝母流浸膏", True),
    ("黑顺片", "白及", True),
    ("甘草浸膏", "海藻", True),
    ("炙甘草", "醋甘遂", True),
    ("甘草", "醋芫花", True),
    ("藜芦", "丹参", True),
    ("藜芦", "赤芍", True),
    ("藜芦", "细辛", True),
    ("硫黄", "芒硝", True),
    ("水银", "砒霜", True),
    ("狼毒", "密陀僧", True),
    ("巴豆霜", "牵牛子", True),
    ("丁香", "醋郁金", True),
    ("芒硝", "三棱", True),
    ("制草乌", "水牛角", True),
    ("人参", "五灵脂", True),
    ("肉桂", "赤石脂", True),
    ("白附子", "半夏", False),  # Typhonium, no aconite
    ("甘草", "丹参", False),
    ("党参", "五灵脂", False),  # the verse names ginseng alone
]


@pytest.mark.parametrize(("one_herb", "other", "opposed"), HERBS)
def test_the_verses_of_18_and_19_opposed_pieces_R166(one_herb, other, opposed):
    first = drug("甲", 1, ingredients=frozenset({one_herb}))
    second = drug("乙", 2, ingredients=frozenset({other, "茯苓"}))

    for pair in ((first, second), (second, first)):
        found = keys(sheet(line(pair[0]), line(pair[1], key="b")))
        assert found == (["interaction.herbs"] if opposed else [])


def test_a_patent_medicine_still_in_use_opposes_a_piece_R37():
    used = InUse(drug("小柴胡颗粒", 9, ingredients=frozenset({"姜半夏", "柴胡"})), 3, TODAY)
    aconite = tagged("附片(黑顺片)", "饮片", ingredients=frozenset({"附子"}))

    piece = line(aconite, dose="9g", herb_note="先煎")

    assert keys(sheet(piece, in_use=(used,))) == ["interaction.herbs"]


# -- what a person judges (1.6) --

INDICATIONS = [
    (ANTIBIOTIC, "J20.9", 0),
    (ANTIBIOTIC, "J06.9", 1),  # a cold is no indication
    (ANTIBIOTIC, "B34.9", 1),
    (ANTIBIOTIC, "N39.0", 0),
    ({**ANTIBIOTIC, "tags": frozenset({"外用"})}, "J06.9", 0),
    ({"tags": frozenset({"降压"})}, "I10", 0),
    ({"tags": frozenset({"降压"})}, "J06.9", 1),
    ({"tags": frozenset({"降糖药"})}, "E11.9", 0),
    ({}, "J06.9", 0),
]


@pytest.mark.parametrize(("facts", "code", "found"), INDICATIONS)
def test_a_drug_without_a_fitting_diagnosis_is_pointed_at(facts, code, found):
    seen = sheet(line(drug(**facts)), conditions=(on_file(code),))

    assert len(spoken(seen, "indication.missing")) == found


def test_two_antibiotics_are_pointed_at():
    both = sheet(line(drug("甲", 1, **ANTIBIOTIC)), line(drug("乙", 2, **ANTIBIOTIC), key="b"))

    assert keys(both) == ["combination.antibiotics"]


def test_an_essential_drug_of_the_same_kind_is_pointed_at_R51():
    assert keys(sheet(line(essential_instead="头孢呋辛酯片"))) == ["essential.first"]
