"""What brings a patient, and what the doctor makes of it: the demo clinic's made-up visits."""

import csv
import random
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from django.conf import settings

from prescriptions.dictionary import routes

VISITS = Path(settings.BASE_DIR) / "clinic" / "data" / "demo_visits.csv"
DRUGS = Path(settings.BASE_DIR) / "pharmacy" / "data" / "drugs.csv"
VITALS = ("temperature", "pulse", "respiration", "systolic", "diastolic", "spo2")
CARELESS = 0.3  # of the allergic whose allergy a drug meets: it is written all the same at first
MOST_AGE = 120


@dataclass(frozen=True)
class DrugRow:
    """One row of a prescription as the doctor types it."""

    initials: str
    name: str
    dose: str
    frequency: str
    days: str
    route: str
    quantity: str  # only where it can't be computed
    groups: str  # of allergies


@dataclass(frozen=True)
class Case:
    """A complaint with its record, diagnosis and drugs."""

    complaint: str = "复诊取药"
    illness: str = "病情平稳"
    examination: str = "神清，一般情况可"
    advice: str = "注意休息，不适随诊"
    diagnosis: str = "J06.9"
    name: str = "急性上呼吸道感染"
    vitals: tuple[tuple[str, str], ...] = ()
    weight: str = ""
    drugs: tuple[DrugRow, ...] = ()

    def without_drugs(self) -> "Case":
        return replace(self, drugs=())


@cache
def _templates() -> list[dict]:
    with VISITS.open(encoding="utf-8", newline="") as source:
        return [row for row in csv.DictReader(source) if not row["needs"]]


@cache
def _library() -> dict[str, dict]:
    with DRUGS.open(encoding="utf-8", newline="") as source:
        return {row["drug_no"]: row for row in csv.DictReader(source)}


def case_for(who: dict, chance: random.Random, today: date) -> Case:
    """A case that this person may have."""
    years = (today - date.fromisoformat(who["birth_date"])).days // 365
    fitting = [
        row
        for row in _templates()
        if int(row["age_min"] or 0) <= years <= int(row["age_max"] or MOST_AGE)
        and row["sex"] in ("", who["sex"])
    ]
    if not fitting:
        return Case(weight=_weight(years, chance))
    return _case(chance.choice(fitting), who, years, chance)


def _case(row: dict, who: dict, years: int, chance: random.Random) -> Case:
    drugs = [_drug(line) for line in row["drugs"].split(" ; ") if line]
    bad = {text.split("|")[0] for text in who["allergy"].split(";") if "|" in text}
    if chance.random() >= CARELESS:
        drugs = [one for one in drugs if not bad & set(one.groups.split(";"))]
    return Case(
        complaint=row["chief_complaint"],
        illness=row["present_illness"],
        examination=row["examination"],
        advice=row["advice"],
        diagnosis=row["icd10_code"],
        name=row["icd10_name"],
        vitals=tuple((name, _within(row[name], chance)) for name in VITALS if row[name]),
        weight=_weight(years, chance),
        drugs=tuple(drugs),
    )


def _drug(line: str) -> DrugRow:
    number, dose, unit, frequency, days, route, quantity, _unit = line.split("|")
    drug = _library()[number]
    return DrugRow(
        initials=drug["pinyin_initials"].lower(),
        name=drug["generic_name"],
        dose=f"{dose}{unit}",
        frequency=frequency,
        days=days,
        route=_route(route),
        quantity=quantity,
        groups=drug["allergy_group"],
    )


def _route(code: str) -> str:
    """As people write it; the code is the dictionary's."""
    return routes()[code].name


def _within(text: str, chance: random.Random) -> str:
    low, high = text.split("-")
    if "." in low:
        return f"{chance.randint(round(float(low) * 10), round(float(high) * 10)) / 10:.1f}"
    return str(chance.randint(int(low), int(high)))


def _weight(years: int, chance: random.Random) -> str:
    """Kilograms; of a child near the usual 2 × years + 8."""
    if years >= 14:
        return str(chance.randint(48, 78))
    return str(max(6, 2 * years + 8 + chance.randint(-1, 2)))
