"""A cell becomes a value, or a sentence about this cell."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from clinic.core.tables import parsers
from clinic.core.tables.parsers import Cell, Doubtful


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (Cell("６９０１２３"), "690123"),
        (Cell("6901234567892", "n"), "6901234567892"),
        (Cell("12.0"), "12"),
        (Cell(" 国药准字H20033672 "), "国药准字H20033672"),
    ],
)
def test_codes_keep_every_digit(cell, value):
    assert parsers.code(30)(cell) == value


@pytest.mark.parametrize(
    "cell", [Cell("6.90123E+12"), Cell("6.9e12"), Cell("12345678901234568", "x")]
)
def test_a_code_that_has_lost_digits_is_refused(cell):
    with pytest.raises(ValidationError):
        parsers.code(30)(cell)


def test_a_code_is_measured_as_it_is_kept():
    assert parsers.code(20)(Cell("㎎" * 10)) == "mg" * 10
    with pytest.raises(ValidationError):
        parsers.code(20)(Cell("㎎" * 11))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (Cell("2026-05-01", "d"), (2026, 5, 1)),
        (Cell("2026/5/1"), (2026, 5, 1)),
        (Cell("2026年5月1日"), (2026, 5, 1)),
        (Cell("20260501"), (2026, 5, 1)),
        (Cell("２０２６．５．１"), (2026, 5, 1)),
        (Cell("46143", "n"), (2026, 5, 1)),
        (Cell("59", "n"), (1900, 2, 28)),
        (Cell("61", "n"), (1900, 3, 1)),
        (Cell("2026-05-01 08:30:00", "d"), (2026, 5, 1)),
    ],
)
def test_dates_in_every_shape(cell, value):
    assert parsers.day(cell) == datetime.date(*value)


@pytest.mark.parametrize("text", ["2026-13-01", "2026-02-30", "46143", "明天", "0"])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValidationError):
        parsers.day(Cell(text))


def test_money_with_sign_and_commas_is_a_number():
    assert parsers.number(places=2, most=10_000)(Cell("￥1,234.50元")) == Decimal("1234.50")


def test_what_a_spreadsheet_adds_behind_a_number_is_no_doubt():
    parse = parsers.number(places=2, most=100)

    assert parse(Cell("9.600000000000001", "n")) == Decimal("9.60")
    with pytest.raises(Doubtful) as doubt:
        parse(Cell("9.605"))
    assert doubt.value.value == Decimal("9.60")


@pytest.mark.parametrize("text", ["面议", "NaN", "Infinity", "-1", "101", "1e9", ""])
def test_what_is_no_price_is_refused(text):
    with pytest.raises(ValidationError):
        parsers.number(places=2, most=100)(Cell(text))


@pytest.mark.parametrize(
    ("text", "value"),
    [("24", 24), ("２４", 24), ("24.0", 24), ("1,000", 1000), ("0" * 20 + "7", 7)],
)
def test_whole_numbers(text, value):
    assert parsers.whole(most=5000)(Cell(text)) == value


@pytest.mark.parametrize("text", ["2.5", "-1", "5001", "二十四", "9" * 40, "0" * 12 + "9" * 20])
def test_what_is_no_whole_number_is_refused(text):
    with pytest.raises(ValidationError):
        parsers.whole(most=5000)(Cell(text))


def test_words_too_long_are_refused_and_not_cut():
    with pytest.raises(ValidationError):
        parsers.text(5)(Cell("一二三四五六"))


def test_a_cell_with_an_error_of_the_program_is_refused():
    with pytest.raises(ValidationError):
        parsers.text(9)(Cell("#N/A", "e"))
