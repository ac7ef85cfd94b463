"""What of a list may be read in passing: the rows on a screen show no whole number (R-141)."""

import re

from patients.masking import mask_id, mask_phone

# An ID or phone number is at least seven characters long; eight digits from 18 on are a date.
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9.])(?=(?:[A-Za-z-]{0,3}\d)+)[A-Za-z]{0,3}(?:\d[ -]?){6,19}[\dXx]"
    r"(?![A-Za-z0-9])"
)
_DATE = re.compile(r"(18|19|20)\d{2}([-/.]?)\d{1,2}\2\d{1,2}")
_RECORD = re.compile(r"P0\d{7}")  # ours
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{2,3}-?\d{7,8}")


def hide_numbers(text: str) -> str:
    """`text` with the middle of each long number starred."""
    return _NUMBER.sub(lambda found: _hidden(found.group()), text)


def _hidden(number: str) -> str:
    if _DATE.fullmatch(number) or _RECORD.fullmatch(number):
        return number
    if _MOBILE.fullmatch(number) or _LANDLINE.fullmatch(number):
        return mask_phone(number)
    return mask_id("".join(number.split()))
