"""Allergy groups and code sets shipped for the patient file."""

import csv
import re
from pathlib import Path

import pytest
from django.utils.translation import override

from patients import codes as values

DATA = Path(__file__).resolve().parents[2] / "patients" / "data"
ALLERGY_GROUPS = DATA / "allergy_groups.csv"
CODES = DATA / "codes.csv"


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def groups():
    return read(ALLERGY_GROUPS)


@pytest.fixture(scope="module")
def codes():
    sets = {}
    for row in read(CODES):
        sets.setdefault(row["code_set"], {})[row["code"]] = row["meaning"]
    return sets


@pytest.mark.parametrize("path", [ALLERGY_GROUPS, CODES])
def test_file_has_no_byte_order_mark_and_unix_line_ends(path):
    raw = path.read_bytes()

    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert raw.endswith(b"\n")


def test_headers_are_the_documented_ones(groups):
    assert ",".join(groups[0]) == (
        "group_code,group_name,members,cross_reactivity,default_action,note,free_text_synonyms,basis"
    )
    assert ",".join(read(CODES)[0]) == "code_set,code,meaning,english,status"


def test_group_codes_are_unique_upper_case_names(groups):
    group_codes = [row["group_code"] for row in groups]

    assert len(group_codes) == len(set(group_codes)) == 26
    assert all(re.fullmatch(r"[A-Z_]+", code) for code in group_codes)


@pytest.mark.parametrize("column", ["group_name", "members", "cross_reactivity"])
def test_group_columns_are_filled(groups, column):
    blank = [row["group_code"] for row in groups if not row[column].strip()]

    assert blank == []


def test_group_actions_are_known_ones(groups):
    assert {row["default_action"] for row in groups} == {"阻断", "警告", "提示"}
    assert {row["basis"] for row in groups} == {"待核"}


def test_penicillin_group_blocks_and_names_amoxicillin_R166(groups):
    penicillins = next(row for row in groups if row["group_code"] == "PCN")

    assert penicillins["default_action"] == "阻断"
    assert {"青霉素", "阿莫西林"} <= set(penicillins["members"].split(";"))


def test_unknown_drug_allergy_can_be_recorded_R44(groups):
    assert "UNKNOWN" in {row["group_code"] for row in groups}


def test_codes_are_unique_within_their_set():
    pairs = [(row["code_set"], row["code"]) for row in read(CODES)]

    assert len(pairs) == len(set(pairs))
    assert all(all(row.values()) for row in read(CODES))


@pytest.mark.parametrize(
    ("code_set", "count"),
    [
        ("sex", 4),
        ("id_type", 12),
        ("payment", 8),
        ("fee_category", 6),
        ("relation", 8),
        ("ethnic", 58),
        ("marital", 8),
        ("occupation", 9),
        ("education", 10),
        ("abo", 5),
        ("rh", 3),
        ("residence", 2),
        ("drug_allergy", 5),
        ("marital_form", 5),
        ("past_disease", 13),
        ("family_disease", 12),
        ("disability", 8),
        ("htn_symptom", 9),
        ("dm_symptom", 9),
        ("visit_class", 4),
    ],
)
def test_code_sets_are_complete_R84(codes, code_set, count):
    assert len(codes[code_set]) == count


def test_ethnic_codes_have_two_digits_R84(codes):
    assert all(re.fullmatch(r"\d\d", code) for code in codes["ethnic"])
    assert codes["ethnic"]["01"] == "汉族"


def test_fee_categories_are_the_words_staff_use_R85(codes):
    assert set(codes["fee_category"].values()) == {
        "自费",
        "职工医保",
        "居民医保",
        "公费",
        "商业保险",
        "其他",
    }


def test_values_are_told_in_the_language_in_use():
    with override("zh-hans"):
        assert values.choices("rh") == [("1", "阴性"), ("2", "阳性"), ("3", "不详")]
        assert values.label("ethnic", "01") == "汉族"
    with override("en"):
        assert values.label("ethnic", "01") == "Han"
        assert values.chinese("ethnic", "01") == "汉族"
    assert values.known("salt", "1") and not values.known("salt", "9")
    assert values.label("salt", "9") == "9"
    assert values.find("rh", "阳性") == values.find("rh", "Positive") == "2"
    assert values.find("rh", "弱阳性") is None
