"""One spelling for what is searched: the same function serves writing and asking.

Changing a rule here changes every blind index of that kind, so all of them have to be
computed again; treat these functions as a file format.
"""

import re
import unicodedata

_DROPPED = re.compile(r"[\s()\[\]·.・\u00ad\u200b-\u200f\u2010-\u2015\u2060\u2212\ufeff_-]+")
_PHONE_DIGITS = re.compile(r"[0-9]{3,20}", re.ASCII)
_LAST_FOUR = re.compile(r"[0-9]{4}", re.ASCII)
_MOBILE_AFTER_86 = re.compile(r"861[3-9][0-9]{9}", re.ASCII)
MAX_ID_NUMBER = 40


def _bare(value: str) -> str:
    """Full-width forms made narrow; spaces, dashes, brackets and invisible marks removed."""
    if not isinstance(value, str):
        raise ValueError("Only text can be normalised.")
    return _DROPPED.sub("", unicodedata.normalize("NFKC", value))


def normalise_id_number(value: str) -> str:
    """ID and other document numbers; old 15-digit numbers stay as they are (R-173).

    Letters (the check mark X, passports) become capitals. Some certificates carry Chinese
    characters, so any letter or digit is allowed; anything else is refused.
    """
    number = _bare(value).upper()
    if not number or len(number) > MAX_ID_NUMBER or not number.isalnum():
        raise ValueError("A document number consists of letters and digits only.")
    return number


def normalise_phone(value: str) -> str:
    """Digits only, without China's country code (+86, 0086, or 86 before a mobile number)."""
    digits = _bare(value)
    if digits.startswith("+86"):
        digits = digits[3:]
    elif digits.startswith("0086"):
        digits = digits[4:]
    elif digits.startswith("+"):
        digits = digits[1:]
    elif _MOBILE_AFTER_86.fullmatch(digits):
        digits = digits[2:]
    if not _PHONE_DIGITS.fullmatch(digits):
        raise ValueError("A phone number consists of 3 to 20 digits.")
    return digits


def normalise_phone_last4(value: str) -> str:
    """The last four digits of a phone number that is being stored."""
    digits = normalise_phone(value)
    if len(digits) < 4:
        raise ValueError("The phone number has fewer than four digits.")
    return digits[-4:]


def normalise_last4_query(value: str) -> str:
    """Four digits as somebody typed them into a search box."""
    digits = _bare(value)
    if not _LAST_FOUR.fullmatch(digits):
        raise ValueError("Exactly four digits are expected.")
    return digits


def as_it_is(value: str) -> str:
    """For values of our own making, such as a code with its month."""
    return value


def normalise_loose(value: str) -> str:
    """Numbers that somebody else gave, in whatever spelling: the letters and digits of them."""
    plain = _bare(value).upper()
    return "".join(character for character in plain if character.isalnum()) or plain


# name -> (for a stored value, for a question)
NORMALISERS = {
    "id_number": (normalise_id_number, normalise_id_number),
    "phone": (normalise_phone, normalise_phone),
    "phone_last4": (normalise_phone_last4, normalise_last4_query),
    "loose": (normalise_loose, normalise_loose),
    "plain": (as_it_is, as_it_is),
}
