"""What only a person can judge; the rules point at it (1.6: assisted items 2-1, 2-4, 2-6, 3-1).

All are quiet notes: a diagnosis may be missing from the list or from the sheet (R-157).
"""

import csv
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path

from prescriptions.rules import codes
from prescriptions.rules.facts import DrugFacts, Finding, Sheet
from prescriptions.rules.table import RULES

DATA = Path(__file__).parent.parent / "data" / "indications.csv"


@dataclass(frozen=True)
class Indication:
    """A class of drugs and the diagnoses it is usually given for."""

    side: str
    value: str
    codes: str
    words: str


@cache
def indications() -> tuple[Indication, ...]:
    """The table as it is shipped."""
    with DATA.open(encoding="utf-8", newline="") as file:
        return tuple(Indication(**row) for row in csv.DictReader(file))


def check(sheet: Sheet):
    """Line by line, then two antibiotics together."""
    for line in sheet.lines:
        yield from without_indication(sheet, line)
        if line.essential_instead:
            values = {"drug": line.drug.name, "other": line.essential_instead}
            yield Finding(RULES["essential.first"], (line.key,), values)
    yield from two_antibiotics(sheet)


def without_indication(sheet: Sheet, line):
    """No diagnosis on file goes with the class of the drug; silent while there is none at all."""
    if not sheet.conditions or line.drug.is_topical:
        return
    for row in indications():
        if _is_of(line.drug, row) and codes.found(sheet, row.codes) is None:
            values = {"drug": line.drug.name, "class": row.words}
            yield Finding(RULES["indication.missing"], (line.key,), values)


def _is_of(drug: DrugFacts, row: Indication) -> bool:
    return drug.is_antibiotic if row.side == "grade" else row.value in drug.tags


def two_antibiotics(sheet: Sheet):
    """Two antibiotics at once are sometimes right, so a person looks (2-6)."""
    lines = [line for line in sheet.lines if line.drug.is_antibiotic and not line.drug.is_topical]
    for one, two in combinations(lines, 2):
        if not one.drug.ingredients & two.drug.ingredients:
            values = {"drug": one.drug.name, "other": two.drug.name}
            yield Finding(RULES["combination.antibiotics"], (one.key, two.key), values)
