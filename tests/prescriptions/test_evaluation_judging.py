"""Which of the 28 items a finished sheet shows; written from section 1.6, without a database."""

from dataclasses import replace
from datetime import date

import pytest

from prescriptions.evaluation.facts import Past, PastLine, Seen
from prescriptions.evaluation.judging import POINTED_AT, SIGNED, judge
from prescriptions.rules.items import ITEMS
from prescriptions.rules.table import RULES

HEAD = {
    "name": "王建国",
    "sex": "男",
    "age": "40岁",
    "department": "全科",
    "date": "2026-11-20",
    "doctor": "林海生",
    "diagnoses": [["J20.9", "急性支气管炎"]],
    "allergies": {"status": "denied"},
}
FAULTLESS = Past(head=HEAD, lines=(PastLine("a"), PastLine("b")), birth_date=date(1986, 1, 1))
INFANT = {"birth_date": date(2026, 3, 1)}


def seen(rule, level, *, signed=False):
    return {"seen": (Seen(rule, ("a",), level, signed, "说明"),)}


def head(**values):
    return {"head": {**HEAD, **values}}


def lines(*rows):
    return {"lines": tuple(PastLine(str(n), **row) for n, row in enumerate(rows))}


# (what is different from a faultless sheet, the decided items, those for a person)
CASES = {
    "nothing": ({}, [], []),
    "no name on it": (head(name=""), ["1-1"], []),
    "nothing on it": ({"lines": ()}, ["1-1"], []),
    "allergies not asked": (head(allergies={"status": "not_asked"}), ["1-1"], []),
    "handed in by another": ({"is_signed_by_prescriber": False}, ["1-2"], []),
    "no reviewer": ({"has_reviewer": False}, ["1-3"], []),
    "no dispenser": ({"has_dispensers": False}, ["1-3"], []),
    "never handed out": ({"has_dispensers": False, "was_dispensed": False}, [], []),
    "an infant in years": ({**head(age="0岁"), **INFANT}, ["1-4"], []),
    "an infant in months": ({**head(age="8月19天"), **INFANT}, [], []),
    "a child of one year": ({**head(age="1岁"), "birth_date": date(2025, 11, 20)}, [], []),
    "herbs beside tablets": (lines({"is_herb": True}, {}), ["1-5"], []),
    "herbs alone": (lines(*[{"is_herb": True}] * 9), [], []),
    "no drug name": (lines({"name": ""}), ["1-6"], []),
    "no unit": (lines({"dose_unit": ""}), ["1-7"], []),
    "unknown frequency": (lines({"frequency": "??"}), ["1-8"], []),
    "overdose unsigned": (seen("dose.maximum", 2), ["1-9"], []),
    "overdose signed": (seen("dose.maximum", 2, signed=True), [], ["2-5"]),
    "no diagnosis": (head(diagnoses=[]), ["1-10"], []),
    "six drugs": (lines(*[{}] * 6), ["1-11"], []),
    "five drugs": (lines(*[{}] * 5), [], []),
    "ten days without reason": (seen("days.long", 2), ["1-12"], []),
    "ten days signed": (seen("days.long", 2, signed=True), [], []),
    "ten days with its reason": ({**seen("days.long", 2), "long_reason": "chronic"}, [], []),
    "narcotic on white paper": (lines({"control": "narcotic"}), ["1-13"], []),
    "narcotic on its paper": ({**lines({"control": "narcotic"}), "kind": "narcotic"}, [], []),
    "no right": (seen("right.antibiotic", 1), ["1-14"], []),
    "emergency above the right": (seen("right.emergency", 2, signed=True), [], ["1-14"]),
    "herb without its note": (seen("herb.note", 3), ["1-15"], []),
    "no indication": (seen("indication.missing", 3), [], ["2-1"]),
    "allergy signed": (seen("allergy.recorded", 2, signed=True), [], ["2-2"]),
    "allergy not signed": (seen("allergy.recorded", 2), ["2-2"], []),
    "route signed": (seen("route.unlisted", 2, signed=True), [], ["2-3"]),
    "essential one there": (seen("essential.first", 3), [], ["2-4"]),
    "two antibiotics": (seen("combination.antibiotics", 3), [], ["2-6"]),
    "duplicate signed": (seen("duplicate.ingredient", 2, signed=True), [], ["2-7"]),
    "pair signed": (seen("interaction.serious", 2, signed=True), [], ["2-8"]),
    "same class signed": (seen("duplicate.class", 2, signed=True), [], ["3-4"]),
    "a quiet note": (seen("contra.elderly.caution", 3), [], []),
    "insisted": ({"insisted": (("2-5", "剂量偏大"), ("2-9", ""))}, [], ["2-5", "2-9"]),
}


@pytest.mark.parametrize(("change", "decided", "open_"), CASES.values(), ids=CASES)
def test_a_sheet_shows_these_items(change, decided, open_):
    found = judge(replace(FAULTLESS, **change))

    assert sorted({v.code for v in found if v.decided}) == decided
    assert sorted({v.code for v in found if not v.decided}) == open_


def test_every_item_named_is_one_of_the_28_and_every_rule_named_exists():
    numbers = {item.number for item in ITEMS}

    assert set(SIGNED.values()) | set(POINTED_AT.values()) <= numbers
    assert set(POINTED_AT) <= set(RULES)
    assert all(any(key.startswith(start) for key in RULES) for start in SIGNED)
    for key in RULES:
        for level, signed in ((1, False), (2, False), (2, True), (3, False)):
            for verdict in judge(replace(FAULTLESS, **seen(key, level, signed=signed))):
                assert verdict.code in numbers
