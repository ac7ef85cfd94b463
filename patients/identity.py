"""Document numbers: which can be right, what a resident's tells (R-76 to R-79, R-173)."""

import re
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from patients.age import age_years
from patients.models import IdType, Sex
from security.normalise import normalise_id_number

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
OLDEST = 120
YOUNGEST_MOTHER = 10

_RESIDENT = re.compile(r"\d{17}[\dX]", re.ASCII)
_OLD = re.compile(r"\d{15}", re.ASCII)
_FOREIGN_OLD = re.compile(r"[A-Z]{3}\d{12}", re.ASCII)
_ANY = re.compile(r"(?=.*\d)[A-Z0-9]{4,30}", re.ASCII)
_HMT_AREAS = ("81", "82", "83")
# Kinds whose number follows the resident's rule and tells birth date and sex.
TELLING = {IdType.RESIDENT, IdType.HOUSEHOLD, IdType.HMT_RESIDENT}


@dataclass(frozen=True)
class Identity:
    """A number that can be right, in its one spelling; what it tells, where it tells anything."""

    id_type: str
    number: str
    birth_date: date | None = None
    sex: str | None = None


def read_number(id_type: str, text: str, today: date) -> Identity:
    """The identity a typed number stands for; RuleBroken says what is wrong with it.

    The number itself may correct the kind: 15 digits are an old number (R-173), 81, 82 and 83
    begin a residence permit for Hong Kong, Macau and Taiwan, 9 a foreigner's card (R-79).
    """
    try:
        number = normalise_id_number(text)
    except ValueError:
        _refuse(
            _(
                "A document number has letters and digits only. "
                "Please type it again from the document."
            )
        )
    id_type = _kind_told_by(id_type, number)
    if id_type in TELLING or (id_type == IdType.DRIVING and len(number) == 18):
        return _read_resident(id_type, number, today)
    if id_type == IdType.FOREIGN_RESIDENT and number.startswith("9"):
        _check_resident(number)
    elif id_type in _SHAPES:
        shape, words = _SHAPES[id_type]
        if not shape.fullmatch(number):
            _refuse(str(words()), "R-79")
    return Identity(id_type, number)


def read_mothers_number(text: str, born: date | None, today: date) -> str:
    """The document number of a newborn's mother in its one spelling (R-80)."""
    try:
        number = normalise_id_number(text)
    except ValueError:
        number = ""
    if len(number) != 18:
        if not _ANY.fullmatch(number):
            _refuse_mothers(_("The mother's document number has letters and digits only."))
        return number
    try:
        mother = _read_resident(_kind_told_by(IdType.RESIDENT, number), number, today)
    except RuleBroken:
        _refuse_mothers(
            _("The mother's document number can't be right. Please compare it with her document.")
        )
    if mother.sex != Sex.FEMALE:
        _refuse_mothers(_("This is the number of a man. Please write the mother's."))
    if born and age_years(mother.birth_date, born) < YOUNGEST_MOTHER:
        _refuse_mothers(
            _("By this number the mother was under %(years)s at the birth. Please check both.")
            % {"years": YOUNGEST_MOTHER}
        )
    return number


class WrongCheckDigit(RuleBroken):
    """A slip of the keyboard, told apart because not every page can do without a document."""


def check_digit(first_17: str) -> str:
    """The 18th character of a resident ID number (GB 11643)."""
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, first_17, strict=True))
    return CHECKS[total % 11]


def _kind_told_by(id_type: str, number: str) -> str:
    if id_type not in (IdType.RESIDENT, IdType.HOUSEHOLD):
        return id_type
    if _OLD.fullmatch(number):
        return IdType.OLD
    if len(number) == 18 and number.startswith(_HMT_AREAS):
        return IdType.HMT_RESIDENT
    if len(number) == 18 and number.startswith("9"):
        return IdType.FOREIGN_RESIDENT
    return id_type


def _check_resident(number: str) -> None:
    if len(number) != 18:
        _refuse(
            _(
                "An ID number has 18 characters, this one has %(count)s. Please compare it with "
                "the document, or choose another kind of document."
            )
            % {"count": len(number)}
        )
    if not _RESIDENT.fullmatch(number):
        _refuse(
            _(
                "An ID number consists of digits, only the last may be X. "
                "Please compare it with the document."
            )
        )
    if check_digit(number[:17]) != number[17]:
        raise WrongCheckDigit(
            _(
                "The last character of the document number does not fit. Please type it again "
                "from the document, or choose “No document”."
            ),
            field="id_number",
            rule="R-76",
        )


def _read_resident(id_type: str, number: str, today: date) -> Identity:
    _check_resident(number)
    if id_type == IdType.HMT_RESIDENT and not number.startswith(_HMT_AREAS):
        _refuse(
            _(
                "The number of this residence permit begins with 81, 82 or 83. "
                "Please compare it with the document."
            ),
            "R-79",
        )
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        born = None
    if born is None or born > today or age_years(born, today) > OLDEST:
        _refuse(
            _(
                "The birth date in the document number, %(digits)s, can't be right. "
                "Please compare the number with the document."
            )
            % {"digits": number[6:14]},
            "R-77",
        )
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
    return Identity(id_type, number, born, sex.value)


def _refuse_mothers(message: str):
    raise RuleBroken(message, field="mother_id_number", rule="R-80")


def _refuse(message: str, rule: str = "R-76"):
    raise RuleBroken(message, field="id_number", rule=rule)


# kind -> (shape, what to say); the words are asked for in the user's language, so by a function.
_SHAPES = {
    IdType.PASSPORT: (
        re.compile(r"(?=.*\d)[A-Z0-9]{5,20}", re.ASCII),
        lambda: _(
            "A passport number has 5 to 20 letters and digits. Please compare it with the passport."
        ),
    ),
    IdType.HONG_KONG_MACAU: (
        re.compile(r"[HM]\d{8}(\d{2})?", re.ASCII),
        lambda: _(
            "The number of this permit is H or M with 8 or 10 digits. "
            "Please compare it with the permit."
        ),
    ),
    IdType.TAIWAN: (
        re.compile(r"\d{8}", re.ASCII),
        lambda: _("The number of this permit has 8 digits. Please compare it with the permit."),
    ),
    IdType.FOREIGN_RESIDENT: (
        _FOREIGN_OLD,
        lambda: _(
            "The number of this card is 18 digits beginning with 9, or 3 letters and 12 digits. "
            "Please compare it with the card."
        ),
    ),
    IdType.BIRTH: (
        re.compile(r"[A-Z]\d{9}", re.ASCII),
        lambda: _(
            "The number of a birth certificate is a letter and 9 digits. "
            "Please compare it with the certificate."
        ),
    ),
    IdType.OLD: (
        _OLD,
        lambda: _("An old ID number has 15 digits. Please compare it with the document."),
    ),
    IdType.MILITARY: (
        re.compile(r"(?=.*\d).{4,30}"),
        lambda: _(
            "The number of an officer's card has at least 4 characters. "
            "Please compare it with the card."
        ),
    ),
    IdType.DRIVING: (
        re.compile(r"\d{12}|\d{17}[\dX]", re.ASCII),
        lambda: _(
            "The number of a driving licence has 18 characters, or 12 on old ones. "
            "Please compare it with the licence."
        ),
    ),
    IdType.OTHER: (
        re.compile(r"(?=.*\d).{4,30}"),
        lambda: _(
            "The number of this document has at least 4 characters, one of them a digit. "
            "Please compare it with the document."
        ),
    ),
}
