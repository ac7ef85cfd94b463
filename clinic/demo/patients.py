"""Made-up patients with valid-looking numbers, registered as the front desk would."""

import csv
import random
from datetime import date, time
from pathlib import Path

from clinic.demo import crowd
from patients import services
from patients.duplicates import NumberTaken
from patients.models import Patient

PEOPLE = Path(__file__).resolve().parent.parent / "data" / "demo_people.csv"


def make_patients(count: int, *, by, chance: random.Random) -> int:
    """Register people until `count` have a file: those of the list, then further ones.

    Returns how many were registered; a second call with the same arguments registers nobody.
    """
    with PEOPLE.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))[:count]
    rows += [crowd.person(chance, serial) for serial in range(len(rows), count)]
    return sum(_register(row, by) for row in rows)


def _register(row: dict, by) -> bool:
    """False when this person has a file already."""
    if Patient.objects.filter(name=row["name"], birth_date=row["birth_date"]).exists():
        return False
    try:
        services.register(by=by, not_a_duplicate=True, **_arguments(row))
    except NumberTaken:
        return False
    return True


def _arguments(row: dict) -> dict:
    known = row["allergy"] not in ("denied", "not_asked")
    return {
        "name": row["name"],
        "sex": row["sex"],
        "birth_date": date.fromisoformat(row["birth_date"]),
        "id_type": row["id_type"],
        "id_number": row["id_number"] or None,
        "no_id_reason": row["no_id_reason"],
        "phone": row["phone"] or None,
        "address": row["address"] or None,
        "contact_name": row["contact_name"] or None,
        "contact_relation": row["contact_relation_text"],
        "contact_phone": row["contact_phone"] or None,
        "payment": row["payment"],
        "notice_given": not row.get("is_unnamed"),
        **_rare(row),
        "allergy_status": "has" if known else row["allergy"],
        "allergies": [_allergy(text) for text in row["allergy"].split(";")] if known else [],
    }


def _rare(row: dict) -> dict:
    """What only few of the list have: newborns, rare characters, somebody whom nobody knows."""
    given = {
        "birth_precision": row.get("birth_precision"),
        "birth_time": time.fromisoformat(row["birth_time"]) if row.get("birth_time") else None,
        "is_unnamed": bool(row.get("is_unnamed")),
    }
    names = ("mother_id_number", "reading", "health_no", "paper_no")
    return given | {name: row.get(name) for name in names}


def _allergy(text: str) -> dict:
    group, severity, reaction, substance = text.split("|")
    return {
        "group_code": group,
        "severity": severity,
        "reaction": reaction,
        "substance": substance,
    }
