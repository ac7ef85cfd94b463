"""Coded values of the national forms (R-59, R-84): data/codes.csv, read once.

Not gettext: the values and their spelling belong to the standards, not to our pages.
"""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from django.utils.translation import get_language

FILE = Path(__file__).parent / "data" / "codes.csv"


@cache
def _sets() -> Mapping[str, Mapping[str, tuple[str, str]]]:
    """(Chinese, English) by set and code, in the order of the forms."""
    sets: dict[str, dict[str, tuple[str, str]]] = {}
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            sets.setdefault(row["code_set"], {})[row["code"]] = row["meaning"], row["english"]
    return MappingProxyType({name: MappingProxyType(codes) for name, codes in sets.items()})


def choices(code_set: str) -> list[tuple[str, str]]:
    """(code, label) of a whole set, for a form in the language in use."""
    return [(code, label(code_set, code)) for code in _sets()[code_set]]


def label(code_set: str, code: str) -> str:
    """What the code means; a code that the set doesn't have is its own label."""
    names = _sets()[code_set].get(code)
    if names is None:
        return code
    chinese, english = names
    return chinese if (get_language() or "zh").startswith("zh") else english


def chinese(code_set: str, code: str) -> str:
    """What the code means on the national forms and in an exchange, whatever the language."""
    names = _sets()[code_set].get(code)
    return code if names is None else names[0]


def known(code_set: str, code: str) -> bool:
    """Whether the set has this code."""
    return code in _sets()[code_set]


def find(code_set: str, text: str) -> str | None:
    """The code whose Chinese or English meaning this is; exchange goes by meaning (R-61)."""
    for code, names in _sets()[code_set].items():
        if text in names:
            return code
    return None
