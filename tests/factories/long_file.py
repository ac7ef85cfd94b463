"""A file with many visits, written behind the verbs' backs: for what only has to be read."""

from datetime import datetime, time, timedelta
from decimal import Decimal

from django.db.models import F
from django.utils import timezone

from prescriptions.models import Prescription, PrescriptionItem
from prescriptions.states import RxState
from registration.models import Clinician, Consultation, Diagnosis, Period, Registration, Session
from registration.states import VisitState

HYPERTENSION = ("I10", "高血压")
PASSING = [("J20.9", "急性支气管炎"), ("K29.7", "胃炎"), ("M54.5", "下腰痛"), HYPERTENSION]


def fill(patient, doctor, *, visits: int, drug=None, every: int = 7, days: int = 7) -> list:
    """Finished visits, the last one yesterday, each with vital signs, diagnoses and a sheet."""
    clinician = Clinician.objects.get(user=doctor)
    today = timezone.localdate()
    dates = [today - timedelta(days=1 + every * number) for number in range(visits)]
    sessions = _sessions(clinician, dates)
    numbers = [
        _visit(patient, doctor, session, day) for day, session in zip(dates, sessions, strict=True)
    ]
    records = [_record(row, clinician, n) for n, row in enumerate(numbers)]
    found = [_diagnosis(row, doctor, *pair) for n, row in enumerate(records) for pair in _codes(n)]
    for model, rows in ((Registration, numbers), (Consultation, records), (Diagnosis, found)):
        model.objects.bulk_create(rows)
    if drug is not None:
        _prescribe(records, doctor, drug, days)
    return records


def _sessions(clinician: Clinician, dates: list) -> list[Session]:
    of_doctor = Session.objects.filter(clinician=clinician, date__in=dates, period=Period.MORNING)
    known = set(of_doctor.values_list("date", flat=True))
    times = {"starts": time(8), "ends": time(12), "quota": 30, "period": Period.MORNING}
    Session.objects.bulk_create(
        Session(clinician=clinician, room=clinician.room, date=day, **times)
        for day in dates
        if day not in known
    )
    return list(of_doctor.order_by("-date"))


def _visit(patient, doctor, session: Session, day) -> Registration:
    moment = timezone.make_aware(datetime.combine(day, time(9)))
    return Registration(
        patient=patient,
        session=session,
        day=day,
        number=f"Z{patient.pk.hex[:5]}",
        state=VisitState.FINISHED,
        registered_at=moment,
        registered_by=doctor,
        started_at=moment,
        finished_at=moment,
    )


def _record(visit: Registration, clinician: Clinician, number: int) -> Consultation:
    vitals = {"systolic": str(148 - number % 20), "diastolic": str(92 - number % 15)}
    vitals |= {"weight": f"61.{number % 10}", "glucose": f"6.{number % 9}"}
    if number % 4 == 0:
        vitals["temperature"] = f"37.{number % 9}"
    return Consultation(
        registration=visit,
        patient=visit.patient,
        clinician=clinician,
        vitals=vitals,
        complaint="复诊，头晕 2 天",
        started_at=visit.started_at,
        finished_at=visit.finished_at,
        finished_by=clinician.user,
        archives_at=visit.finished_at,
    )


def _codes(number: int) -> list[tuple[str, str]]:
    return list(dict.fromkeys([HYPERTENSION, PASSING[number % len(PASSING)]]))


def _diagnosis(record: Consultation, doctor, code: str, name: str) -> Diagnosis:
    month = f"{record.started_at:%Y-%m}:{code}"
    return Diagnosis(consultation=record, code=code, name=name, month_code=month, added_by=doctor)


def _prescribe(records: list[Consultation], doctor, drug, days: int) -> None:
    sheets = [
        Prescription(
            number=f"RX{record.started_at:%Y%m%d}-{record.patient_id.hex[:6]}",
            consultation=record,
            patient=record.patient,
            prescriber=doctor,
            state=RxState.DISPENSED,
            submitted_at=record.started_at,
            dispensed_at=record.started_at,
        )
        for record in records
    ]
    Prescription.objects.bulk_create(sheets)
    PrescriptionItem.objects.bulk_create([_item(sheet, drug, days) for sheet in sheets])
    Prescription.objects.filter(pk__in=[s.pk for s in sheets]).update(created_at=F("submitted_at"))


def _item(sheet: Prescription, drug, days: int) -> PrescriptionItem:
    return PrescriptionItem(
        prescription=sheet,
        rank=1,
        drug=drug,
        drug_name=drug.generic_name,
        dosage_form=drug.dosage_form,
        strength=drug.strength,
        pack_spec=drug.pack_spec,
        dose=Decimal(30),
        dose_unit="mg",
        route="1",
        frequency="tid",
        days=days,
        quantity=days * 3,
        dispensed=days * 3,
        base_unit=drug.base_unit,
        price=Decimal("10.00"),
        units_per_pack=drug.units_per_pack,
        amount=Decimal("10.00"),
    )
