"""What treatments add to pages of lower floors: the visit's panel and the patient's chart."""

from uuid import UUID

from django.db.models import prefetch_related_objects
from django.urls import reverse

from clinic.core.prepared import prepared
from prescriptions.models import Treatment, TreatmentTurn

MOST_IN_CHART = 20
Turn = TreatmentTurn.State


def of_visit(consultation) -> list[Treatment]:
    """What was ordered at this visit and stands, with how much of it is done."""
    rows = Treatment.objects.filter(consultation=consultation).select_related("service", "item")
    return _counted(rows)


def _counted(rows) -> list[Treatment]:
    found = list(rows)
    prefetch_related_objects(found, "turns__ended_by")
    for row in found:
        turns = sorted(row.turns.all(), key=lambda turn: turn.number)
        row.done = sum(turn.state == Turn.DONE for turn in turns)
        row.begun = any(turn.state != Turn.DUE for turn in turns)
        row.course = [t for t in turns if t.state in (Turn.DONE, Turn.NOT_DONE, Turn.REFUSED)]
    return found


def panel(consultation, request) -> dict:
    """Under the prescriptions of the visit."""
    is_own = consultation.clinician.user_id == request.user.pk
    return {
        "rows": of_visit(consultation),
        "may_order": is_own and consultation.finished_at is None,
    }


def order_from_panel(*, consultation, by) -> str:
    """The panel's button: what was typed is saved, then the page of orders opens."""
    return reverse("treatment_order", args=[consultation.pk])


@prepared
def _newest(patient: UUID):
    rows = Treatment.objects.filter(patient=patient).select_related("service", "item")
    return rows.order_by("-ordered_at", "pk")[: MOST_IN_CHART + 1]


def chart(patient, request) -> dict:
    """The chart's section: newest first."""
    found = _counted(_newest(patient))
    return {"rows": found[:MOST_IN_CHART], "has_more": len(found) > MOST_IN_CHART}
