"""Frequencies and routes shipped for prescriptions."""

import csv
import re
from fractions import Fraction
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "prescriptions" / "data"


def read(name):
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def frequencies():
    return {row["code"]: row for row in read("frequencies.csv")}


def test_there_are_16_frequencies_and_22_routes_with_unique_codes_R164(frequencies):
    routes = read("routes.csv")

    assert len(frequencies) == len(read("frequencies.csv")) == 16
    assert len({row["code"] for row in routes}) == len({row["name"] for row in routes}) == 22


@pytest.mark.parametrize(
    ("code", "times"),
    [("qd", "1"), ("tid", "3"), ("q8h", "3"), ("qod", "1/2"), ("qw", "1/7"), ("biw", "2/7")],
)
def test_times_per_day_are_exact_fractions_R168(frequencies, code, times):
    assert Fraction(frequencies[code]["times_per_day"]) == Fraction(times)


def test_only_prn_asks_and_only_prn_and_st_have_no_times_R116(frequencies):
    without_times = {code for code, row in frequencies.items() if not row["times_per_day"]}

    assert without_times == {"prn", "st"}
    assert {code for code, row in frequencies.items() if row["asks_quantity"] == "1"} == {"prn"}
    assert {code for code, row in frequencies.items() if row["needs_days"] == "0"} == {"st"}


def test_execution_times_are_as_many_as_doses_a_day(frequencies):
    for row in frequencies.values():
        times = row["execution_times"].split(";") if row["execution_times"] else []
        assert all(re.fullmatch(r"[0-2]\d:[0-5]\d", time) for time in times)
        if times:
            assert len(times) == Fraction(row["times_per_day"])
