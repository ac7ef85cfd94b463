"""Which diagnoses are notifiable, in which class and until when (R-75)."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "notifiable.csv"
GRADES = ("甲", "乙", "丙")


@dataclass(frozen=True)
class Disease:
    """One disease of the law's list."""

    name: str
    grade: str
    hours: int
    codes: tuple[str, ...]  # beginnings of codes, or A50-A53 with both ends included
    forms: tuple[str, ...]  # what the report card tells apart
    card: str  # how the report card calls it

    def fits(self, code: str) -> int:
        """How many letters of the code it takes to mean this disease; 0 when it does not."""
        return max((len(part) for part in self.codes if _is_in(code, part)), default=0)


def _is_in(code: str, part: str) -> bool:
    first, to, last = part.partition("-")
    return first <= code[:3] <= last if to else code.startswith(part)


@cache
def diseases() -> tuple[Disease, ...]:
    """The table, as the report card lists it."""
    with open(FILE, encoding="utf-8", newline="") as file:
        lines = [line for line in file if not line.startswith("#")]
    return tuple(
        Disease(
            name=row["disease"],
            grade=row["grade"],
            hours=int(row["hours"]),
            codes=tuple(row["codes"].split()),
            forms=tuple(filter(None, row["forms"].split("|"))),
            card=row["card"] or row["disease"],
        )
        for row in csv.DictReader(lines)
    )


def disease_of(code: str) -> Disease | None:
    """The notifiable disease that a diagnosis code means; the closest entry counts."""
    plain = code.strip().upper()
    best = max(diseases(), key=lambda disease: disease.fits(plain))
    return best if best.fits(plain) else None
