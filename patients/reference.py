"""Reference data shipped with the app, brought into the database."""

import csv
from pathlib import Path

from clinic.core.transactions import atomic_retry
from patients.models import AllergyGroup

DATA = Path(__file__).resolve().parent / "data"


@atomic_retry
def load_allergy_groups() -> int:
    """Create missing groups and bring changed ones up to date; how many were written.

    Safe to repeat: the second call writes nothing.
    """
    stored = {group.code: group for group in AllergyGroup.objects.all()}
    written = 0
    with (DATA / "allergy_groups.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            group = stored.get(row["group_code"]) or AllergyGroup(code=row["group_code"])
            wanted = {
                "name": row["group_name"],
                "members": row["members"],
                "synonyms": row["free_text_synonyms"],
                "cross_reactivity": row["cross_reactivity"],
                "default_action": row["default_action"],
                "note": row["note"],
            }
            if group.pk and all(getattr(group, name) == value for name, value in wanted.items()):
                continue
            for name, value in wanted.items():
                setattr(group, name, value)
            group.save()
            written += 1
    return written
