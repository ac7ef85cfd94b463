"""Expiry dates as packs print them, and how near an expiry is."""

import calendar
import re
from datetime import date

from clinic.core.text import half_width

NEAR_MONTHS = 6  # goods with less left are normally not accepted
LADDER = (1, 3, 6)  # red, orange, yellow

_SEPARATED = re.compile(r"^(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?$", re.ASCII)
_JOINED = re.compile(r"^(\d{4})(\d{2})(\d{2})?$", re.ASCII)


def parse_expiry(text: str) -> date:
    """The last good day: "2026-05" means the last day of May, "2026-05-20" that day (R-109).

    Takes the separators people use and full-width digits; ValueError for anything else.
    """
    text = half_width(text).strip()
    match = _SEPARATED.match(text) or _JOINED.match(text)
    if match is None:
        raise ValueError("not a date")
    year, month, day = (int(part) if part else 0 for part in match.groups())
    if not 2000 <= year <= 2099:
        raise ValueError("not a year of ours")
    if not 1 <= month <= 12:
        raise ValueError("not a month")
    return date(year, month, day or calendar.monthrange(year, month)[1])


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or that month's last day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def is_near(expires_on: date, today: date) -> bool:
    """True when goods that arrive today have under six months left (R-174)."""
    return expires_on < add_months(today, NEAR_MONTHS)


def rung(expires_on: date, today: date) -> int | None:
    """0 expired, else 1, 3 or 6 for the warning it belongs to, None when there is none (R-111)."""
    if expires_on < today:
        return 0
    return next((n for n in LADDER if expires_on <= add_months(today, n)), None)
