"""The 17 digits of a resident's health record (R-56): 6 county, 3 town, 3 village, 5 in order."""

import re

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.text import half_width

LENGTH = 17
_BETWEEN = re.compile(r"[\s-]+")
# GB/T 2260: the first two digits are the province.
_PROVINCES = {
    *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37"),
    *("41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54"),
    *("61", "62", "63", "64", "65", "71", "81", "82"),
}
# Residents' committees, villages, other organisations.
_VILLAGES = (range(1, 100), range(101, 200), range(901, 1000))


def tidy_health_no(text: str) -> str:
    """The number in its one spelling; RuleBroken says what is wrong with it."""
    number = _BETWEEN.sub("", half_width(text))
    if not (number.isascii() and number.isdigit()):
        _refuse(_("A health record number has digits only. Please compare it with the file."))
    if len(number) != LENGTH:
        _refuse(
            _(
                "A health record number has 17 digits, this one has %(count)s. "
                "Please compare it with the file."
            )
            % {"count": len(number)}
        )
    if number[:2] not in _PROVINCES or number[6:9] == "000":
        _refuse(
            _(
                "The first 9 digits, %(digits)s, are no town of a county. "
                "Please compare the number with the file."
            )
            % {"digits": number[:9]}
        )
    if not any(int(number[9:12]) in kind for kind in _VILLAGES):
        _refuse(
            _(
                "Digits 10 to 12, %(digits)s, are no committee (001–099), village (101–199) or "
                "other organisation (901–999). Please compare the number with the file."
            )
            % {"digits": number[9:12]}
        )
    if number[12:] == "00000":
        _refuse(_("The last 5 digits begin with 00001. Please compare the number with the file."))
    return number


def boxes(number: str | None) -> str:
    """As forms print it: the last 8 digits, □□□-□□□□□; empty boxes where there is no number."""
    last = (number or "□" * 8)[-8:]
    return f"{last[:3]}-{last[3:]}"


def _refuse(message: str):
    raise RuleBroken(message, field="health_no", rule="R-56")
