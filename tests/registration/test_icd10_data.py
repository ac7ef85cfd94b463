"""The starter table of diagnoses loads as it stands: shape, uniqueness, initials (R-158)."""

import csv
import re
from pathlib import Path

import pytest

TABLE = Path(__file__).resolve().parents[2] / "registration" / "data" / "icd10.csv"


@pytest.fixture(scope="module")
def rows():
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_file_has_no_byte_order_mark_and_unix_line_ends():
    raw = TABLE.read_bytes()

    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert raw.endswith(b"\n")


def test_columns_are_code_name_initials(rows):
    assert ",".join(rows[0]) == "code,name,initials"


def test_table_has_at_least_400_diagnoses(rows):
    assert len(rows) >= 400


def test_codes_are_category_or_subcategory_codes(rows):
    odd = [row["code"] for row in rows if not re.fullmatch(r"[A-Z]\d\d(\.\d)?", row["code"])]

    assert odd == []


def test_codes_and_names_are_unique_and_sorted(rows):
    codes = [row["code"] for row in rows]
    names = [row["name"] for row in rows]

    assert codes == sorted(set(codes))
    assert len(set(names)) == len(names)


def test_a_category_is_not_listed_beside_its_own_subcategories(rows):
    codes = {row["code"] for row in rows}

    assert {code for code in codes if len(code) > 3 and code[:3] in codes} == set()


def test_names_are_chinese_and_without_stray_blanks(rows):
    odd = [
        row["code"]
        for row in rows
        if row["name"] != row["name"].strip()
        or " " in row["name"]
        or not re.search(r"[\u4e00-\u9fff]", row["name"])
    ]

    assert odd == []


def test_initials_are_upper_case_letters_and_digits(rows):
    odd = [row["code"] for row in rows if not re.fullmatch(r"[A-Z0-9]+", row["initials"])]

    assert odd == []


def test_initials_have_one_sign_per_character_of_the_name(rows):
    odd = [
        row["code"]
        for row in rows
        if len(row["initials"]) != len(re.sub(r"[^\w]", "", row["name"]))
    ]

    assert odd == []


@pytest.mark.parametrize(
    ("code", "initials"),
    [
        ("J06.9", "JXSHXDGR"),
        ("E11.9", "2XTNB"),
        ("M47.9", "JZB"),
        ("I64", "NCZ"),
        ("K05.1", "MXYY"),
        ("K59.0", "BM"),
        ("R04.2", "KX"),
    ],
)
def test_medical_readings_of_ambiguous_characters(rows, code, initials):
    found = next(row for row in rows if row["code"] == code)

    assert found["initials"] == initials


@pytest.mark.parametrize(
    "code",
    "J06.9 J02.9 J03.9 J20.9 J18.9 J11.1 J30.4 J45.9 J44.9 I10 I25.1 I20.9 I63.9 I69.3 I48 I50.9 "
    "E11.9 E78.5 E79.0 M10.9 E03.9 E05.9 K29.5 K21.9 K52.9 A09.0 K59.0 K30 N39.0 N40 N76.0 N94.6 "
    "M54.5 M17.9 M75.0 M47.9 G44.2 R42 G47.0 L30.9 L50.9 B35.3 H10.9 H66.9 K04.0 D50.9 T14.1 "
    "W54.9 Z00.0 Z76.0".split(),
)
def test_common_grassroots_diagnoses_are_there_R158(rows, code):
    assert code in {row["code"] for row in rows}


@pytest.mark.parametrize("chapter", "A B C D E F G H I J K L M N O P Q R S T W Z".split())
def test_every_chapter_seen_in_primary_care_is_covered(rows, chapter):
    assert any(row["code"].startswith(chapter) for row in rows)
