"""All visits of one patient, light: diagnoses and vital signs, for problems and plots.

A guarded record that is not for this reader stands in it without either (R-140).
"""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.utils import timezone

from clinic.core.prepared import prepared
from registration import guarded
from registration.models import Consultation, Diagnosis

_KEPT = "_chart_history"
_LIGHT = ("patient", "clinician__user", "guarded", "vitals", "started_at")


@dataclass(frozen=True)
class Visit:
    """One visit as far as this reader may know it."""

    day: date
    diagnoses: list[Diagnosis] = field(default_factory=list)
    vitals: dict[str, str] = field(default_factory=dict)
    is_closed: bool = False


def of(patient, request) -> list[Visit]:
    """The newest first; asked once for each page: the request keeps the answer."""
    kept = request.__dict__.setdefault(_KEPT, {})
    if patient.pk not in kept:
        kept[patient.pk] = _read(patient, request.user)
    return kept[patient.pk]


def _read(patient, user) -> list[Visit]:
    rows, reader = _begun(patient), guarded.Reader(user)
    standing = standing_of(rows)
    return [_visit(row, standing.get(row.pk, []), reader) for row in rows]


@prepared
def _begun(patient: UUID):
    rows = Consultation.objects.filter(patient=patient, started_at__isnull=False)
    return rows.select_related("clinician").only(*_LIGHT).order_by("-started_at", "-pk")


@prepared
def _standing(consultations: list[UUID]):
    rows = Diagnosis.objects.filter(consultation__in=consultations, removed_at__isnull=True)
    return rows.defer("month_code")


def standing_of(rows: list[Consultation]) -> dict[UUID, list[Diagnosis]]:
    """The diagnoses of these visits that nobody took back, whoever may see them."""
    found: dict[UUID, list[Diagnosis]] = {}
    for diagnosis in _standing([row.pk for row in rows]):
        found.setdefault(diagnosis.consultation_id, []).append(diagnosis)
    return found


def _visit(row: Consultation, standing: list[Diagnosis], reader: guarded.Reader) -> Visit:
    day = timezone.localdate(row.started_at)
    if guarded.is_guarded(row, [one.code for one in standing]) and not reader.may_see(row):
        return Visit(day, is_closed=True)
    return Visit(day, standing, row.vitals or {})
