"""All visits of one patient, light: diagnoses and vital signs, for problems and plots.

A guarded record that is not for this reader stands in it without either (R-140).
"""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Prefetch
from django.utils import timezone

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
    rows = Consultation.objects.filter(patient=patient, started_at__isnull=False)
    standing = Diagnosis.objects.filter(removed_at__isnull=True).defer("month_code")
    rows = rows.select_related("clinician").only(*_LIGHT)
    rows = rows.prefetch_related(Prefetch("diagnoses", standing, to_attr="standing"))
    reader = guarded.Reader(user)
    return [_visit(row, reader) for row in rows.order_by("-started_at", "-pk")]


def _visit(row: Consultation, reader: guarded.Reader) -> Visit:
    day = timezone.localdate(row.started_at)
    codes = [diagnosis.code for diagnosis in row.standing]
    if guarded.is_guarded(row, codes) and not reader.may_see(row):
        return Visit(day, is_closed=True)
    return Visit(day, row.standing, row.vitals or {})
