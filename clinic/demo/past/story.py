"""What a made-up visit is about, and the visits out of the list for those who have fallen ill."""

import csv
import random
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "data"
FILES = ("demo_visits.csv", "demo_more_visits.csv")
RANGES = ("temperature", "pulse", "respiration", "systolic", "diastolic", "spo2", "glucose")
SKIN_TEST = "penicillin_skin_test"
NEEDS = ("", SKIN_TEST, "psychotropic_2")
CHILD = 14
# How often people come for it, beside the usual 1; by code, the longest beginning decides.
OFTEN = {
    "J06": 7, "J20": 3.5, "J03": 1.6, "J02": 2, "J11": 1.2, "K29": 2, "K30": 1.4, "M54": 2,
    "L30": 1.4, "M47": 1.3, "A09": 1.2, "Z00": 0.5, "B02": 0.5, "T22": 0.4, "S": 0.6, "L70": 0.5,
    "J45": 0.7, "H81": 0.8, "N95": 0.5, "B35": 0.7, "D50": 0.6,
}  # fmt: skip
# Diseases for which people are supplied instead (clinic.demo.past.supplies).
LONG = ("I10", "I25", "E11.9", "E78", "N40", "I69", "E03", "J44")
# By beginning of the code and month, January first.
COLD = (2.2, 2.0, 1.6, 1.2, 0.9, 0.7, 0.6, 0.6, 0.9, 1.2, 1.6, 2.0)
FLU = (3.0, 2.4, 1.4, 0.5, 0.2, 0.2, 0.2, 0.1, 0.2, 0.4, 1.4, 2.6)
BOWELS = (0.6, 0.6, 0.7, 0.9, 1.2, 1.8, 2.4, 2.4, 1.6, 1.0, 0.8, 0.6)
ROTA = (1.8, 1.4, 1.0, 0.6, 0.4, 0.3, 0.3, 0.3, 0.6, 1.6, 2.4, 2.2)
POLLEN = (0.5, 0.6, 1.4, 2.0, 1.8, 1.0, 0.7, 1.2, 2.2, 1.4, 0.8, 0.5)
HANDS = (0.3, 0.3, 0.5, 1.2, 2.2, 2.6, 1.8, 1.0, 1.2, 1.2, 0.8, 0.4)
SUMMER = (0.3, 0.3, 0.5, 0.8, 1.2, 1.8, 2.2, 2.2, 1.5, 0.9, 0.5, 0.3)
SEASONS = {
    "J": COLD, "J11": FLU, "J30": POLLEN, "A09": BOWELS, "A08": ROTA, "B08": HANDS, "B35": SUMMER,
    "L28": SUMMER, "T67": SUMMER, "K52": BOWELS,
}  # fmt: skip
_DAYS = re.compile(r"\d+(?=天)")


@dataclass(frozen=True)
class Taken:
    """One drug as it is written: code, dose, frequency, days, route, a stated quantity."""

    code: str
    dose: str
    unit: str
    frequency: str
    days: int
    route: str
    quantity: int | None = None

    def for_days(self, days: int) -> "Taken":
        return replace(self, days=days)


@dataclass(frozen=True)
class Story:
    """Everything that is written down at one visit."""

    complaint: str
    illness: str
    examination: str
    advice: str
    diagnoses: tuple
    vitals: dict
    drugs: tuple = ()


@cache
def templates() -> tuple[dict, ...]:
    rows = []
    for name in FILES:
        with (DATA / name).open(encoding="utf-8", newline="") as source:
            rows += csv.DictReader(source)
    return tuple(
        row for row in rows if row["needs"] in NEEDS and not row["icd10_code"].startswith(LONG)
    )


def of_table(table: dict, code: str, usual=1):
    """What the table says of the longest beginning of this code."""
    known = [start for start in table if code.startswith(start)]
    return table[max(known, key=len)] if known else usual


def illness(*, years: int, sex: str, month: int, chance: random.Random, drugs=True) -> Story:
    """Something new, as it comes in that month at that age."""
    found = [
        row
        for row in templates()
        if int(row["age_min"]) <= years <= int(row["age_max"])
        and row["sex"] in ("", sex)
        and (row["department"] == "儿科") == (years < CHILD)
    ]
    found = found or [row for row in templates() if row["icd10_code"] == "J06.9"]
    weights = [
        of_table(OFTEN, row["icd10_code"])
        * of_table(SEASONS, row["icd10_code"], (1,) * 12)[month - 1]
        for row in found
    ]
    row = chance.choices(found, weights)[0]
    return _told(row, years, chance)


def _told(row: dict, years: int, chance: random.Random) -> Story:
    complaint, story = _since(row["chief_complaint"], row["present_illness"], chance)
    vitals = {key: within(row[key], chance) for key in RANGES if row.get(key)}
    if row["weight"]:
        vitals["weight"] = weight(row, years, chance)
    codes = [(row["icd10_code"], row["icd10_name"])]
    codes += [(code, "") for code in row["more_icd10"].split(";") if code]
    return Story(
        complaint=complaint,
        illness=story,
        examination=row["examination"],
        advice=row["advice"],
        diagnoses=tuple(codes),
        vitals=vitals,
        drugs=tuple(_taken(text) for text in row["drugs"].split(" ; ") if text),
    )


def _taken(text: str) -> Taken:
    code, dose, unit, frequency, days, route, quantity, _unit = text.split("|")
    return Taken(code, dose, unit, frequency, int(days), route, int(quantity) if quantity else None)


def _since(complaint: str, story: str, chance: random.Random) -> tuple[str, str]:
    """The same story with another number of days, where only one number of days stands in it."""
    numbers = set(_DAYS.findall(complaint + story))
    if len(numbers) != 1 or not _DAYS.search(complaint):
        return complaint, story
    days = max(1, int(numbers.pop()) + chance.choice((-1, 0, 0, 1, 1, 2)))
    return _DAYS.sub(str(days), complaint), _DAYS.sub(str(days), story)


def within(text: str, chance: random.Random) -> str:
    """A value of the range "36.2-36.8", in its own precision."""
    low, high = (Decimal(part) for part in text.split("-"))
    step = Decimal("0.1") if "." in text else Decimal(1)
    return format(low + step * chance.randrange(int((high - low) / step) + 1), "f")


def weight(row: dict, years: int, chance: random.Random) -> str:
    """Within the template's range where the child's age puts it."""
    low, high = (Decimal(part) for part in row["weight"].split("-"))
    first, last = int(row["age_min"]), int(row["age_max"])
    if first >= CHILD:
        return within(row["weight"], chance)
    part = Decimal(years - first) / max(1, last - first)
    middle = low + (high - low) * part
    return format(round(min(high, max(low, middle + Decimal(chance.randint(-8, 8)) / 10)), 1), "f")
