"""What the audit benchmark's writers do: whole verbs of the clinic, each in one transaction.

`make(kind, serial)` gives a function that does one unit of work. Every unit runs as the request of
a person who was just loaded from the database, with the question for their permissions that every
page asks, with the log and without it.
"""

import time
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction

from clinic.core.models import Job
from patients.models import Patient
from patients.services import correct, register
from pharmacy import stock
from registration import booking, queue
from security import audit, tracking
from security.models import User
from security.permissions import Role
from security.roles import set_roles
from tests.factories.patients import PatientFactory, id_number, name_number
from tests.factories.pharmacy import DrugFactory, SupplierFactory, in_days
from tests.factories.registration import ClinicianFactory, open_session

PATIENTS = 1500  # of one writer; more than it gets through
WORK = 0.002  # what a request does besides, as in the measurement that chose this design


@contextmanager
def no_audit():
    """Nothing is compared and no entry is written."""
    tracked, real = tracking.plans(), (audit.record, audit.record_read)
    for model in tracked:
        tracking.stop(model)
    audit.record = audit.record_read = lambda *args, **kwargs: None
    try:
        yield
    finally:
        audit.record, audit.record_read = real
        for model, plan in tracked.items():
            tracking.start(model, fields=plan.fields, plain=plan.plain)


def make(kind: str, serial: int):
    """One unit of this kind of work, as a request of a person of this writer's own."""
    person = User.objects.create_user(f"writer{serial}", full_name="林海生")
    set_roles(user=person, roles={Role.DOCTOR.value}, by=None)
    unit = KINDS[kind](person, serial)

    def request():
        user = User.objects.get(pk=person.pk)
        user.has_perm("patients.none")
        acting = audit.Acting(
            get_user=lambda: user, address="192.168.1.20", session_mark="0" * 16, screen="bench"
        )
        with audit.acting(acting):
            unit(user)

    return request


def _least(_person, _serial):
    """The least that a writer can do, so the most that an entry can weigh. No verb of ours."""

    def unit(_user):
        with transaction.atomic():
            Job.objects.create(kind="bench", due_at="2026-01-01T00:00:00Z")
            audit.record("print", data={"copy": 1})
            time.sleep(WORK)

    return unit


def _register(_person, serial):
    """A patient's file with its searches, number and entry."""
    numbers = iter(range(serial * 100_000, (serial + 1) * 100_000))

    def unit(user):
        number = next(numbers)
        born = date(1930, 1, 1) + timedelta(days=number % 30_000)
        register(
            by=user,
            name=name_number(number % 8000),
            sex="2",
            birth_date=born,
            id_type="01",
            id_number=id_number(born, number % 500, sex="2", area=320500 + number // 100_000),
            phone=f"138{number:08d}",
            payment="resident",
            notice_given=True,
        )

    return unit


def _correct(person, serial):
    """A changed phone number in a file."""
    patient = PatientFactory(created_by=person, **_own(serial, 0))
    numbers = iter(range(serial * 100_000, (serial + 1) * 100_000))

    def unit(user):
        stored = Patient.objects.get(pk=patient.pk)  # as the page does that shows the form
        correct(patient=stored, by=user, version=stored.version, phone=f"139{next(numbers):08d}")

    return unit


def _call(person, serial):
    """Three verbs: somebody registers for this doctor, is called and is passed over."""
    ClinicianFactory(user=person, letter="ABCDEFGHJKLMNPQRSTUVWXYZ"[serial % 24])
    session = open_session(person, quota=30_000)
    some = [
        PatientFactory.build(created_by=person, **_own(serial, number, date(1990, 3, 16)))
        for number in range(PATIENTS)
    ]
    patients = iter(Patient.objects.bulk_create(some))

    def unit(user):
        visit = booking.register_visit(patient=next(patients), session=session, by=user)
        visit = queue.call_next(clinician=session.clinician, by=user)
        queue.pass_over(registration=visit, by=user)

    return unit


def _receive(_person, serial):
    """A delivery of one line: document, batch and movement."""
    drug, supplier = DrugFactory(code=f"W{serial}"), SupplierFactory(name=f"供应商{serial}")
    numbers = iter(range(10**9))

    def unit(user):
        line = {
            "drug": drug,
            "lot": f"L{next(numbers)}",
            "expires_on": in_days(700),
            "quantity": 240,
            "cost": Decimal("7.20"),
        }
        stock.receive(supplier=supplier, lines=[line], by=user)

    return unit


def _own(serial: int, number: int, born: date = date(1960, 3, 16)) -> dict:
    """What is unique of a patient made by this writer."""
    area = 310_000 + serial * 10 + number // 400
    return {
        "record_no": f"W{serial:03d}{number:05d}",
        "birth_date": born,
        "id_number": id_number(born, number % 400, area=area),
    }


KINDS = {
    "least": _least,
    "register": _register,
    "correct": _correct,
    "call": _call,
    "receive": _receive,
}
