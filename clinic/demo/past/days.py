"""The days gone by, one after the other, and how fast they were made."""

import time
from datetime import date, timedelta

from django.db.models import Max

from clinic.demo.past import forms
from clinic.demo.past.clinic import Known
from clinic.demo.past.plan import Plan, days_of, person_of
from clinic.demo.past.upkeep import Upkeep
from clinic.demo.past.writing import Writer
from patients.models import Patient
from registration.models import Clinician, Registration

EVERY = 5.0  # seconds from one line about the progress to the next


class Progress:
    """Tells how far it is, and at the end how many of each were made in a second."""

    def __init__(self, out=None):
        self.out, self.kinds, self.kind = out, {}, ""
        self.told = time.monotonic()

    def begin(self, kind: str) -> None:
        self.stop()
        self.kind, self.begun = kind, time.monotonic()
        self.kinds[kind] = [0, 0.0]

    def add(self, count: int, where: str = "") -> None:
        self.kinds[self.kind][0] += count
        if self.out and where and time.monotonic() - self.told > EVERY:
            self.told = time.monotonic()
            self.out.write(f"{where}: {self.kinds[self.kind][0]} {self.kind}")
            self.out.flush()

    def stop(self) -> None:
        if self.kind:
            self.kinds[self.kind][1] = time.monotonic() - self.begun
            self.kind = ""

    def end(self) -> None:
        self.stop()
        for kind, (count, seconds) in self.kinds.items():
            if self.out and count:
                self.out.write(
                    f"{count} {kind} in {seconds:.0f} s, {count / max(seconds, 0.001):.0f} a second"
                )


def make_past(people: dict, *, seed: int, first: date, until: date, told: Progress) -> None:
    """Every day from `first` to the day before `until`, as far as it is not there yet."""
    plan = _plan(seed, first, until)
    told.begin("forms")
    told.add(forms.fill(plan, by=people["nurse"]))
    told.begin("visits")
    known = Known.load(people)
    writer, upkeep = Writer(known, seed), Upkeep(known, seed, first, until)
    last = _last_day(until)  # of an earlier run; what came before its visits is done
    for day, visits in days_of(plan, (until - first).days):
        if last and day < last:
            continue
        if day != last:
            upkeep.before(day)
        told.add(writer.day(day, visits), f"{day}")
        upkeep.after(day, len(visits))
    upkeep.by_night(until)
    told.stop()


def _last_day(until: date) -> date | None:
    return Registration.objects.filter(day__lt=until).aggregate(last=Max("day"))["last"]


def _plan(seed: int, first: date, until: date) -> Plan:
    files = Patient.objects.filter(state=Patient.State.ACTIVE, is_unnamed=False)
    rows = files.order_by("record_no").values_list("pk", "sex", "birth_date")
    people = [
        person_of(index, pk, sex, born, until, seed)
        for index, (pk, sex, born) in enumerate(rows)
        if born < first - timedelta(days=30)
    ]
    doctors = Clinician.objects.select_related("user", "department", "room").order_by("pk")
    return Plan(seed, people, list(doctors), first)
