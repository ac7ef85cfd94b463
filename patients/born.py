"""A date of birth as far as it is known: the day, the month or the year (R-77, R-80)."""

import re
from datetime import date
from typing import NamedTuple

DAY, MONTH, YEAR = "day", "month", "year"
_DAY = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})", re.ASCII)
_MONTH = re.compile(r"约?(\d{4})[-./年](\d{1,2})月?", re.ASCII)
_YEAR = re.compile(r"约?(\d{4})年?", re.ASCII)
_AGE = re.compile(r"约?(\d{1,3})岁", re.ASCII)


class Born(NamedTuple):
    """`day` is the first of the month or of the year where no more is known."""

    day: date
    precision: str = DAY


def read_born(text: str, today: date) -> Born:
    """1958-03-16, 1958年3月16日, 19580316; 1958-03; 1958; 约45岁. ValueError: none of these."""
    text = "".join(text.split())
    if found := _DAY.fullmatch(text):
        year, month, day = (int(part) for part in found.groups() if part)
        return Born(date(year, month, day))
    if found := _MONTH.fullmatch(text):
        return Born(date(int(found[1]), int(found[2]), 1), MONTH)
    if found := _YEAR.fullmatch(text):
        return Born(date(int(found[1]), 1, 1), YEAR)
    if found := _AGE.fullmatch(text):
        return about(int(found[1]), today)
    raise ValueError("This is no date of birth.")


def about(years: int, today: date) -> Born:
    """Of somebody whose age is a guess."""
    return Born(date(today.year - years, 1, 1), YEAR)


def written(day: date, precision: str) -> str:
    """Only what is known: 1958-03-16, 1958-03 or 1958."""
    return day.isoformat()[: {DAY: 10, MONTH: 7, YEAR: 4}[precision]]


def first_of(day: date, precision: str) -> date:
    """The day that stands for the month or the year."""
    if precision == YEAR:
        return day.replace(month=1, day=1)
    return day.replace(day=1) if precision == MONTH else day


def agree(day: date, precision: str, exact: date) -> bool:
    """`exact` can be the birthday of which so much is known."""
    return first_of(exact, precision) == first_of(day, precision)
