"""What is put into the clinic that is measured, and what each run needs; runs inside it.

Files are written in bulk, since through the verbs ten thousand take minutes; what a run changes
goes through the verbs of the people who work here.
"""

import random
import uuid
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from patients import names
from patients.models import NamePart, Patient
from pharmacy.models import Drug
from pharmacy.stock import receive
from prescriptions import review, services
from registration.booking import cancel_visit, register_visit
from registration.consultation import add_diagnosis, save_record, start
from registration.models import Clinician, Consultation, Registration, Room, Session
from security.access import may_read_file
from security.models import User
from tests.benchmarks.crowd import GIVEN, SURNAMES
from tests.factories import scene
from tests.factories.patients import id_number
from tests.factories.registration import open_session

PIECE = 1_000
DOCTORS = [f"bench{number}" for number in range(6)]
QUOTA = 80
AT_DESK = 50
FIVE = [
    ("D010", "0.5", "g", "qd", 3),
    ("D023", "0.5", "g", "tid", 3),
    ("D033", "30", "mg", "tid", 3),
    ("D040", "10", "mg", "qn", 3),
    ("D041", "20", "mg", "qd", 3),
]


def fill(many: int) -> int:
    """So many files with the surnames of the country, and the doctors who see them."""
    chosen, by = random.Random(7), scene.user("frontdesk")
    for first in range(0, many, PIECE):
        people = [_person(number, chosen) for number in range(first, min(first + PIECE, many))]
        with transaction.atomic():
            files = [Patient(**person, created_by=by) for person in people]
            Patient.objects.bulk_create(files)
            NamePart.objects.bulk_create(
                NamePart(patient=one, **part._asdict())
                for one in files
                for part in names.parts(one.name)
            )
    _doctors()
    return many


def _person(number: int, chosen: random.Random) -> dict:
    (surname,) = chosen.choices(list(SURNAMES), list(SURNAMES.values()))
    born = date(1946, 1, 1) + timedelta(days=number * 7919 % 20_000)
    return {
        "id": uuid.UUID(int=chosen.getrandbits(128), version=4),
        "record_no": f"P{90_000_000 + number}",
        "name": surname + "".join(chosen.choices(GIVEN, k=chosen.choice([1, 2, 2, 2]))),
        "sex": "2",
        "birth_date": born,
        "id_type": "01",
        "id_number": id_number(born, number % 400, area=110_000 + number // 400),
        "phone": f"138{number:08d}",
        "allergy_status": "denied",
    }


def _doctors() -> None:
    like = scene.user("doctor")
    for name, letter in zip(DOCTORS, "PQRSTU", strict=True):
        user = User.objects.create_user(
            name, uuid.uuid4().hex, full_name="何静", must_change_password=False
        )
        user.groups.set(like.groups.all())
        room = Room.objects.create(name=f"{letter}诊室")
        Clinician.objects.create(
            user=user,
            room=room,
            letter=letter,
            department=like.clinician.department,
            title=like.clinician.title,
            licence_no=like.clinician.licence_no,
            antibiotic_grade=like.clinician.antibiotic_grade,
        )


def prepare(rounds: int) -> dict:
    """Today as every run begins: free doctors, fifty at the desk, sheets to hand out."""
    sessions = _sessions()
    _go_home()
    fresh = _without_a_visit(AT_DESK + 2 * rounds)
    by = scene.user("frontdesk")
    for number in range(AT_DESK):
        session = sessions[number % len(sessions)]
        register_visit(patient=next(fresh), session=session, by=by)
    return {
        "charts": _charts(),
        "to_register": [str(next(fresh).pk) for _round in range(rounds)],
        "sheets": _sheets(rounds, fresh, sessions),
    }


def _sessions() -> list[Session]:
    today, found = timezone.localdate(), []
    for name in DOCTORS:
        doctor = scene.user(name)
        usual = Session.objects.filter(clinician__user=doctor, date=today).first()
        found.append(usual or open_session(doctor, quota=QUOTA))
    return found


def _go_home() -> None:
    """Whoever an earlier run left waiting gives the number back."""
    desk, left = scene.user("frontdesk"), Registration.CancelReason.LEFT
    rows = Registration.objects.filter(session__clinician__user__username__in=DOCTORS)
    for row in rows.filter(day=timezone.localdate(), state__in=["waiting", "called"]):
        cancel_visit(registration=row, reason=left, by=desk)


def _without_a_visit(many: int):
    seen = Registration.objects.filter(day=timezone.localdate()).values("patient")
    files = Patient.objects.filter(record_no__gte="P90000000").exclude(pk__in=seen)
    return iter(files.order_by("record_no")[:many])


def _charts() -> list[str]:
    """Files with a past that are in the care of one doctor of the demo."""
    doctor = scene.user("doctor")
    past = Consultation.objects.filter(clinician__user=doctor, registration__state="finished")
    found = dict.fromkeys(past.values_list("registration__patient", flat=True))
    return [str(pk) for pk in found if may_read_file(doctor, pk)][:20]


def _sheets(many: int, fresh, sessions) -> list[str]:
    _stock(many)
    sheets = [_sheet(next(fresh), sessions[n % len(sessions)]) for n in range(many)]
    return [str(sheet.pk) for sheet in sheets]


def _sheet(patient, session):
    by = session.clinician.user
    visit = register_visit(
        patient=patient, session=session, reason="emergency", by=scene.user("frontdesk")
    )
    record = start(registration=scene.called(visit), by=by)
    record = save_record(
        consultation=record, version=record.version, complaint="咳嗽、咳痰3天", by=by
    )
    record = add_diagnosis(consultation=record, code="J20.9", by=by)
    sheet = services.start(consultation=record, by=by)
    for code, dose, unit, frequency, days in FIVE:
        services.add_item(
            prescription=sheet,
            drug=Drug.objects.get(code=code),
            dose=Decimal(dose),
            dose_unit=unit,
            route=scene.MOUTH,
            frequency=frequency,
            days=days,
            by=by,
        )
    sheet = services.submit(prescription=sheet, by=by)
    return review.approve(prescription=sheet, by=scene.user("pharmacist"))


def _stock(sheets: int) -> None:
    """Boxes for them all, in two lots of each drug."""
    today = timezone.localdate()
    lines = [
        {
            "drug": Drug.objects.get(code=code),
            "lot": f"B{uuid.uuid4().hex[:8]}",
            "expires_on": today + timedelta(days=days),
            "quantity": 2 * sheets,
            "cost": Decimal("5.20"),
            "shelf": "A1-01",
        }
        for code, *_usage in FIVE
        for days in (720, 400)
    ]
    receive(
        supplier="青溪医药有限公司",
        licence="苏AA5120002",
        lines=lines,
        by=scene.user("storekeeper"),
    )
