"""Months of visits, prescriptions, stock-takes and answers, written row by row in bulk."""

import datetime
import random
import uuid

DOCTORS = 12
PIECE = 1000


def fill(visits: int, *, months: int = 2, doctors: int = DOCTORS, seed: int = 7) -> None:
    """So many visits in each of the months that end today, with what belongs to them."""
    from django.utils import timezone

    chance = random.Random(seed)  # noqa: S311  # nosec B311 # made-up data
    people = _people(doctors)
    patients = _patients(max(50, visits // 4), people[0].user)
    today = timezone.localdate()
    first = today.replace(day=1)
    for _n in range(months - 1):
        first = (first - datetime.timedelta(days=1)).replace(day=1)
    while first <= today:
        after = (first + datetime.timedelta(days=32)).replace(day=1)
        last = min(after - datetime.timedelta(days=1), today)
        _month(visits, first, last, people, patients, chance)
        first = after


def person(username: str, full_name: str, role: str):
    from security.models import User
    from security.roles import set_roles

    user = User.objects.create_user(username, full_name=full_name, must_change_password=False)
    return set_roles(user=user, roles={role}, by=None)


def _people(doctors: int) -> list:
    from registration.models import Clinician
    from security.permissions import Role
    from tests.factories.registration import ClinicianFactory, DepartmentFactory

    known = list(Clinician.objects.select_related("user")[:doctors])
    departments = [DepartmentFactory(name=name) for name in ("全科", "中医科", "儿科")]
    for n in range(len(known), doctors):
        user = person(f"bench{n}", f"医生{n + 1}", Role.DOCTOR.value)
        letter = "ABCDEFGHJKLMNPQRSTUVWXYZ"[n]
        known.append(ClinicianFactory(user=user, letter=letter, department=departments[n % 3]))
    return known


def _patients(count: int, by) -> list:
    from patients.models import Patient
    from tests.factories.patients import PatientFactory

    return list(Patient.objects.all()[:count]) or PatientFactory.create_batch(
        min(count, 200), created_by=by
    )


def _month(visits: int, first, last, people: list, patients: list, chance) -> None:
    days = [first + datetime.timedelta(days=n) for n in range((last - first).days + 1)]
    sessions = _sessions(days, people)
    rows = [_visit(n, chance, days, people, patients, sessions) for n in range(visits)]
    _sheets(rows, chance)
    _whole_clinic(days, people, chance)


def _sessions(days: list, people: list) -> dict:
    from registration.models import Session

    known = {(one.clinician_id, one.date): one for one in Session.objects.filter(date__in=days)}
    new = [
        Session(
            clinician=one,
            room=one.room,
            date=day,
            period="am",
            starts="00:00",
            ends="23:59",
            quota=99,
        )
        for day in days
        for one in people
        if (one.pk, day) not in known
    ]
    Session.objects.bulk_create(new, batch_size=PIECE)
    return {(one.clinician_id, one.date): one for one in Session.objects.filter(date__in=days)}


def _visit(n: int, chance, days: list, people: list, patients: list, sessions: dict):
    from clinic.core.days import moment
    from registration.models import Registration
    from registration.states import VisitState

    day, doctor = chance.choice(days), chance.choice(people)
    came = moment(day) + datetime.timedelta(minutes=chance.randrange(480, 1020))
    called = came + datetime.timedelta(seconds=int(chance.gammavariate(2.2, 150)))
    finished = called + datetime.timedelta(seconds=120 + int(chance.gammavariate(6, 135)))
    return Registration(
        patient=chance.choice(patients),
        session=sessions[doctor.pk, day],
        day=day,
        number=f"{n:05d}{day.month % 10}",
        state=VisitState.FINISHED,
        registered_by=doctor.user,
        registered_at=came,
        checked_in_at=came,
        first_called_at=called,
        started_at=called + datetime.timedelta(seconds=30),
        finished_at=finished,
    )


def _sheets(rows: list, chance) -> None:
    """Three visits in four end with a prescription, one sheet in forty is written by hand."""
    from prescriptions.models import Evaluation, PaperPrescription, Prescription
    from registration.models import Consultation, Registration

    Registration.objects.bulk_create(rows, batch_size=PIECE)
    records = [
        Consultation(
            registration=row,
            patient=row.patient,
            clinician=row.session.clinician,
            started_at=row.started_at,
        )
        for row in rows
    ]
    Consultation.objects.bulk_create(records, batch_size=PIECE)
    sheets, papers = [], []
    for record in records:
        if chance.random() > 0.75:
            continue
        doctor, at = record.clinician, record.registration.finished_at
        if chance.random() < 0.025:
            papers.append(
                PaperPrescription(
                    day=record.registration.day, clinician=doctor, drugs=2, made_by=doctor.user
                )
            )
            continue
        sheets.append(
            Prescription(
                number=uuid.uuid4().hex[:20],
                consultation=record,
                patient=record.patient,
                prescriber=doctor.user,
                state="dispensed",
                submitted_at=at,
                dispensed_at=at,
            )
        )
    Prescription.objects.bulk_create(sheets, batch_size=PIECE)
    PaperPrescription.objects.bulk_create(papers)
    judged = [
        Evaluation(
            prescription=sheet,
            judged_at=sheet.submitted_at,
            result="reasonable" if chance.random() > 0.03 else "irregular",
            allergy_asked=chance.random() > 0.004,
        )
        for sheet in sheets
    ]
    Evaluation.objects.bulk_create(judged, batch_size=PIECE)


def _whole_clinic(days: list, people: list, chance) -> None:
    from clinic.core.models import Opinion
    from tests.factories.figures import take

    take(people[0].user, days[len(days) // 2], counted=400, right=398)
    scores = [5, 5, 5, 4, 4, 4, 4, 5, 4, 5, 4, 3]
    Opinion.objects.bulk_create(
        Opinion(
            asked=asked, score=chance.choice(scores), day=chance.choice(days), once=uuid.uuid4().hex
        )
        for asked, count in (("patient", len(days) * 4), ("staff", len(people) + 6))
        for _n in range(count)
    )
