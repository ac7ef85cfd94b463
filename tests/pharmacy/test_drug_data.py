"""The shipped drug facts load as they stand: shape, numbers and cross references."""

import csv
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DRUGS = ROOT / "pharmacy" / "data" / "drugs.csv"
INTERACTIONS = ROOT / "pharmacy" / "data" / "interactions.csv"
ALLERGY_GROUPS = ROOT / "patients" / "data" / "allergy_groups.csv"

DRUG_COLUMNS = (
    "drug_no,generic_name,pinyin_initials,pinyin_short,category,subcategory,dosage_form,strength,"
    "content_per_min_unit,content_unit,pack_spec,pack_unit,min_unit,units_per_pack,route,"
    "adult_single_dose,frequency,adult_daily_max,max_daily_value,max_daily_unit,"
    "max_single,max_single_per_kg,max_single_unit,max_daily_per_kg,rx_otc,dual_status,"
    "antibiotic_grade,antibiotic_note,control_class,control_note,skin_test,allergy_group,"
    "ingredients,class_tags,essential_2018,storage,pregnancy,children,elderly_renal_hepatic,"
    "other_caution,basis,demo_price,divisible,lower_limit,upper_limit,shelf"
)
INTERACTION_COLUMNS = (
    "pair_no,a_type,a_value,b_type,b_value,severity,effect,advice,both_in_common_drugs,basis"
)

# Values that pairs name on purpose although no drug of the starter library has them.
OUTSIDE_THE_LIBRARY = {"碘造影剂", "硫唑嘌呤", "甘遂", "藜芦", "五灵脂", "MAOI", "含钙注射剂"}


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def drugs():
    return read(DRUGS)


@pytest.fixture(scope="module")
def interactions():
    return read(INTERACTIONS)


@pytest.mark.parametrize("path", [DRUGS, INTERACTIONS])
def test_file_has_no_byte_order_mark_and_unix_line_ends(path):
    raw = path.read_bytes()

    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert raw.endswith(b"\n")


def test_every_limit_has_its_unit(drugs):
    at_once = [row for row in drugs if row["max_single"] or row["max_single_per_kg"]]
    a_day = [row for row in drugs if row["max_daily_per_kg"]]

    assert at_once and a_day
    assert all(row["max_single_unit"] for row in at_once)
    assert all(row["max_daily_unit"] for row in a_day)


def test_headers_are_the_documented_ones(drugs, interactions):
    assert ",".join(drugs[0]) == DRUG_COLUMNS
    assert ",".join(interactions[0]) == INTERACTION_COLUMNS


def test_library_has_143_drugs_with_unique_numbers(drugs):
    numbers = [row["drug_no"] for row in drugs]

    assert len(numbers) == 143
    assert len(set(numbers)) == 143
    assert all(re.fullmatch(r"D\d{3}", number) for number in numbers)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("category", {"西药", "中成药", "中药饮片"}),
        ("rx_otc", {"Rx", "OTC甲", "OTC乙"}),
        ("dual_status", {"Y", "N"}),
        ("antibiotic_grade", {"非限制使用级", "限制使用级", "非抗菌药物"}),
        ("control_class", {"无", "第二类精神药品", "麻醉药品"}),
        ("skin_test", {"否", "按说明书", "需青霉素皮试", "需TAT皮试"}),
        ("basis", {"待核"}),
        ("divisible", {"0", "1"}),
    ],
)
def test_enumerated_columns_hold_known_values_only_R157(drugs, column, values):
    assert {row[column] for row in drugs} == values


@pytest.mark.parametrize(
    "column",
    ["generic_name", "dosage_form", "pack_unit", "min_unit", "route", "ingredients", "class_tags"],
)
def test_needed_columns_are_never_blank(drugs, column):
    assert [row["drug_no"] for row in drugs if not row[column].strip()] == []


@pytest.mark.parametrize("column", ["content_per_min_unit", "max_daily_value"])
def test_amounts_are_positive_decimals_or_empty_R157(drugs, column):
    amounts = [Decimal(row[column]) for row in drugs if row[column]]

    assert amounts
    assert all(amount > 0 for amount in amounts)


@pytest.mark.parametrize(
    ("amount", "unit"),
    [("content_per_min_unit", "content_unit"), ("max_daily_value", "max_daily_unit")],
)
def test_an_amount_and_its_unit_stand_together(drugs, amount, unit):
    assert [row["drug_no"] for row in drugs if bool(row[amount]) != bool(row[unit])] == []


def test_content_units_are_written_as_the_law_writes_them_R19(drugs):
    units = {row["content_unit"] for row in drugs} - {""}

    assert units == {"g", "mg", "μg", "ml", "IU", "单位", "万单位"}


def test_pack_size_agrees_with_pack_text_R115(drugs):
    stated = {
        row["drug_no"]: re.search(r"×(\d+)", row["pack_spec"]).group(1)
        for row in drugs
        if "×" in row["pack_spec"]
    }

    assert len(stated) > 80
    assert {row["drug_no"]: row["units_per_pack"] for row in drugs if row["drug_no"] in stated} == (
        stated
    )


def test_limits_are_whole_base_units_and_ordered_R114(drugs):
    for row in drugs:
        assert int(row["units_per_pack"]) >= 1
        assert 0 < int(row["lower_limit"]) < int(row["upper_limit"]), row["drug_no"]


def test_demo_prices_have_two_decimals(drugs):
    assert [row for row in drugs if not re.fullmatch(r"[1-9]\d*\.\d\d", row["demo_price"])] == []


def test_containers_are_not_split_R115(drugs):
    containers = {"口服溶液剂", "糖浆剂", "气雾剂", "眼膏剂", "滴眼剂", "软膏剂", "乳膏剂", "洗剂"}

    split = [
        row["drug_no"]
        for row in drugs
        if row["divisible"] == "1"
        and (row["dosage_form"] in containers or "胰岛素" in row["class_tags"])
    ]

    assert split == []


def test_shelves_are_unique_and_readable(drugs):
    shelves = [row["shelf"] for row in drugs]

    assert len(set(shelves)) == len(shelves)
    assert all(re.fullmatch(r"[A-Z]\d-\d\d", shelf) for shelf in shelves)


def test_narcotics_psychotropics_and_cold_goods_have_shelves_of_their_own(drugs):
    areas = {row["shelf"][0]: set() for row in drugs}
    for row in drugs:
        cold = "2~8℃" in row["storage"]
        areas[row["shelf"][0]].add(row["control_class"] if not cold else "cold")

    assert areas["M"] == {"麻醉药品"}
    assert areas["S"] == {"第二类精神药品"}
    assert areas["L"] == {"cold"}


def test_every_allergy_group_of_a_drug_exists(drugs):
    groups = {row["group_code"] for row in read(ALLERGY_GROUPS)}

    assert {row["allergy_group"] for row in drugs} - {""} <= groups


def test_pairs_are_numbered_once_and_stated_once(interactions):
    numbers = [row["pair_no"] for row in interactions]
    pairs = Counter(
        frozenset({(row["a_type"], row["a_value"]), (row["b_type"], row["b_value"])})
        for row in interactions
    )

    assert len(interactions) == 129
    assert len(set(numbers)) == len(numbers)
    assert [pair for pair, count in pairs.items() if count > 1] == []


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("a_type", {"class_tag", "ingredient"}),
        ("b_type", {"class_tag", "ingredient"}),
        ("severity", {"禁忌", "严重", "注意"}),
        ("both_in_common_drugs", {"Y", "N"}),
        ("basis", {"待核"}),
    ],
)
def test_pairs_hold_known_values_only_R166(interactions, column, values):
    assert {row[column] for row in interactions} == values


def test_pairs_name_things_the_library_has_or_say_so_R157(drugs, interactions):
    known = {
        "class_tag": {tag for row in drugs for tag in row["class_tags"].split(";")},
        "ingredient": {name for row in drugs for name in row["ingredients"].split(";")},
    }

    unknown = {
        row[f"{side}_value"]
        for row in interactions
        for side in "ab"
        if row[f"{side}_value"] not in known[row[f"{side}_type"]]
    }

    assert unknown == OUTSIDE_THE_LIBRARY


def test_every_pair_says_what_happens_and_what_to_do(interactions):
    assert [row["pair_no"] for row in interactions if not (row["effect"] and row["advice"])] == []
