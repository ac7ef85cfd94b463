"""Which of the made-up visits a demo patient has: a doctor writes what suits and what is there.

The writing page shows the stock beside each drug, and the banner what the patient can't stand.
"""

import csv
import random
from pathlib import Path

from django.utils import timezone

from patients.age import age_years
from patients.models import Allergy, Patient
from pharmacy import stock
from pharmacy.models import Drug
from registration.models import Clinician

TEMPLATES = Path(__file__).resolve().parent.parent / "data" / "demo_visits.csv"
PENICILLIN = "penicillin_skin_test"
PACKS = 3  # on the shelf at least, for the doctor to think of a drug


def templates() -> list[dict]:
    """The visit templates that need no special right; a skin test is made."""
    with TEMPLATES.open(encoding="utf-8", newline="") as source:
        return [row for row in csv.DictReader(source) if row["needs"] in ("", PENICILLIN)]


def fitting(patient: Patient, clinician: Clinician, chance: random.Random) -> dict:
    """A visit that this patient may have with this doctor; without drugs where none suits."""
    age = age_years(patient.birth_date, timezone.localdate())
    found = [
        row
        for row in templates()
        if int(row["age_min"]) <= age <= int(row["age_max"])
        and row["sex"] in ("", patient.sex)
        and (clinician.department.paediatric or row["department"] != "儿科")
    ]
    known = _drugs_of(found)
    bad = _not_tolerated(patient)
    held = stock.available([drug.pk for drug in known.values()]) if known else {}
    good = [
        row
        for row in found
        if all(_suits(known[code], bad, held) for code in codes_of(row) if code in known)
    ]
    return chance.choice(good) if good else {**chance.choice(found or templates()), "drugs": ""}


def codes_of(row: dict) -> list[str]:
    """The drugs of a template, as codes of the library."""
    return [line.split("|")[0] for line in row["drugs"].split(" ; ") if line]


def _drugs_of(rows: list[dict]) -> dict[str, Drug]:
    codes = {code for row in rows for code in codes_of(row)}
    return {drug.code: drug for drug in Drug.objects.filter(code__in=codes)}


def _not_tolerated(patient: Patient) -> set[str]:
    rows = Allergy.objects.filter(patient=patient, state=Allergy.State.ACTIVE)
    return {row.group_code for row in rows if row.group_code}


def _suits(drug: Drug, bad: set[str], held: dict[int, int]) -> bool:
    if bad & set(drug.allergy_groups.split(";")):
        return False
    return held[drug.pk] >= PACKS * drug.units_per_pack
