"""Made-up patients with valid-looking numbers, registered as the front desk would."""

import csv
from datetime import date
from pathlib import Path

from clinic.core.errors import RuleBroken
from patients import services
from patients.models import Patient

PEOPLE = Path(__file__).resolve().parent.parent / "data" / "demo_people.csv"


def make_patients(count: int, *, by) -> int:
    """Register the first `count` people of the list who have no file yet; returns how many."""
    made = 0
    with PEOPLE.open(encoding="utf-8", newline="") as source:
        for row in list(csv.DictReader(source))[:count]:
            if Patient.objects.filter(name=row["name"], birth_date=row["birth_date"]).exists():
                continue
            try:
                services.register(by=by, not_a_duplicate=True, **_arguments(row))
            except RuleBroken:  # the number is already in a file under another name
                continue
            made += 1
    return made


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
        "notice_given": True,
        "allergy_status": "has" if known else row["allergy"],
        "allergies": [_allergy(text) for text in row["allergy"].split(";")] if known else [],
    }


def _allergy(text: str) -> dict:
    group, severity, reaction, substance = text.split("|")
    return {
        "group_code": group,
        "severity": severity,
        "reaction": reaction,
        "substance": substance,
    }
