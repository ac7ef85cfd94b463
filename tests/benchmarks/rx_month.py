"""A demo month of prescriptions, made through the verbs with the clock set to each of its days.

What a patient still takes from an earlier sheet, what lies on the shelf and what has run out are
so as they would be: nothing is moved into the past afterwards.
"""

import random
from datetime import datetime, timedelta

from django.utils import timezone

DAYS = 30
HOUR = 9  # by the clinic's clock; the demo's week is open the whole day


class Clock:
    """`django.utils.timezone.now`, but on the morning of a given day."""

    def __init__(self):
        self.real, self.offset = timezone.now, timedelta(0)
        timezone.now = self.now

    def now(self) -> datetime:
        return self.real() + self.offset

    def set_back(self, days: int) -> None:
        local = timezone.localtime(self.real())
        morning = local.replace(hour=HOUR, minute=0) - timedelta(days=days)
        self.offset = morning - local

    def restore(self) -> None:
        timezone.now = self.real


def make_month(
    sheets: int,
    *,
    patients: int,
    seed: int,
    progress=lambda done: None,
    morning=lambda people: None,
    evening=lambda people, chance: None,
) -> None:
    """About so many prescriptions that left their doctor, spread over thirty days.

    `morning` is called before the first of them, `evening` at the end of each.
    """
    from django.core.management import call_command

    from clinic.demo.patients import make_patients
    from clinic.demo.people import make_accounts
    from clinic.demo.places import make_places
    from clinic.demo.stock import make_stock
    from clinic.demo.visits import Cast
    from security.audit import acting_as

    chance = random.Random(seed)  # noqa: S311  # nosec B311 # made-up data
    clock = Clock()
    try:
        call_command("load_reference_data", verbosity=0)
        people = make_accounts("demo-month-2026")
        with acting_as(people["admin"], screen="demo_data"):
            make_places(people)
            make_patients(patients, by=people["frontdesk"], chance=chance)
            clock.set_back(DAYS)
            make_stock(by=people["storekeeper"], accepted_by=people["pharmacist"], chance=chance)
            morning(people)
            for back in range(DAYS, 0, -1):
                clock.set_back(back)
                want = sheets * (DAYS - back + 1) // DAYS
                _day(want, people, Cast.of(people), chance)
                evening(people, chance)
                progress(_count())
    finally:
        clock.restore()


def _day(want: int, people: dict, cast, chance: random.Random) -> None:
    from clinic.demo import stock, visits
    from patients.models import Patient
    from prescriptions.lapsing import lapse_expired
    from registration.models import Clinician

    lapse_expired()
    stock.refill(by=people["storekeeper"], accepted_by=people["pharmacist"])
    born = Patient.objects.filter(birth_date__lt=timezone.localdate() - timedelta(days=DAYS))
    everybody = list(born.order_by("record_no"))
    chance.shuffle(everybody)
    doctors = list(Clinician.objects.select_related("user", "department"))
    waiting = {doctor: [p for p in everybody if _is_for(p, doctor)] for doctor in doctors}
    while _count() < want and any(waiting.values()):
        for doctor in doctors:
            if waiting[doctor] and _count() < want:
                visits.make_queue([waiting[doctor].pop()], doctor, cast)
                visits.see_next(doctor, cast, chance, until="dispensed")


def _is_for(patient, doctor) -> bool:
    is_child = patient.birth_date.year >= 2012
    return is_child == doctor.department.paediatric


def _count() -> int:
    from prescriptions.models import Prescription

    return Prescription.objects.filter(submitted_at__isnull=False).count()
