"""A clinic day: rooms, doctors with a session that is open now, visits in every state."""

import datetime

import factory
from django.utils import timezone

from registration import booking, consultation, icd10, queue
from registration.models import (
    Booking,
    Clinician,
    Department,
    Icd10Code,
    Period,
    Registration,
    Room,
    Session,
    WeeklySchedule,
)
from security.permissions import P
from tests.factories.patients import PatientFactory

BORN = datetime.date(1990, 3, 16)
ALL_DAY = {"starts": datetime.time(0, 0), "ends": datetime.time(23, 59, 59)}


class DepartmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Department
        django_get_or_create = ["name"]

    name = "全科"


class RoomFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Room
        django_get_or_create = ["name"]

    name = factory.Sequence(lambda n: f"{n + 1}诊室")


class ClinicianFactory(factory.django.DjangoModelFactory):
    """`user` has to be given."""

    class Meta:
        model = Clinician

    department = factory.SubFactory(DepartmentFactory)
    room = factory.SubFactory(RoomFactory)
    letter = factory.Iterator("ABCDEFGHJKLMNPQRSTUVWXYZ")
    title = Clinician.Title.ATTENDING
    licence_no = "110320582000001"
    antibiotic_grade = Clinician.Grade.UNRESTRICTED


class WeeklyScheduleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = WeeklySchedule

    weekday = factory.LazyFunction(lambda: timezone.localdate().weekday())
    period = Period.MORNING
    starts = ALL_DAY["starts"]
    ends = ALL_DAY["ends"]
    quota = 30


class SessionFactory(factory.django.DjangoModelFactory):
    """A session of today that is open at every hour; `clinician` has to be given."""

    class Meta:
        model = Session

    room = factory.SelfAttribute("clinician.room")
    date = factory.LazyFunction(timezone.localdate)
    period = Period.MORNING
    starts = ALL_DAY["starts"]
    ends = ALL_DAY["ends"]
    quota = 30


class Icd10CodeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Icd10Code
        django_get_or_create = ["code"]

    code = "J20.9"
    name = "急性支气管炎"
    initials = "JXZQGY"


def open_session(doctor, **fields) -> Session:
    """A session of today for this doctor, who gets a room and a letter on the way."""
    clinician = Clinician.objects.filter(user=doctor).first() or ClinicianFactory(user=doctor)
    return SessionFactory(clinician=clinician, **fields)


def waiting_visit(session: Session, by, patient=None, **fields) -> Registration:
    """Somebody of middle age, so in usual order, who registered at the desk and waits."""
    patient = patient or PatientFactory(birth_date=BORN)
    visit = booking.register_visit(patient=patient, session=session, by=by, **fields)
    if by.has_perm(P.REGISTER_VISIT):
        return visit
    return booking.check_in(registration=visit, by=by)  # a doctor's own number


def booked_visit(session: Session, by, patient=None, *, slot: datetime.time) -> Registration:
    """Somebody to whom the desk promised a time."""
    return booking.register_visit(
        patient=patient or PatientFactory(birth_date=BORN),
        session=session,
        slot=slot,
        by=by,
    )


def online_booking(session: Session, slot: datetime.time, patient=None, **fields) -> Booking:
    """A place held online by a person; `patient` gives name, document and phone."""
    person = patient or PatientFactory.build(birth_date=BORN, created_by=None)
    typed = {name: getattr(person, name) for name in ("name", "id_type", "id_number", "phone")}
    booking_made = Booking(session=session, slot=slot, **{**typed, **fields})
    booking_made.code = booking_made.pk.hex[:8].upper()
    booking_made.live_key = f"{session.pk}/{booking_made.pk.hex}"
    booking_made.save()
    return booking_made


def called_visit(session: Session, by, **fields) -> Registration:
    """Somebody whose number is on the screen; whoever else waits is left waiting."""
    visit = waiting_visit(session, by, reason="emergency", **fields)
    assert queue.call_next(clinician=session.clinician, by=session.clinician.user) == visit
    visit.refresh_from_db()
    return visit


def open_record(session: Session, by, **fields):
    """A consultation that has begun."""
    visit = called_visit(session, by, **fields)
    return consultation.start(registration=visit, by=session.clinician.user)


def finished_record(session: Session, by, *, code: str = "J20.9", **fields):
    """A consultation that is over, with complaint and diagnosis."""
    doctor = session.clinician.user
    record = open_record(session, by, **fields)
    if icd10.get(code) is None:
        Icd10CodeFactory(code=code)
    consultation.save_record(
        consultation=record, version=record.version, by=doctor, complaint="咳嗽 3 天"
    )
    consultation.add_diagnosis(consultation=record, code=code, by=doctor)
    return consultation.finish(consultation=record, by=doctor)
