"""Typed words as the columns of the library hold them."""

from string import ascii_lowercase

from django.core.exceptions import ValidationError

from clinic.core.text import clean_text, half_width

# Capital letters for the Latin ones only: Greek letters in names keep their case.
_CAPITALS = {ord(letter): letter.upper() for letter in ascii_lowercase}


def normalised(text: str) -> str:
    """`text` half-width and in capital letters; "" when it can't be stored."""
    try:
        return " ".join(clean_text(half_width(text)).translate(_CAPITALS).split())[:100]
    except ValidationError:
        return ""
