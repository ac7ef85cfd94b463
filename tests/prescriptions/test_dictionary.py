"""Codes, names, and what people type for them (R-116, R-164)."""

from fractions import Fraction

import pytest

from prescriptions.dictionary import find_frequency, find_route, frequencies, frequency_of, routes


@pytest.mark.parametrize("typed", ["tid", "TID", "ｔｉｄ", " 每日3次 ", "每日３次"])
def test_a_frequency_is_found_by_code_or_name_in_any_width_R164(typed):
    assert find_frequency(typed).code == "tid"


@pytest.mark.parametrize("typed", ["", "遵医嘱", "tidd", "3", "\0", "😀"])
def test_what_is_no_frequency_is_not_guessed_R17(typed):
    assert find_frequency(typed) is None


@pytest.mark.parametrize("typed", ["口服", "1", "１"])
def test_a_route_is_found_by_name_or_code(typed):
    assert find_route(typed).name == "口服"


def test_an_unknown_route_is_not_guessed_R17():
    assert find_route("自用") is None


def test_times_are_exact_fractions_R168():
    assert frequency_of("biw").times == Fraction(2, 7)


def test_only_st_is_once_and_only_prn_asks():
    assert [f.code for f in frequencies().values() if f.is_once] == ["st"]
    assert [f.code for f in frequencies().values() if f.asks_quantity] == ["prn"]


def test_every_code_leads_to_its_row():
    assert all(frequency_of(code).code == code for code in frequencies())
    assert all(find_route(route.name) is route for route in routes().values())


@pytest.mark.parametrize(
    ("typed", "name"), [("静滴", "静脉滴注"), ("肌注", "肌内注射"), (" 静注 ", "静脉注射")]
)
def test_routes_are_understood_by_their_usual_short_names(typed, name):
    assert find_route(typed).name == name
