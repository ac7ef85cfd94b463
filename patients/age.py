"""Age as people say it: completed years, and days or months for the small ones (R-18)."""

from datetime import date
from functools import cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _


def age_years(birth_date: date, on: date) -> int:
    """Completed years on the day `on`."""
    before_birthday = (on.month, on.day) < (birth_date.month, birth_date.day)
    return on.year - birth_date.year - before_birthday


def age_months(birth_date: date, on: date) -> int:
    """Completed months on the day `on`."""
    months = (on.year - birth_date.year) * 12 + on.month - birth_date.month
    return months - (on.day < birth_date.day)


def age_text(birth_date: date, on: date, precision: str = "day") -> str:
    """Under a month days, under a year months and days, 1 to 5 years and months, then years.

    `precision`: where only the month or the year of birth is known, the age is about so much.
    """
    years, months = age_years(birth_date, on), age_months(birth_date, on)
    if precision != "day":
        return _about(years, months, precision)
    if years >= 6:
        return _years(years, get_language())
    if years >= 1:
        return _("%(years)s y %(months)s m") % {"years": years, "months": months % 12}
    if months >= 1:
        days = (on - _month_day(birth_date, months)).days
        return _("%(months)s m %(days)s d") % {"months": months, "days": days}
    return _("%(days)s d") % {"days": max((on - birth_date).days, 0)}


@cache
def _years(years: int, _language: str | None) -> str:
    """Of nearly every row of every list: looked up in the catalogue once for each number."""
    return _("%(years)s y") % {"years": years}


def _about(years: int, months: int, precision: str) -> str:
    if precision == "year" or years >= 6:
        return _("about %(years)s y") % {"years": max(years, 0)}
    if years >= 1:
        return _("about %(years)s y %(months)s m") % {"years": years, "months": months % 12}
    return _("about %(months)s m") % {"months": max(months, 0)}


def _month_day(birth_date: date, months: int) -> date:
    """The day on which `months` were completed; the month's last day where it is shorter."""
    year, month = divmod(birth_date.year * 12 + birth_date.month - 1 + months, 12)
    for day in range(birth_date.day, 27, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    return date(year, month + 1, birth_date.day)
