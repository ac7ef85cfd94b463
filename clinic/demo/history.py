"""Moving a finished demo visit into the past, so that charts have something to show.

Only for made-up data: it changes times behind the verbs' backs.
"""

from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from clinic.core.transactions import atomic_retry
from prescriptions.models import Prescription, Treatment, TreatmentTurn
from registration.models import Consultation, Registration, Session

VISIT_TIMES = "registered_at checked_in_at first_called_at started_at finished_at".split()
TURN_TIMES = "due_at started_at ended_at".split()
SHEET_TIMES = "created_at submitted_at approved_at dispensed_at".split()


@atomic_retry
def move_back(registration: Registration, *, days: int) -> None:
    """Let the visit and its prescriptions have happened `days` days ago."""
    delta = timedelta(days=days)
    day = timezone.localdate() - delta
    today = registration.session
    session, _made = Session.objects.get_or_create(
        clinician=today.clinician,
        date=day,
        period=today.period,
        defaults={
            "room": today.room,
            "starts": today.starts,
            "ends": today.ends,
            "quota": today.quota,
            "online_quota": today.online_quota,
            "slot_minutes": today.slot_minutes,
        },
    )
    Registration.objects.filter(pk=registration.pk).update(
        day=day, session=session, **{name: F(name) - delta for name in VISIT_TIMES}
    )
    record = Consultation.objects.filter(registration=registration)
    times = ("started_at", "finished_at", "archives_at")
    record.update(**{name: F(name) - delta for name in times})
    for sheet in Prescription.objects.filter(consultation__registration=registration):
        Prescription.objects.filter(pk=sheet.pk).update(
            number=f"RX{day:%Y%m%d}-{sheet.number[-4:]}",
            valid_until=day,
            **{name: F(name) - delta for name in SHEET_TIMES},
        )
    of_visit = Treatment.objects.filter(consultation__registration=registration)
    of_visit.update(ordered_at=F("ordered_at") - delta, settled_at=F("settled_at") - delta)
    TreatmentTurn.objects.filter(treatment__in=list(of_visit)).update(
        **{name: F(name) - delta for name in TURN_TIMES}
    )
