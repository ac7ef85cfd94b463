"""Finding a patient by whatever the person at the desk has: name, pinyin, number, phone, document.

Every way uses an index but one, part of a name. What was typed is never stored or logged.
"""

import re

from django.core.exceptions import ValidationError

from clinic.core.text import clean_text, half_width
from patients.duplicates import on_file
from patients.models import Patient
from patients.pinyin import plain_letters
from patients.rules import tidy_name

LONGEST_QUESTION = 60

_RECORD = re.compile(r"P?0*(\d{1,8})", re.ASCII)
_SEPARATORS = re.compile(r"[\s()-]+")
_LETTERS = re.compile(r"[A-Za-zÀ-ɏ' ]+")


def find_patients(text: str, limit: int = 20) -> list[Patient]:
    """At most `limit` files that fit, the most recently used first.

    The number of queries depends on the kind of question, never on the number of patients.
    """
    found: dict = {}
    for query in queries(text):
        for patient in query.order_by("-updated_at", "-record_no")[:limit]:
            found.setdefault(patient.pk, patient)
    # Python's sort is stable: files of the same moment keep the order of the record numbers.
    return sorted(found.values(), key=lambda p: p.updated_at, reverse=True)[:limit]


def queries(text: str):
    """The questions that `text` may stand for, as querysets."""
    try:
        name = tidy_name(clean_text(text))[:LONGEST_QUESTION]
    except ValidationError:  # a character that no name can hold
        return
    bare = _SEPARATORS.sub("", half_width(name)).upper()
    if not bare:
        return
    if any(character.isdigit() for character in bare):
        yield from _by_number(bare)
        if not bare.isascii():
            yield on_file().filter(name__contains=name)
    elif _LETTERS.fullmatch(name):
        yield from _by_letters(name)
    else:
        yield on_file().filter(name__contains=name)


def _by_number(bare: str):
    files = on_file()
    record = _RECORD.fullmatch(bare)
    if record:
        yield files.filter(record_no=f"P{int(record.group(1)):08d}")
    digits = bare.lstrip("+")
    if digits.isdigit() and digits.isascii():
        if len(digits) == 4:
            yield files.find(phone_last4=digits)
            yield files.find(contact_phone_last4=digits)
        elif 7 <= len(digits) <= 15:
            yield files.find(phone=digits)
            yield files.find(contact_phone=digits)
    if len(bare) >= 5 and bare.isalnum():
        yield files.find(id_number=bare)


def _by_letters(name: str):
    letters = plain_letters(name)
    if not letters:
        return
    yield on_file().filter(**_starts_with("initials", letters.upper()))
    if len(letters) > 1:
        yield on_file().filter(**_starts_with("pinyin", letters))


def _starts_with(field: str, prefix: str) -> dict:
    """As a range: LIKE would not use the index on SQLite."""
    return {f"{field}__gte": prefix, f"{field}__lt": prefix[:-1] + chr(ord(prefix[-1]) + 1)}
