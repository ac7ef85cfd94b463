"""Today's work in all its stages, through the verbs that the screens call."""

from contextlib import nullcontext
from datetime import timedelta

from django.db.models import Count
from django.utils import timezone

from clinic.demo import ahead, narcotics, till, visits
from clinic.demo.clock import at
from patients.models import Patient
from registration.models import Clinician

STAGES = ["dispensed"] * 5 + ["approved"] * 2 + ["submitted"] * 2 + ["consulting"]
WAITING = 5  # patients left in each doctor's queue
CHILD = 14 * 366
EACH = timedelta(minutes=9)  # a visit, as far as the session has been running


def make_today(cast: visits.Cast, chance, charges: bool) -> None:
    """Today's patients of each doctor, and what is booked ahead."""
    doctors = list(Clinician.objects.select_related("user", "department"))
    if charges:
        running = filter(None, map(_begun, doctors))
        first = min([one for one in running if one < timezone.now()], default=None)
        with at(first) if first else nullcontext():  # before the first who pays
            till.open_till(by=cast.people["cashier"])
    narcotics.make_narcotic_sheet(cast)
    for clinician in doctors:
        _make_day_of(clinician, cast, chance)
    for clinician in doctors:
        to_come = some(ahead.BOOKED, clinician, chance)
        ahead.make_days_ahead(clinician, to_come, cast.frontdesk)
    ahead.make_doctor_away(clinician, to_come, cast.frontdesk)
    ahead.make_emergency_numbers(cast.frontdesk)


def _make_day_of(clinician, cast: visits.Cast, chance) -> None:
    """As far as the session has been running, one came after the other and was seen so."""
    patients = some(len(STAGES) + WAITING, clinician, chance)
    begun = _begun(clinician)
    now = timezone.now()
    steps = [now - EACH * (len(patients) - number) for number in range(len(patients))]
    for patient, moment in zip(patients, steps, strict=True):
        with _at(moment, begun):
            visits.make_queue([patient], clinician, cast)
    for stage, moment in zip(STAGES, steps, strict=False):
        with _at(moment + EACH, begun):
            visits.see_next(clinician, cast, chance, until=stage)


def _begun(clinician):
    """The first moment of the session that runs now."""
    session = visits.session_for(clinician)
    if session is None:
        return None
    zone = timezone.localtime()
    return zone.replace(hour=session.starts.hour, minute=session.starts.minute, second=0)


def _at(moment, begun):
    return at(moment) if begun is not None and moment > begun else nullcontext()


def some(count: int, clinician, chance) -> list[Patient]:
    """Patients for a doctor; children for the children's doctor where there are any."""
    everybody = list(Patient.objects.annotate(been=Count("visits")).order_by("record_no"))
    line = timezone.localdate() - timedelta(days=CHILD)
    children = [one for one in everybody if one.birth_date > line]
    adults = [one for one in everybody if one.birth_date <= line]
    fitting = children if clinician.department.paediatric and len(children) > 3 else adults
    chance.shuffle(fitting)
    return fitting[:count]
