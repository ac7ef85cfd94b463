"""The table of diagnoses: loading it and finding in it (R-158, R-179)."""

import csv
from pathlib import Path

from django.db.models import QuerySet
from django.db.models.functions import Length

from clinic.core.transactions import atomic_retry
from registration import icd10_words
from registration.models import Icd10Code, Icd10Part
from security import audit

FILE = Path(__file__).parent / "data" / "icd10.csv"
PIECE = 20  # rows of one transaction: no write lock is held long


def load_icd10(path: Path = FILE) -> int:
    """Add the diagnoses of our own table that are missing; returns how many were written.

    A code that is there stays as it is, for the clinic may have changed its words or put it away.
    """
    there = set(Icd10Code.objects.values_list("code", flat=True))
    with open(path, encoding="utf-8", newline="") as file:
        wanted = [row for row in csv.DictReader(file) if row["code"] not in there]
    for start in range(0, len(wanted), PIECE):
        write([Icd10Code(**row) for row in wanted[start : start + PIECE]])
    return len(wanted)


@atomic_retry
def write(codes: list[Icd10Code]) -> None:
    """New diagnoses with the parts they are found by; one entry of the log for each piece."""
    Icd10Code.objects.bulk_create(codes)
    made = list(Icd10Code.objects.filter(code__in=[code.code for code in codes]))
    icd10_words.index(made, new=True)
    data = {"codes": len(made), "first": codes[0].code, "last": codes[-1].code}
    audit.record("import", screen="import_icd10", data=data)


def search(text: str, limit: int = 12) -> list[Icd10Code]:
    """Diagnoses by code, by pinyin initials or by a part of the name; the closest first.

    Every question is a range of an index, whatever the length of the table.
    """
    question = icd10_words.plain(text)
    if not question or len(question) > 50:
        return []
    if not question.isascii():
        return list(_short_first(_with_part("text", question))[:limit])
    found = list(_beginning_with("code", question)[:limit]) if question[0].isalpha() else []
    found += _short_first(_beginning_with("initials", question).exclude(pk__in=_ids(found)))[
        : limit - len(found)
    ]
    if len(found) < limit and len(question) > 1:
        inside = _with_part("initials", question).exclude(pk__in=_ids(found))
        found += _short_first(inside)[: limit - len(found)]
    return found


def get(code: str) -> Icd10Code | None:
    """The diagnosis of this code, if it can be chosen."""
    return Icd10Code.objects.filter(code=code, active=True).first()


def _beginning_with(field: str, text: str) -> QuerySet:
    """A range instead of LIKE 'x%': both databases answer it from the index."""
    return Icd10Code.objects.filter(active=True, **_range(field, text))


def _with_part(field: str, text: str) -> QuerySet:
    """Diagnoses in whose name or initials the text stands; a long one piece by piece."""
    long = icd10_words.LONGEST
    pieces = [text[at : at + long] for at in range(0, len(text), long)]
    pieces[-1] = text[-long:]
    found = Icd10Code.objects.all()
    for piece in pieces:
        parts = Icd10Part.objects.filter(**_range(field, piece))
        found = found.filter(pk__in=parts.values("code"))
    return found


def _range(field: str, text: str) -> dict:
    """From the text on to before the next one of its length."""
    after = ord(text[-1]) + 1
    after = 0xE000 if after == 0xD800 else min(after, 0x10FFFF)  # no half of a pair
    return {f"{field}__gte": text, f"{field}__lt": text[:-1] + chr(after)}


def _short_first(found: QuerySet) -> QuerySet:
    return found.filter(active=True).order_by(Length("name"), "code")


def _ids(codes: list[Icd10Code]) -> list[int]:
    return [code.pk for code in codes]
