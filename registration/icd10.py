"""The table of diagnoses: loading it and finding in it (R-158, R-179)."""

import csv
from pathlib import Path

from django.db.models import QuerySet
from django.db.models.functions import Length

from clinic.core.text import half_width
from clinic.core.transactions import atomic_retry
from registration.models import Icd10Code

FILE = Path(__file__).parent / "data" / "icd10.csv"
PIECE = 50  # rows of one transaction: no write lock is held long


def load_icd10(path: Path = FILE, *, overwrite: bool = False) -> int:
    """Add the diagnoses that are missing; returns how many rows were written.

    A code that is there stays as it is, for the clinic may have changed its words or put it away;
    with `overwrite` (somebody imports a file on purpose) it follows the file.
    """
    there = {code.code: code for code in Icd10Code.objects.all()}
    with open(path, encoding="utf-8", newline="") as file:
        wanted = [
            (there.get(row["code"]) or Icd10Code(code=row["code"]), row)
            for row in csv.DictReader(file)
            if row["code"] not in there or overwrite and not _same(there[row["code"]], row)
        ]
    for start in range(0, len(wanted), PIECE):
        _write(wanted[start : start + PIECE])
    return len(wanted)


def search(text: str, limit: int = 12) -> list[Icd10Code]:
    """Diagnoses by code, by pinyin initials or by a part of the name; the closest first."""
    text = half_width(text).strip()
    if not text or len(text) > 50:
        return []
    if not text.isascii():
        found = Icd10Code.objects.filter(name__contains=text)
        return list(_short_first(found)[:limit])
    question = text.upper()
    found = list(_beginning_with("code", question)[:limit]) if question[0].isalpha() else []
    found += _short_first(_beginning_with("initials", question).exclude(pk__in=_ids(found)))[
        : limit - len(found)
    ]
    if len(found) < limit and len(question) > 1:
        inside = Icd10Code.objects.filter(initials__contains=question, active=True)
        found += _short_first(inside.exclude(pk__in=_ids(found)))[: limit - len(found)]
    return found


def get(code: str) -> Icd10Code | None:
    """The diagnosis of this code, if it can be chosen."""
    return Icd10Code.objects.filter(code=code, active=True).first()


def _beginning_with(field: str, text: str) -> QuerySet:
    """A range instead of LIKE 'x%': both databases answer it from the index."""
    end = text[:-1] + chr(ord(text[-1]) + 1)
    return Icd10Code.objects.filter(active=True, **{f"{field}__gte": text, f"{field}__lt": end})


def _short_first(found: QuerySet) -> QuerySet:
    return found.filter(active=True).order_by(Length("name"), "code")


def _ids(codes: list[Icd10Code]) -> list[int]:
    return [code.pk for code in codes]


def _same(code: Icd10Code, row: dict) -> bool:
    return (code.name, code.initials) == (row["name"], row["initials"])


@atomic_retry
def _write(changes: list[tuple[Icd10Code, dict]]) -> None:
    for code, row in changes:
        code.name, code.initials = row["name"], row["initials"]
        code.save()
