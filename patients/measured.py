"""What was measured at follow-ups outside a visit: at home, by phone (R-64)."""

from datetime import date
from decimal import Decimal, InvalidOperation
from uuid import UUID

from clinic.core.prepared import prepared
from patients.models import FollowUp, Patient

KEYS = ("systolic", "diastolic", "glucose", "weight")


@prepared
def _done(patient: UUID):
    rows = FollowUp.objects.filter(
        care_file__patient=patient, state=FollowUp.State.DONE, visit__isnull=True
    )
    return rows.only("done_on", "due_on", "findings").order_by()


def at_follow_ups(patient: Patient) -> list[tuple[date, dict[str, str]]]:
    """Day and values; what was taken over from a visit stands in that visit already. One query."""
    rows = sorted(_done(patient), key=lambda row: (row.due_on, row.pk))
    found = ((row.done_on, _values(row.findings or {})) for row in rows)
    return [(day, values) for day, values in found if values]


def _values(findings: dict) -> dict[str, str]:
    return {key: str(findings[key]) for key in KEYS if _is_number(findings.get(key))}


def _is_number(value) -> bool:
    try:
        return Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False
