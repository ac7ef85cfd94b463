"""This app's national data set: the outpatient record of WS 445 (R-69, R-152)."""

from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext_lazy

from clinic.core.site import institution
from patients.age import age_years
from patients.exchange.datasets import DataSet, Period, elements, flag, register
from registration.exporting import closed_for
from registration.models import Consultation
from registration.vitals import VITALS

FILE = Path(__file__).parent / "data" / "data_sets.csv"
TEXTS = ("complaint", "present_illness", "past_history", "examination", "auxiliary", "advice")


def records(period: Period):
    """Finished records of these days: the reader's own, or everybody's by the right to do so."""
    found = Consultation.objects.filter(
        registration__day__gte=period.since,
        registration__day__lte=period.until,
        finished_at__isnull=False,
    )
    if period.only is not None:
        found = found.filter(clinician__user=period.only)
    return found.select_related(
        "patient", "registration", "clinician__user", "clinician__department"
    ).prefetch_related("diagnoses")


def write(found: list[Consultation], period: Period) -> list[dict]:
    code = institution().code
    return [_row(record, code) for record in closed_for(found, period.asked)]


def _row(record: Consultation, code: str) -> dict:
    patient, day = record.patient, record.registration.day
    row = {
        "organisation": code,
        "department": record.clinician.department.name,
        "visit": f"{day.isoformat()}/{record.registration.number}",
        "record_no": patient.record_no,
        "name": patient.name,
        "sex": patient.sex,
        "birth_date": patient.birth_date.isoformat(),
        "age": age_years(patient.birth_date, day),
        "id_number": patient.id_number or "",
        "allergy_flag": flag(patient.allergy_status),
        "started": f"{timezone.localtime(record.started_at):%Y-%m-%d %H:%M}",
        "first": "1" if record.first_visit else "2",
        "emergency": str(int(record.emergency)),
        "doctor": record.clinician.user.full_name,
        "withheld": str(int(record.is_closed)),
    }
    return row if record.is_closed else row | _medical(record)


def _medical(record: Consultation) -> dict:
    vitals = record.vitals or {}
    return {
        **{name: getattr(record, name) or "" for name in TEXTS},
        **{key: vitals.get(key, "") for key in VITALS},
        "codes": ";".join(diagnosis.code for diagnosis in record.standing),
        "diagnoses": "；".join(diagnosis.words for diagnosis in record.standing),
    }


def register_all() -> None:
    """Called when the app is ready."""
    register(
        DataSet(
            key="outpatient",
            title=gettext_lazy("Outpatient records"),
            standard="WS 445.2-2014",
            order=20,
            elements=elements(FILE, "outpatient"),
            rows=records,
            write=write,
            patient_of=lambda record: record.patient_id,
        )
    )
