"""The table of rules: complete, cited, and worded."""

import re

import pytest

from prescriptions.reasons import LISTS
from prescriptions.rules.table import _ALL, RULES
from tests.prescriptions.plain import (
    TABLETS_30MG,
    allergy,
    amoxicillin,
    drug,
    keys,
    line,
    one,
    sheet,
)


def test_every_key_stands_once():
    assert len(RULES) == len(_ALL)


@pytest.mark.parametrize("rule", _ALL, ids=lambda rule: rule.key)
def test_every_rule_cites_where_it_is_written_and_has_a_level_R43(rule):
    assert rule.level in (1, 2, 3)
    assert re.fullmatch(r"R-\d+( R-\d+)*", rule.basis)
    assert rule.reasons in LISTS


@pytest.mark.parametrize("rule", [rule for rule in _ALL if rule.level < 3], ids=lambda r: r.key)
def test_what_stops_a_doctor_says_what_to_do_R155(rule):
    assert rule.why or rule.key == "sheet.empty"


def test_a_harmless_sheet_is_silent():
    assert keys(sheet()) == []


def test_the_gravest_finding_comes_first():
    both = sheet(line(amoxicillin(skin_test="需青霉素皮试"), days=8), allergies=(allergy(),))

    assert keys(both)[0] == "allergy.severe"


def test_an_alert_is_another_one_when_the_dose_changes_R20():
    strong = drug(max_daily=90, max_daily_unit="mg", pack=TABLETS_30MG)
    once, twice = (one(sheet(line(strong, dose=d)), "dose.maximum") for d in ("60mg", "90mg"))

    assert once.fingerprint != twice.fingerprint
    assert once.fingerprint == one(sheet(line(strong, dose="60mg")), "dose.maximum").fingerprint


def test_an_alert_about_another_row_is_another_one():
    one_row = one(sheet(line(amoxicillin(), key="a"), allergies=(allergy(),)), "allergy.severe")
    other_row = one(sheet(line(amoxicillin(), key="b"), allergies=(allergy(),)), "allergy.severe")

    assert one_row.fingerprint != other_row.fingerprint
