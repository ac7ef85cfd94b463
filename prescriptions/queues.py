"""What waits at the window, oldest first, in a fixed number of queries."""

from django.db.models import Exists, OuterRef

from prescriptions.models import Prescription, PrescriptionItem
from prescriptions.pages import waited
from prescriptions.review import is_expired
from prescriptions.states import AT_WINDOW

MOST = 60  # rows shown; the head says how many there are in all
WITH = ("patient", "prescriber", "consultation__registration")


def to_dispense() -> dict:
    """Sheets whose drugs may go out, as soon as a pending skin test is read."""
    pending = PrescriptionItem.objects.filter(
        prescription=OuterRef("pk"), removed_at__isnull=True, skin_test="pending"
    )
    rows = Prescription.objects.filter(state__in=AT_WINDOW)
    rows = rows.select_related(*WITH).annotate(waits_for_test=Exists(pending))
    context = shown("queue", rows.order_by("approved_at", "pk"), "approved_at")
    for row in context["queue"]:
        row.is_expired = is_expired(row)
    context["first"] = next((row for row in context["queue"] if not row.is_expired), None)
    return context


def shown(name: str, rows, since: str) -> dict:
    shown = list(rows[:MOST])
    for row in shown:
        row.waited = waited(getattr(row, since))
    count = len(shown) if len(shown) < MOST else rows.count()
    return {name: shown, f"{name}_count": count}


def patients_of(context: dict) -> list:
    """Everybody whose name the queue shows, for the record of who read what."""
    return [row.patient_id for key in ("queue", "back") for row in context.get(key, [])]
