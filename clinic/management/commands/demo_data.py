"""`demo_data`: a made-up clinic with one account per role, patients, stock and a day's work."""

import os
import random
import secrets

from django.core.management.base import BaseCommand
from django.db.models import Count

from clinic.demo import ahead, basics, herbs, history, long_care, narcotics, till, visits
from clinic.demo.guard import refuse_real_clinic
from clinic.demo.patients import make_patients
from clinic.demo.people import make_accounts
from clinic.demo.places import make_places
from clinic.demo.stock import make_stock
from patients.models import Patient
from registration.models import Clinician, Registration
from security.audit import acting_as

TODAY = ["dispensed"] * 5 + ["approved"] * 2 + ["submitted"] * 2 + ["consulting"]
WAITING = 5  # patients left in each doctor's queue
PER_DAY = 4  # visits of each doctor on a past day


class Command(BaseCommand):
    help = "Fill an installation with made-up people, patients and stock."

    def add_arguments(self, parser):
        parser.add_argument("--patients", type=int, default=60)
        parser.add_argument("--days", type=int, default=5, help="days of past visits")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--charges", action="store_true", help="a clinic where patients pay, from today on"
        )

    def handle(self, *args, patients: int, days: int, seed: int, charges=False, **options):
        refuse_real_clinic()
        chance = random.Random(seed)  # noqa: S311  # nosec B311 # made-up data
        password = os.environ.get("CLINIC_DEMO_PASSWORD") or secrets.token_urlsafe(9)
        people = make_accounts(password)
        with acting_as(people["admin"], screen="demo_data"):
            make_places(people)
            herbs.load_pieces()
            make_stock(by=people["storekeeper"], accepted_by=people["pharmacist"], chance=chance)
            again = random.Random(seed)  # noqa: S311  # nosec B311 # made-up data
            make_patients(patients, by=people["frontdesk"], chance=again)
            basics.fill_forms(by=people["nurse"])
            if not Registration.objects.exists():
                self.make_past(visits.Cast.of(people), days, chance)
                if charges:
                    till.open_till(by=people["cashier"])
                self.make_today(visits.Cast.of(people), chance)
            long_care.make_long_care(people, random.Random(seed))  # noqa: S311  # nosec B311 # made-up data
        if "CLINIC_DEMO_PASSWORD" not in os.environ:
            self.stdout.write(password)

    def make_past(self, cast, days: int, chance) -> None:
        """Finished visits of the days before."""
        for back in range(days, 0, -1):
            for clinician in Clinician.objects.select_related("user", "department"):
                for patient in self.some(PER_DAY, clinician, chance, back):
                    visits.make_queue([patient], clinician, cast)
                    done = visits.see_next(clinician, cast, chance, until="dispensed")
                    if done:
                        history.move_back(done, days=back * 3)

    def make_today(self, cast, chance) -> None:
        """Today's work in all its stages, and what is booked ahead."""
        narcotics.make_narcotic_sheet(cast)
        for clinician in Clinician.objects.select_related("user", "department"):
            stages = TODAY
            visits.make_queue(
                self.some(len(stages) + WAITING, clinician, chance, 0), clinician, cast
            )
            for stage in stages:
                visits.see_next(clinician, cast, chance, until=stage)
        for clinician in Clinician.objects.select_related("user", "department"):
            to_come = self.some(ahead.BOOKED, clinician, chance, 0)
            ahead.make_days_ahead(clinician, to_come, cast.frontdesk)
        ahead.make_doctor_away(clinician, to_come, cast.frontdesk)
        ahead.make_emergency_numbers(cast.frontdesk)

    def some(self, count: int, clinician, chance, day: int) -> list[Patient]:
        """Patients for a doctor; children for the children's doctor where there are any."""
        everybody = list(Patient.objects.annotate(been=Count("visits")).order_by("record_no"))
        children = [p for p in everybody if p.birth_date.year >= 2012]
        adults = [p for p in everybody if p.birth_date.year < 2012]
        fitting = children if clinician.department.paediatric and len(children) > 3 else adults
        chance.shuffle(fitting)
        return fitting[:count]
