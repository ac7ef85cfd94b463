"""A dose as people write it, and the library's usual usage (R-17, R-19, R-157)."""

import csv
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from prescriptions.doses import (
    Dose,
    convert,
    number_text,
    parse_dose,
    usual_days,
    usual_dose,
    usual_frequency,
    usual_remark,
    usual_route,
)

DRUGS = Path(__file__).resolve().parents[2] / "pharmacy" / "data" / "drugs.csv"


@pytest.mark.parametrize(
    ("typed", "amount", "unit"),
    [
        ("0.5g", "0.5", "g"),
        ("0.5 g", "0.5", "g"),
        ("０．５ｇ", "0.5", "g"),
        ("2粒", "2", "粒"),
        ("250MG", "250", "mg"),
        ("100ug", "100", "μg"),
        ("100µg", "100", "μg"),
        ("80万单位", "80", "万单位"),
        ("10ML", "10", "ml"),
        ("1500iu", "1500", "IU"),
        ("8U", "8", "单位"),
        ("1滴", "1", "滴"),
    ],
)
def test_a_number_and_a_unit_make_a_dose_R19(typed, amount, unit):
    assert parse_dose(typed) == Dose(Decimal(amount), unit)


@pytest.mark.parametrize(
    "typed",
    ["", "0.5", "g", "0g", "-1g", "1e5g", "遵医嘱", "自用", "按说明", "2个", "1/2片", "0.12345g"]
    + ["9999999g", "1.2.3g", "<b>1g</b>", "1g; DROP TABLE", "😀g", "½片", "١g", "1g2g"],
)
def test_what_is_no_dose_is_refused_R17(typed):
    assert parse_dose(typed) is None


def test_as_much_as_needed_is_a_dose_of_its_own_R172():
    assert parse_dose("适量").is_as_needed
    assert str(parse_dose("适量")) == "适量"


@pytest.mark.parametrize(
    ("number", "text"),
    [(Decimal("0.5000"), "0.5"), (Decimal(2), "2"), (Fraction(1, 3), "0.3333"), (10, "10")]
    + [(Decimal("1000000"), "1000000"), (Decimal("0.25"), "0.25")],
)
def test_numbers_are_written_without_idle_zeros(number, text):
    assert number_text(number) == text


@pytest.mark.parametrize(
    ("amount", "unit", "to", "result"),
    [
        (1, "g", "mg", Fraction(1000)),
        (500, "mg", "g", Fraction(1, 2)),
        (100, "μg", "mg", Fraction(1, 10)),
        (1, "万单位", "单位", Fraction(10000)),
        (1, "L", "ml", Fraction(1000)),
        (1, "g", "ml", None),
        (1, "IU", "单位", None),
        (1, "片", "粒", None),
        (3, "片", "片", Fraction(3)),
    ],
)
def test_only_units_of_one_kind_convert(amount, unit, to, result):
    assert convert(Fraction(amount), unit, to) == result


@pytest.mark.parametrize(
    ("text", "dose"),
    [("0.25~0.5g", "0.25g"), ("1.4g(4粒)", "1.4g"), ("2~4粒", "2粒"), ("适量", "适量")]
    + [("100~200μg(1~2揿)", "100μg"), ("4~6丸(急性10~15丸)", "4丸")],
)
def test_the_smaller_usual_dose_is_proposed(text, dose):
    assert str(usual_dose(text)) == dose


@pytest.mark.parametrize("text", ["", "按体重5~10mg/kg", "按说明书", "按血糖(单位)", "按年龄2~6g"])
def test_no_dose_is_proposed_without_plain_numbers_R157(text):
    assert usual_dose(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [("q6h~q8h", "q8h"), ("qd,连用3日", "qd"), ("bid×5日", "bid"), ("tid或qn", "qn")]
    + [("单次", "st"), ("单次~qd", "qd"), ("qd或单次", "qd"), ("日1剂", "qd"), ("每日5次", "5x/d")],
)
def test_the_rarer_usual_frequency_is_proposed(text, code):
    assert usual_frequency(text).code == code


def test_free_words_are_no_frequency():
    assert usual_frequency("3~5次/日") is None


@pytest.mark.parametrize(
    ("text", "route", "remark"),
    [("口服(餐后)", "口服", "餐后"), ("肌内注射/静脉滴注", "肌内注射", "")]
    + [("皮下/肌内注射", "皮下注射", ""), ("口服或含化", "口服", "")]
    + [("肌内注射(过敏性休克)", "肌内注射", "")],
)
def test_route_and_remark_are_read_from_the_library(text, route, remark):
    assert usual_route(text).name == route
    assert usual_remark(text) == remark


def test_the_usual_length_of_a_course_is_read_where_it_stands():
    assert usual_days("qd,连用3日") == 3
    assert usual_days("bid×5日") == 5
    assert usual_days("tid") is None


def test_most_of_the_library_has_a_usual_usage_and_none_makes_trouble():
    with DRUGS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    whole = [
        row
        for row in rows
        if usual_dose(row["adult_single_dose"])
        and usual_frequency(row["frequency"])
        and usual_route(row["route"])
    ]

    assert len(whole) >= 130
