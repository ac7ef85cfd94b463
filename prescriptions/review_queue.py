"""The reviewer's queue: emergencies first, then who waits longest (R-32); what comes next."""

from django.db.models import BooleanField, Case, Q, Value, When

from prescriptions.models import Prescription
from prescriptions.queues import WITH, shown
from prescriptions.states import RxState
from registration.etag import etag_of

MOST_LOOKED_AT = 200
EMERGENCY = (
    Q(kind=Prescription.Kind.EMERGENCY)
    | Q(consultation__emergency=True)
    | Q(consultation__clinician__department__emergency=True)
)


def waiting():
    """Sheets for the pharmacist in their order; an assistant's only once it is countersigned."""
    rows = Prescription.objects.filter(state=RxState.SUBMITTED, countersign_in__isnull=True)
    is_urgent = Case(
        When(EMERGENCY, then=Value(True)), default=Value(False), output_field=BooleanField()
    )
    return rows.annotate(is_urgent=is_urgent).order_by("-is_urgent", "submitted_at", "pk")


def to_review() -> dict:
    """Sheets that wait for a pharmacist, and those that are back with their doctors."""
    back = Prescription.objects.filter(state=RxState.RETURNED).select_related(*WITH)
    return {
        **shown("queue", waiting().select_related(*WITH), "submitted_at"),
        **shown("back", back.order_by("submitted_at", "pk"), "submitted_at"),
    }


def version_of(context: dict) -> str:
    """Changes with whatever the queue shows."""
    rows = [(row.pk, row.version, row.waited) for key in ("queue", "back") for row in context[key]]
    return etag_of(rows, context["queue_count"], context["back_count"])


def next_after(prescription: Prescription, user):
    """The id of the sheet that follows, round and round; an emergency that came goes before."""
    rows = waiting().exclude(pk=prescription.pk).exclude(prescriber=user)
    rows = rows.exclude(countersigner=user)
    rows = list(rows.values_list("is_urgent", "submitted_at", "pk")[:MOST_LOOKED_AT])
    if not rows:
        return None
    first = rows[0][2]
    is_urgent = Prescription.objects.filter(EMERGENCY, pk=prescription.pk).exists()
    if rows[0][0] and not is_urgent:
        return first
    here = (not is_urgent, prescription.submitted_at)
    return next((pk for urgent, since, pk in rows if (not urgent, since) > here), first)
