"""People and visits of the demo clinic: made up, but as strict as real ones."""

import csv
import datetime
import random
import re
from decimal import Decimal
from pathlib import Path

import pytest

from clinic.demo.herbs import FORMULAS
from clinic.demo.past.story import weight

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
RANGES = ("temperature", "pulse", "respiration", "systolic", "diastolic", "spo2", "weight")


def read(path):
    with (ROOT / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def people():
    return read("clinic/data/demo_people.csv")


@pytest.fixture(scope="module")
def visits():
    return read("clinic/data/demo_visits.csv") + read("clinic/data/demo_more_visits.csv")


@pytest.fixture(scope="module")
def items(visits):
    return [
        (visit, item.split("|"))
        for visit in visits
        if visit["drugs"]
        for item in visit["drugs"].split(" ; ")
    ]


def codes_of(code_set):
    return {row["code"] for row in read("patients/data/codes.csv") if row["code_set"] == code_set}


def test_there_are_120_people_and_86_visits_numbered_once(people, visits):
    assert len({row["no"] for row in people}) == len(people) == 120
    assert len({row["no"] for row in visits}) == len(visits) == 86


def test_resident_id_numbers_are_valid_and_agree_with_birth_and_sex_R76(people):
    for row in people:
        if row["id_type"] != "01":
            continue
        number = row["id_number"]
        check = sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=False))
        assert number[17] == "10X98765432"[check % 11], row["no"]
        assert number[6:14] == row["birth_date"].replace("-", ""), row["no"]
        assert int(number[16]) % 2 == int(row["sex"]) % 2, row["no"]


def test_nobody_shares_an_id_number_R81(people):
    numbers = [row["id_number"] for row in people if row["id_number"]]

    assert len(set(numbers)) == len(numbers)


def test_people_without_a_document_say_why_R80(people):
    without = [row for row in people if not row["id_number"]]

    assert without
    assert all(row["id_type"] == "98" and row["no_id_reason"] for row in without)


def test_everybody_can_be_reached_R82(people):
    for row in people:
        assert row["phone"] or row["contact_phone"], row["no"]
        for phone in (row["phone"], row["contact_phone"]):
            assert not phone or re.fullmatch(r"1[3-9]\d{9}", phone), row["no"]


def test_children_have_a_guardian_R86(people):
    for row in people:
        born = datetime.date.fromisoformat(row["birth_date"])
        if born > datetime.date(2012, 11, 22):
            assert row["contact_name"], row["no"]
            assert row["contact_relation"] == "5", row["no"]
            assert row["contact_phone"], row["no"]


def test_people_use_known_codes_R84(people):
    assert {row["sex"] for row in people} <= codes_of("sex")
    assert {row["id_type"] for row in people} <= codes_of("id_type")
    assert {row["ethnic"] for row in people} - {""} <= codes_of("ethnic")
    assert {row["payment"] for row in people} <= codes_of("fee_category")
    assert {row["contact_relation"] for row in people} - {""} <= codes_of("relation")


def test_allergies_are_not_asked_denied_or_named_R44(people):
    groups = {row["group_code"] for row in read("patients/data/allergy_groups.csv")}
    entries = [
        entry.split("|")
        for row in people
        if row["allergy"] not in ("not_asked", "denied")
        for entry in row["allergy"].split(";")
    ]

    assert {"not_asked", "denied"} <= {row["allergy"] for row in people}
    assert len(entries) > 10
    for group, severity, reaction, substance in entries:
        assert group in groups
        assert severity in ("mild", "moderate", "severe")
        assert reaction and substance


def test_names_include_minority_and_rare_ones_R83(people):
    names = [row["name"] for row in people]

    assert any("·" in name for name in names)
    assert any(ord(sign) > 0xFFFF for name in names for sign in name)
    assert max(len(name) for name in names) <= 30


def test_there_are_newborns_rare_names_and_somebody_unnamed_R80_R83(people):
    newborns = [row for row in people if row["mother_id_number"]]

    assert all(row["birth_time"] and row["name"][-2:] in ("之子", "之女") for row in newborns)
    assert len(newborns) == 2
    assert [row["birth_precision"] for row in people if row["is_unnamed"]] == ["year"]
    assert any(row["reading"] for row in people) and any(row["health_no"] for row in people)


def test_diagnoses_of_visits_are_in_the_table_R158(visits):
    names = {row["code"]: row["name"] for row in read("registration/data/icd10.csv")}

    for visit in visits:
        assert names[visit["icd10_code"]] == visit["icd10_name"], visit["no"]
        assert all(code in names for code in visit["more_icd10"].split(";") if code), visit["no"]


def test_visits_have_the_parts_of_an_outpatient_record_R70(visits):
    for visit in visits:
        for column in ("chief_complaint", "present_illness", "examination", "advice"):
            assert visit[column], (visit["no"], column)
        assert int(visit["age_min"]) < int(visit["age_max"])


@pytest.mark.parametrize("column", RANGES)
def test_vitals_are_ranges_in_order_R159(visits, column):
    for visit in visits:
        if visit[column]:
            low, high = visit[column].split("-")
            assert Decimal(low) <= Decimal(high), visit["no"]


def test_items_name_known_drugs_frequencies_and_routes(items):
    drugs = {row["drug_no"] for row in read("pharmacy/data/drugs.csv")}
    frequencies = {row["code"] for row in read("prescriptions/data/frequencies.csv")}
    routes = {row["code"] for row in read("prescriptions/data/routes.csv")}

    for visit, (drug, dose, unit, frequency, days, route, *_rest) in items:
        assert drug in drugs, visit["no"]
        assert Decimal(dose) > 0 and unit, visit["no"]
        assert frequency in frequencies, visit["no"]
        assert int(days) >= 1, visit["no"]
        assert route in routes, visit["no"]


def test_formulas_of_pieces_name_known_ones():
    known = {row["drug_no"] for row in read("pharmacy/data/drugs.csv")}
    own = [row["drug_no"] for row in read("clinic/data/demo_pieces.csv")]

    used = {code for _words, _doses, pieces in FORMULAS.values() for code, *_rest in pieces}

    assert used <= known | set(own) and len(set(own)) == len(own)
    assert not known & set(own)


def test_items_that_cannot_be_computed_state_a_quantity_R116(items):
    drugs = {row["drug_no"]: row for row in read("pharmacy/data/drugs.csv")}

    for visit, (number, _dose, unit, frequency, _days, _route, quantity, quantity_unit) in items:
        drug = drugs[number]
        computable = frequency != "prn" and unit in (drug["min_unit"], drug["content_unit"])
        assert computable or quantity, (visit["no"], number)
        if quantity:
            assert int(quantity) >= 1
            assert quantity_unit == drug["min_unit"]


def test_no_visit_has_more_than_five_drugs_R14(visits):
    assert all(visit["drugs"].count(" ; ") < 5 for visit in visits)


def test_more_than_seven_days_have_a_reason_R23(items):
    for visit, item in items:
        assert int(item[4]) <= 7 or visit["long_reason"], visit["no"]


def test_penicillins_and_psychotropics_say_what_they_need_R45(items):
    drugs = {row["drug_no"]: row for row in read("pharmacy/data/drugs.csv")}

    for visit, item in items:
        drug = drugs[item[0]]
        assert (drug["skin_test"] == "需青霉素皮试") <= (visit["needs"] == "penicillin_skin_test")
        assert (drug["control_class"] != "无") <= (visit["needs"] == "psychotropic_2")


def test_a_childs_weight_follows_the_age_within_the_visits_range():
    row = {"age_min": "0", "age_max": "12", "weight": "6-40"}

    found = [float(weight(row, years, random.Random(7))) for years in (0, 3, 12)]

    assert found == sorted(found) and found[0] < 8 and found[2] > 35
