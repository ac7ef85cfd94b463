"""`demo_data`: a made-up clinic with one account per role, patients, stock and days of work."""

import os
import random
import secrets
from contextlib import nullcontext
from datetime import date, time, timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone

from clinic.core.days import moment
from clinic.core.models import Counter
from clinic.demo import basics, herbs, long_care, today
from clinic.demo.clock import at
from clinic.demo.guard import refuse_real_clinic
from clinic.demo.past.days import Progress, make_past
from clinic.demo.patients import make_patients
from clinic.demo.people import make_accounts
from clinic.demo.places import make_places
from clinic.demo.stock import make_stock
from clinic.demo.visits import Cast
from registration.models import Registration
from security.audit import acting_as

LARGE = 500  # patients, from which on the clinic has more doctors
MADE_ON = "demo_data.made_on"  # the day of the first run, as a number


class Command(BaseCommand):
    help = "Fill an installation with made-up people, patients, stock and days of work."

    def add_arguments(self, parser):
        parser.add_argument("--patients", type=int, default=60)
        parser.add_argument("--days", type=int, default=5, help="days of past visits")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--charges", action="store_true", help="a clinic where patients pay, from today on"
        )
        parser.add_argument(
            "--today",
            type=date.fromisoformat,
            help="make it as if today were this day (2026-11-29); else the real one",
        )

    def handle(self, *args, patients: int, days: int, seed: int, charges=False, **options):
        refuse_real_clinic()
        day = options.get("today")
        is_other = day is not None and day != timezone.localdate()
        with at(moment(day, time(10, 30))) if is_other else nullcontext():
            self.make(patients, days, seed, charges)

    def make(self, count: int, days: int, seed: int, charges: bool) -> None:
        password = os.environ.get("CLINIC_DEMO_PASSWORD") or secrets.token_urlsafe(9)
        told = Progress(self.stdout if self.is_told() else None)
        people = make_accounts(password, large=count >= LARGE)
        was_used = Registration.objects.exists()
        made_on = made_on_day(new=not was_used)
        with acting_as(people["admin"], screen="demo_data"):
            make_places(people)
            herbs.load_pieces()
            if made_on:
                self.make_clinic(people, count, days, seed, made_on, told)
                if not Registration.objects.filter(day=timezone.localdate()).exists():
                    today.make_today(Cast.of(people), chance_of(seed), charges)
                long_care.make_long_care(people, chance_of(seed), count)
        told.end()
        if "CLINIC_DEMO_PASSWORD" not in os.environ:
            self.stdout.write(password)

    def is_told(self) -> bool:
        return self.verbosity > 0

    def execute(self, *args, **options):
        self.verbosity = options.get("verbosity", 1)
        return super().execute(*args, **options)

    def make_clinic(self, people, count, days, seed, made_on: date, told) -> None:
        """Goods, files and the days gone by, each only as far as it is not there yet."""
        first = made_on - timedelta(days=days)
        with at(moment(first - timedelta(days=2), time(14))):
            make_stock(
                by=people["storekeeper"],
                accepted_by=people["pharmacist"],
                chance=chance_of(seed),
                until=made_on,
            )
        told.begin("patients")
        make_patients(
            count,
            by=people["frontdesk"],
            chance=chance_of(seed),
            until=made_on,
            since=first,
            told=told,
        )
        told.stop()
        basics.fill_forms(by=people["nurse"])
        if days:
            make_past(people, seed=seed, first=first, until=made_on, told=told)


def chance_of(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  # nosec B311 # made-up data


def made_on_day(*, new: bool) -> date | None:
    """The day on which this demo clinic was begun; None of a clinic that is none."""
    if new:
        Counter.objects.get_or_create(
            name=MADE_ON, defaults={"value": timezone.localdate().toordinal()}
        )
    row = Counter.objects.filter(name=MADE_ON).first()
    return date.fromordinal(row.value) if row else None
