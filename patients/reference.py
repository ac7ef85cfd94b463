"""Reference data shipped with the app, brought into the database."""

import csv
from pathlib import Path

from clinic.core.transactions import atomic_retry
from patients.models import AllergyGroup, ConsentKind, ConsentText

DATA = Path(__file__).resolve().parent / "data"


SHIPPED = "随系统提供，凭记忆整理"  # nobody has compared it with a book yet
COLUMNS = {
    "name": "group_name",
    "members": "members",
    "synonyms": "free_text_synonyms",
    "cross_reactivity": "cross_reactivity",
    "default_action": "default_action",
    "note": "note",
}


@atomic_retry
def load_allergy_groups() -> int:
    """Create the groups that are missing; how many were made.

    A group that is there stays as it is: a pharmacist may have corrected it (R-157).
    """
    known = set(AllergyGroup.objects.values_list("code", flat=True))
    made = 0
    with (DATA / "allergy_groups.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["group_code"] in known:
                continue
            values = {name: row[column] for name, column in COLUMNS.items()}
            AllergyGroup.objects.create(code=row["group_code"], source=SHIPPED, **values)
            made += 1
    return made


@atomic_retry
def load_consent_texts() -> int:
    """The first version of each text that has none; how many were made (R-137)."""
    known = set(ConsentText.objects.values_list("kind", flat=True))
    made = 0
    for kind in ConsentKind.values:
        if kind not in known:
            text = (DATA / f"consent_{kind}.txt").read_text(encoding="utf-8").strip()
            _row, is_new = ConsentText.objects.get_or_create(
                kind=kind, version=1, defaults={"text": text}
            )
            made += is_new
    return made
