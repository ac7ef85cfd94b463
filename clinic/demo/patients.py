"""Made-up patients with valid-looking numbers, registered as the front desk would."""

import csv
import random
from datetime import date, time, timedelta
from pathlib import Path
from time import monotonic

from django.utils import timezone

from clinic.core.days import moment
from clinic.core.transactions import atomic_retry
from clinic.demo import crowd
from clinic.demo.clock import at
from patients import services
from patients.duplicates import NumberTaken
from patients.models import Patient

PEOPLE = Path(__file__).resolve().parent.parent / "data" / "demo_people.csv"
BEFORE = 170  # days: within the half year in which an answer about allergies needs no new one
HOLD, FEWEST, MOST = 0.08, 2, 12  # seconds, and files, of one transaction


def make_patients(
    count: int,
    *,
    by,
    chance: random.Random,
    until: date | None = None,
    since: date | None = None,
    told=None,
) -> int:
    """Register people until `count` have a file: those of the list, then further ones.

    Returns how many were registered; a second call with the same arguments registers nobody. They
    came one after the other in the half year before `since`; ages are those on the day `until`.
    Where no day is said, both are today.
    """
    until = until or timezone.localdate()
    since = since or until
    with PEOPLE.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))[:count]
    rows += [crowd.person(chance, serial, until) for serial in range(len(rows), count)]
    there = Patient.objects.count()
    if there >= len(rows):
        return 0
    first, step = moment(since - timedelta(days=BEFORE), time(8)), timedelta(days=BEFORE) / count
    made, start, size = 0, 0, FEWEST
    while start < len(rows):
        piece = list(enumerate(rows))[start : start + size]
        start += size
        if there:
            piece = [(number, row) for number, row in piece if not _is_there(row)]
        begun = monotonic()
        done = _register_some(piece, first, step, by)
        made += done
        if told:
            told.add(done, "files")
        size = max(FEWEST, min(MOST, size + (2 if monotonic() - begun < HOLD else -4)))
    return made


@atomic_retry
def _register_some(piece, first, step, by) -> int:
    """Some files in one transaction; each opened at its own moment."""
    made = 0
    for number, row in piece:
        opened = first + step * number
        opened = opened.replace(hour=8 + number % 9, minute=number * 7 % 60)
        born = date.fromisoformat(row["birth_date"]) + timedelta(days=2)
        with at(max(opened, moment(born, time(9)))):
            made += _register(row, by)
    return made


@atomic_retry
def register_row(row: dict, by) -> bool:
    """One more person of the kind of `crowd.person`, now; False when there is such a file."""
    return not _is_there(row) and _register(row, by)


def _is_there(row: dict) -> bool:
    return Patient.objects.filter(name=row["name"], birth_date=row["birth_date"]).exists()


def _register(row: dict, by) -> bool:
    """False when this number has a file already."""
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
