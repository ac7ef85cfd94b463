"""When something happened, as far as it is known: a year, a month or a day (R-59)."""

import re
from datetime import date

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.text import half_width

_PARTS = re.compile(r"(\d{4})(?:[-./年](\d{1,2})(?:[-./月](\d{1,2}))?)?[年月日]?", re.ASCII)
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})?", re.ASCII)
PRECISION = {"year": 4, "month": 7, "day": 10}


def tidy_since(text: str, *, field: str, patient, today: date) -> str:
    """2019, 2019-05 or 2019-05-12 of whatever was typed (2019.5, 2019年5月, 201905); "" of nothing.

    Neither before the patient's birth nor in the future, each as far as it is known.
    """
    plain = "".join(half_width(text or "").split())
    if not plain:
        return ""
    since = _read(plain)
    if since is None:
        _refuse(
            _("This is no date. Please write a year or a month, such as 2019 or 2019-05."), field
        )
    if since > today.isoformat()[: len(since)]:
        _refuse(_("This lies in the future. Please check the year and the month."), field)
    known = min(len(since), PRECISION[patient.birth_precision])
    if since[:known] < patient.birth_date.isoformat()[:known]:
        _refuse(
            _("This is before the patient was born. Please check the year and the month."), field
        )
    return since


def _read(plain: str) -> str | None:
    found = _DIGITS.fullmatch(plain) or _PARTS.fullmatch(plain)
    if found is None:
        return None
    year, month, day = found.groups()
    try:
        whole = date(int(year), int(month or 1), int(day or 1)).isoformat()
    except ValueError:
        return None
    return whole[: 10 if day else 7 if month else 4]


def _refuse(text: str, field: str) -> None:
    raise RuleBroken(text, field=field, rule="R-59")
