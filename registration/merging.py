"""Two files of one person become one: visits and records go to the file that is kept."""

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import lock
from registration.booking import live_key_of
from registration.models import Consultation, Registration


def move(*, kept, merged, by, only: dict | None = None) -> dict[str, list[str]]:
    """Called inside the merge's transaction. What was signed says the same as before: a version
    names its record, not the file it lies in. `only` undoes an earlier merge (patients.records)."""
    found = Registration.objects.filter(patient=merged)
    if only is not None:
        found = found.filter(pk__in=only["visits"])
    visits = list(lock(found.order_by("pk")))
    held = set(
        Registration.objects.filter(patient=kept, live_key__isnull=False).values_list(
            "session", flat=True
        )
    )
    for visit in visits:
        if visit.live_key and visit.session_id in held:
            raise RuleBroken(
                _("Not merged: both files hold a number of the same session. Cancel one first."),
                rule="R-102",
            )
        visit.patient = kept
        if visit.live_key:
            visit.live_key = live_key_of(visit.session, kept)
        visit.save(update_fields=["patient", "live_key"])
    for record in lock(Consultation.objects.filter(registration__in=visits).order_by("pk")):
        record.patient = kept
        record.save(update_fields=["patient"])
    return {"visits": [str(visit.pk) for visit in visits]}
