"""The pharmacist's two queues, oldest first, in a fixed number of queries."""

from django.db.models import Exists, OuterRef

from prescriptions.models import Prescription, PrescriptionItem
from prescriptions.pages import waited
from prescriptions.states import AT_WINDOW, RxState

MOST = 60  # rows shown; the head says how many there are in all
WITH = ("patient", "prescriber", "consultation__registration")


def to_review() -> dict:
    """Sheets that wait for a pharmacist, and those that are back with their doctors."""
    rows = Prescription.objects.filter(state=RxState.SUBMITTED).select_related(*WITH)
    back = Prescription.objects.filter(state=RxState.RETURNED).select_related(*WITH)
    return {
        **_shown("queue", rows.order_by("submitted_at", "pk"), "submitted_at"),
        **_shown("back", back.order_by("submitted_at", "pk"), "submitted_at"),
    }


def to_dispense() -> dict:
    """Sheets whose drugs may go out, as soon as a pending skin test is read."""
    pending = PrescriptionItem.objects.filter(
        prescription=OuterRef("pk"), removed_at__isnull=True, skin_test="pending"
    )
    rows = Prescription.objects.filter(state__in=AT_WINDOW)
    rows = rows.select_related(*WITH).annotate(waits_for_test=Exists(pending))
    return _shown("queue", rows.order_by("approved_at", "pk"), "approved_at")


def _shown(name: str, rows, since: str) -> dict:
    shown = list(rows[:MOST])
    for row in shown:
        row.waited = waited(getattr(row, since))
    count = len(shown) if len(shown) < MOST else rows.count()
    return {name: shown, f"{name}_count": count}


def patients_of(context: dict) -> list:
    """Everybody whose name the queue shows, for the record of who read what."""
    return [row.patient_id for key in ("queue", "back") for row in context.get(key, [])]


def next_after(context: dict, prescription) -> Prescription | None:
    """The sheet that comes after this one."""
    rows = [row for row in context["queue"] if row.pk != prescription.pk]
    return rows[0] if rows else None
