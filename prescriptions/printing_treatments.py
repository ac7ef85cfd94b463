"""Paper of the treatment room: the day's list to sign, and the labels on bottles (R-161)."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from prescriptions import treatment_list
from prescriptions.dictionary import frequency_of, route_of
from prescriptions.doses import Dose
from prescriptions.models import Treatment, TreatmentTurn
from prescriptions.turns import items_of, lots_of

Turn = TreatmentTurn.State


def day(user) -> dict:
    """Everything of today by patient, in the institution's language."""
    with translation.override(settings.LANGUAGE_CODE):
        context = treatment_list.shown(user)
        rows = [
            turn
            for key in ("missed", "due", "waiting", "running", "later", "over")
            for turn in context[key]
        ]
        rows.sort(key=lambda turn: (turn.treatment.patient.record_no, turn.due_at))
        return context | {
            "rows": rows,
            "count": len(rows) + len(context["tests"]),
            "now": timezone.localtime(),
            "sheet_language": settings.LANGUAGE_CODE,
            "back_url": reverse("treatment_list"),
        }


def labels(treatment: Treatment) -> list[dict]:
    """One for each turn that is due until tonight; of a course that is over, none."""
    with translation.override(settings.LANGUAGE_CODE):
        items = items_of(treatment)
        midnight = timezone.make_aware(
            datetime.combine(timezone.localdate() + timedelta(days=1), time.min)
        )
        due = treatment.turns.filter(state__in=[Turn.DUE, Turn.RUNNING], due_at__lt=midnight)
        common = _common(treatment, items)
        return [{**common, "turn": turn} for turn in due.order_by("number")]


def _common(treatment: Treatment, items: list) -> dict:
    first = items[0] if items else None
    return {
        "patient": treatment.patient,
        "service": treatment.service.name,
        "times": treatment.times,
        "words": treatment.words or "",
        "drugs": [
            {
                "name": item.drug_name,
                "strength": item.strength,
                "dose": str(Dose(item.dose, item.dose_unit)),
            }
            for item in items
        ],
        "route": route_of(first.route).name if first else "",
        "frequency": frequency_of(first.frequency).name if first else "",
        "drip": next((item.drip for item in items if item.drip), ""),
        "lots": lots_of(items),
    }
