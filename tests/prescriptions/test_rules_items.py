"""The 28 items of the evaluation are each looked at, pointed at, or named as a person's (1.6)."""

import re

import pytest

from prescriptions.rules import candidates, contraindications
from prescriptions.rules.items import ITEMS, How
from prescriptions.rules.sources import SOURCES, sources_of
from prescriptions.rules.table import _ALL, RULES

NUMBERS = [*(f"1-{n}" for n in range(1, 16)), *(f"2-{n}" for n in range(1, 10))]
NUMBERS += [f"3-{n}" for n in range(1, 5)]
CODES = re.compile(r"[A-Z]\d\d(\.\d)?(-[A-Z]\d\d(\.\d)?)?")
AUTOMATIC = set(NUMBERS) - {"2-1", "2-4", "2-6", "2-9", "3-1", "3-2", "3-3"}


def test_the_28_items_stand_in_their_order():
    assert [item.number for item in ITEMS] == NUMBERS


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.number)
def test_an_item_is_checked_as_the_reference_says(item):
    assert (item.how in (How.AUTO, How.BUILT_IN)) == (item.number in AUTOMATIC)
    assert bool(item.rules) or item.how in (How.BUILT_IN, How.MANUAL)
    assert item.note or item.how != How.BUILT_IN


def test_the_shipped_tables_are_well_formed():
    kinds = {"age", "pregnancy", "lactation", "disease", "elderly"}
    listed = [*(r.limit for r in contraindications.rows() if r.kind == "disease")]
    listed += [row.codes for row in candidates.indications()]

    assert {row.kind for row in contraindications.rows()} == kinds
    assert all(row.side in ("class_tag", "ingredient") for row in contraindications.rows())
    assert all(CODES.fullmatch(part) for codes in listed for part in codes.split(";"))


def test_every_key_an_item_names_is_a_rule():
    named = {look for item in ITEMS for look in item.looks if not look.endswith("*")}

    assert named <= set(RULES)


def test_a_rule_from_a_regulation_names_it_R155():
    assert sources_of("R-23") == ["处方管理办法 第19条"]
    assert sources_of("R-43 R-166") == []
    assert set(SOURCES) <= {number for rule in _ALL for number in rule.basis.split()}
