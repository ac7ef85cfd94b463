"""This app's national data set: the outpatient prescription of WS 445 (R-69, R-152)."""

from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext_lazy

from clinic.core.site import institution
from patients.age import age_years
from patients.exchange.datasets import DataSet, Period, elements, register
from prescriptions.dictionary import route_of
from prescriptions.models import PrescriptionItem
from prescriptions.rewriting import NOT_ORDERED
from registration.exporting import closed_for

FILE = Path(__file__).parent / "data" / "data_sets.csv"


def rows(period: Period):
    """The rows of the sheets that were signed at the visits of the period."""
    found = PrescriptionItem.objects.filter(
        prescription__consultation__registration__day__gte=period.since,
        prescription__consultation__registration__day__lte=period.until,
        removed_at__isnull=True,
    ).exclude(prescription__state__in=NOT_ORDERED)
    if period.only is not None:
        found = found.filter(prescription__prescriber=period.only)
    people = [f"prescription__{name}" for name in ("prescriber", "reviewer", "dispenser")]
    visit = "prescription__consultation__"
    return found.select_related(
        *people,
        f"{visit}patient",
        f"{visit}registration",
        f"{visit}clinician__department",
    ).prefetch_related(f"{visit}diagnoses")


def write(found: list[PrescriptionItem], period: Period) -> list[dict]:
    """Of a guarded visit the drugs are given as little as its diagnosis: a table goes far."""
    closed_for([item.prescription.consultation for item in found], period.asked)
    code = institution().code
    return [_row(item, code) for item in found]


def _row(item: PrescriptionItem, code: str) -> dict:
    sheet = item.prescription
    record, patient = sheet.consultation, sheet.consultation.patient
    signed = timezone.localtime(sheet.submitted_at or sheet.created_at).date()
    row = {
        "organisation": code,
        "number": sheet.number,
        "visit": f"{record.registration.day.isoformat()}/{record.registration.number}",
        "record_no": patient.record_no,
        "name": patient.name,
        "sex": patient.sex,
        "age": age_years(patient.birth_date, signed),
        "day": signed.isoformat(),
        "valid": (sheet.valid_until - signed).days + 1 if sheet.valid_until else "",
        "department": record.clinician.department.name,
        "kind": sheet.get_kind_display(),
        "prescriber": sheet.prescriber.full_name,
        "reviewer": sheet.reviewer.full_name if sheet.reviewer else "",
        "dispenser": sheet.dispenser.full_name if sheet.dispenser else "",
        "withheld": str(int(record.is_closed)),
    }
    return row if record.is_closed else row | _medical(item, record)


def _medical(item: PrescriptionItem, record) -> dict:
    return {
        "codes": ";".join(diagnosis.code for diagnosis in record.standing),
        "diagnoses": "；".join(diagnosis.words for diagnosis in record.standing),
        "drug": item.drug_name,
        "strength": item.strength,
        "form": item.dosage_form,
        "dose": item.dose.normalize() if item.dose % 1 else int(item.dose),
        "dose_unit": item.dose_unit,
        "frequency": item.frequency,
        "route": route_of(item.route).name,
        "days": item.days,
        "total": item.quantity,
        "total_unit": item.base_unit,
        "group": item.group or "",
        "amount": item.amount,
    }


def register_all() -> None:
    """Called when the app is ready."""
    register(
        DataSet(
            key="prescription",
            title=gettext_lazy("Prescriptions"),
            standard="WS 445.3-2014",
            order=30,
            elements=elements(FILE, "prescription"),
            rows=rows,
            write=write,
            patient_of=lambda item: item.prescription.patient_id,
        )
    )
