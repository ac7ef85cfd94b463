"""The days to come in the demo clinic: times promised at the desk, a doctor away (R-100)."""

from datetime import timedelta

from django.utils import timezone

from patients.models import Patient
from registration import booking, choosing, stopping
from registration.models import Clinician, EmergencySheet, Period
from registration.paper import print_sheets

BOOKED = 3  # for tomorrow, with each doctor
AWAY_IN = 3  # days


def make_days_ahead(clinician: Clinician, patients: list[Patient], by) -> None:
    """A few people have a time tomorrow."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    for patient, choice in zip(
        patients[:BOOKED], choosing.choices(tomorrow, only=clinician), strict=False
    ):
        booking.register_visit(
            patient=patient, session=choice.session, slot=choice.openings[2].slot.starts, by=by
        )


def make_doctor_away(clinician: Clinician, patients: list[Patient], by) -> None:
    """One afternoon is stopped after two people were given a time."""
    day = timezone.localdate() + timedelta(days=AWAY_IN)
    afternoon = [
        one
        for one in choosing.choices(day, only=clinician)
        if one.session.period == Period.AFTERNOON
    ]
    for choice in afternoon:
        for patient, opening in zip(patients[:2], choice.openings, strict=False):
            booking.register_visit(
                patient=patient, session=choice.session, slot=opening.slot.starts, by=by
            )
        stopping.stop_session(session=choice.session, reason="training", by=by)


def make_emergency_numbers(by) -> None:
    """A sheet for each doctor lies in the drawer."""
    if not EmergencySheet.objects.exists():
        print_sheets(clinicians=list(Clinician.objects.all()), count=20, by=by)
