"""Days, daily dose, quantity, stock (R-20, R-23, R-113, R-116, R-157, R-169)."""

from fractions import Fraction

import pytest

from prescriptions.quantity import Pack
from tests.prescriptions.plain import CAPSULES, TABLETS_30MG, drug, keys, line, one, sheet

LIMITED = {"max_daily": Fraction(90), "max_daily_unit": "mg", "pack": TABLETS_30MG}


@pytest.mark.parametrize(
    ("days", "emergency", "found"),
    [(7, False, []), (8, False, ["days.long"]), (3, True, []), (4, True, ["days.long"])]
    + [(28, False, ["days.long"]), (29, False, ["days.assess", "days.long"])]
    + [(84, False, ["days.assess", "days.long"])]
    + [(85, False, ["days.too_long", "days.assess", "days.long"])],
)
def test_long_supplies_ask_and_too_long_ones_are_refused_R23_R169(days, emergency, found):
    assert keys(sheet(line(days=days), is_emergency=emergency)) == found


def test_an_assessed_supply_that_the_patient_agreed_to_may_last_twelve_weeks_R29():
    assert keys(sheet(line(days=84), is_assessed=True)) == ["days.long"]


def test_the_usual_days_are_the_sites_R23():
    assert keys(sheet(line(days=10), max_days=14)) == []


def test_one_reason_covers_every_long_row_R23():
    def other(n):
        return drug(f"药{n}", n)

    two = sheet(line(other(1), key="a", days=28), line(other(2), key="b", days=28))
    three = sheet(*two.lines, line(other(3), key="c", days=14))

    assert one(two, "days.long").fingerprint == one(three, "days.long").fingerprint


def test_a_longer_supply_asks_again_R23():
    month, quarter = (one(sheet(line(days=days)), "days.long") for days in (28, 84))

    assert month.fingerprint != quarter.fingerprint


@pytest.mark.parametrize(
    ("dose", "frequency", "found"),
    [
        ("30mg", "tid", []),
        ("60mg", "tid", ["dose.maximum"]),
        ("2片", "tid", ["dose.maximum"]),
        ("1片", "tid", []),
        ("0.03g", "qid", ["dose.maximum"]),
        ("90mg", "qod", []),
        ("120mg", "qw", ["dose.maximum"]),  # at least one dose on the day it is taken
        ("120mg", "st", ["dose.maximum"]),
        ("90mg", "st", []),
        ("120mg", "prn", []),  # nobody can say how often
        ("10ml", "tid", ["dose.unchecked"]),
    ],
)
def test_above_the_daily_maximum_needs_a_reason_R20(dose, frequency, found):
    facts = sheet(line(drug(**LIMITED), dose=dose, frequency=frequency))

    assert keys(facts) == found


@pytest.mark.parametrize(("dose", "found"), [("4片", ["dose.maximum"]), ("3片", [])])
def test_a_maximum_in_pieces_counts_pieces_R20(dose, found):
    pack = Pack(None, "", "片", "瓶", 100, True, "片剂")
    licorice = drug(pack=pack, max_daily=Fraction(9), max_daily_unit="片")

    assert keys(sheet(line(licorice, dose=dose))) == found


def test_content_is_converted_to_the_unit_of_the_maximum_R20():
    facts = drug(pack=CAPSULES, max_daily=Fraction(4), max_daily_unit="g")

    assert keys(sheet(line(facts, dose="6粒", frequency="tid"))) == ["dose.maximum"]
    assert keys(sheet(line(facts, dose="1000mg", frequency="qid"))) == []


def test_a_topical_drug_has_no_daily_maximum():
    facts = drug(**LIMITED, tags=frozenset({"外用"}))

    assert keys(sheet(line(facts, dose="300mg"))) == []


def test_without_a_number_nothing_is_compared_R157():
    assert keys(sheet(line(drug(), dose="9g"))) == []


def test_more_than_the_shelf_holds_is_refused_R113():
    assert keys(sheet(line(quantity=15, available=14))) == ["stock.short"]


def test_what_is_bought_outside_needs_no_stock_R113():
    assert keys(sheet(line(quantity=15, available=0, outside=True))) == []


def test_an_edited_quantity_is_noted_beside_the_computed_one_R116():
    assert keys(sheet(line(quantity=20, computed=15))) == ["quantity.edited"]


def test_a_quantity_that_was_asked_for_is_not_called_edited():
    assert keys(sheet(line(quantity=20, computed=None))) == []
