"""Days as a doctor types them: 7, 7天, 2周, 3个月, 11-30, 2026-11-30."""

import calendar
import re
from datetime import date, datetime, timedelta

from clinic.core.days import DATE_FORMATS
from clinic.core.text import half_width

WHOLE = DATE_FORMATS
UNITS = {
    "": "days",
    "天": "days",
    "日": "days",
    "d": "days",
    "周": "weeks",
    "星期": "weeks",
    "w": "weeks",
    "月": "months",
    "个月": "months",
    "m": "months",
}
AHEAD = re.compile(rf"(\d{{1,3}})\s*({'|'.join(sorted(UNITS, key=len, reverse=True))})后?")
IN_YEAR = re.compile(r"(\d{1,2})(?:[-/.]|月)(\d{1,2})日?")


def read_day(text: str, today: date) -> date | None:
    """The day that is meant; None when the words are no day."""
    words = "".join(half_width(text).split()).lower()
    if ahead := AHEAD.fullmatch(words):
        return _ahead(int(ahead[1]), UNITS[ahead[2]], today)
    if short := IN_YEAR.fullmatch(words):
        return _next(int(short[1]), int(short[2]), today)
    for whole in WHOLE:
        try:
            return datetime.strptime(words, whole).date()
        except ValueError:
            continue
    return None


def _ahead(number: int, unit: str, today: date) -> date:
    if unit != "months":
        return today + timedelta(days=number * (7 if unit == "weeks" else 1))
    months = today.year * 12 + today.month - 1 + number
    year, month = divmod(months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(today.day, last))


def _next(month: int, day: int, today: date) -> date | None:
    """This year's day, or next year's once it is over."""
    for year in (today.year, today.year + 1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found >= today:
            return found
    return None
