"""The treatments a clinic begins with; what is there already stays as the clinic changed it."""

import csv
from pathlib import Path

from prescriptions.models import TreatmentService

FILE = Path(__file__).parent / "data" / "treatments.csv"


def load_treatment_services() -> int:
    """Add what is missing, by code; return how many."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    there = set(TreatmentService.objects.values_list("code", flat=True))
    missing = [
        TreatmentService(**{**row, "two_people": row["two_people"] == "1"})
        for row in rows
        if row["code"] not in there
    ]
    TreatmentService.objects.bulk_create(missing)
    return len(missing)
