"""Prescriptions in every state, made by the verbs of the people who work here."""

import csv
import json
import tempfile
from decimal import Decimal
from pathlib import Path

from django.utils import timezone

from clinic.core.models import Setting
from patients.models import Allergy
from patients.reference import load_allergy_groups
from pharmacy.library import DATA, load_drug_library, load_interactions
from pharmacy.models import Drug
from pharmacy.units import whole_packs
from prescriptions import dispensing, review, services
from prescriptions.models import Prescription, PrescriptionItem
from registration import consultation, icd10
from registration.models import Clinician
from security.models import User
from security.permissions import Role
from tests.conftest import person as account
from tests.factories.patients import AllergyFactory, PatientFactory
from tests.factories.pharmacy import DrugFactory, put_on_shelf
from tests.factories.registration import Icd10CodeFactory, open_record, open_session

MOUTH = "1"


def library() -> None:
    """The shipped drugs, pairs and allergy groups."""
    load_drug_library()
    load_interactions()
    load_allergy_groups()


def shipped(code: str, *, stock: int = 2000) -> Drug:
    """A drug of the shipped library with this much on the shelf; only its row is loaded."""
    if not Drug.objects.filter(code=code).exists():
        _load_row(code)
    drug = Drug.objects.get(code=code)
    if stock:
        put_on_shelf(drug, whole_packs(drug, stock), lot=f"L{code}")
    return drug


def _load_row(code: str) -> None:
    with (DATA / "drugs.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", suffix=".csv") as file:
        csv.writer(file).writerows([head, *(row for row in rows if row[0] == code)])
        file.flush()
        load_drug_library(Path(file.name))


def tablets(stock: int = 500, **facts) -> Drug:
    """Tablets that nothing speaks against, with some on the shelf."""
    defaults = {
        "initials": "ASP",
        "subcategory": "",
        "dosage_form": "片剂",
        "strength": "30mg/片",
        "content": Decimal("30"),
        "content_unit": "mg",
        "pack_spec": "30mg×20片/盒",
        "base_unit": "片",
        "units_per_pack": 20,
        "usual_dose": "30mg",
        "usual_frequency": "tid",
        "antibiotic_grade": "非抗菌药物",
        "ingredients": "氨溴索",
        "class_tags": "",
    }
    drug = DrugFactory(**{"generic_name": "盐酸氨溴索片", **defaults, **facts})
    if stock:
        put_on_shelf(drug, stock, lot=f"L{drug.pk}")
    return drug


def patient_with(*allergies: dict, **fields):
    """A patient with these allergies, or one who denies any."""
    status = "has" if allergies else "denied"
    patient = PatientFactory(**{"allergy_status": status, **fields})
    for allergy in allergies:
        AllergyFactory(patient=patient, **allergy)
    return patient


SEVERE_PENICILLIN = {"group_code": "PCN", "substance": "青霉素", "severity": "severe"}
MILD_PENICILLIN = {
    "group_code": "PCN",
    "substance": "青霉素",
    "severity": Allergy.Severity.MILD.value,
    "reaction": "皮疹",
}


def visit_of(doctor, *, patient=None, diagnosed: bool = True, **rights):
    """An open visit of this doctor, with a diagnosis; `rights` are set on the clinician."""
    clinician = Clinician.objects.filter(user=doctor).first()
    session = clinician.sessions.first() if clinician else open_session(doctor)
    for name, value in rights.items():
        setattr(session.clinician, name, value)
    if rights:
        session.clinician.save()
    fields = {"patient": patient} if patient else {}
    record = open_record(session, by=doctor, **fields)
    if diagnosed:
        if icd10.get("J20.9") is None:
            Icd10CodeFactory(code="J20.9")
        consultation.add_diagnosis(consultation=record, code="J20.9", by=doctor)
    return record


def draft(doctor, *, record=None, **visit) -> Prescription:
    """An empty sheet of an open visit."""
    return services.start(consultation=record or visit_of(doctor, **visit), by=doctor)


USUAL = {
    "dose": Decimal("30"),
    "dose_unit": "mg",
    "route": MOUTH,
    "frequency": "tid",
    "days": 5,
}


def row(sheet: Prescription, drug: Drug | None = None, **usage) -> PrescriptionItem:
    """A row in the hand of the sheet's doctor."""
    drug = drug or tablets()
    by = usage.pop("by", sheet.prescriber)
    return services.add_item(prescription=sheet, drug=drug, by=by, **{**USUAL, **usage})


def submitted(doctor, *drugs: Drug, **visit) -> Prescription:
    """A sheet with one row of each drug (or one of harmless tablets) that waits for review."""
    sheet = draft(doctor, **visit)
    for drug in drugs or (tablets(),):
        row(sheet, drug)
    return services.submit(prescription=sheet, by=doctor)


def corrected(sheet: Prescription) -> Prescription:
    """A returned sheet on which its doctor has written the first row anew."""
    item = sheet.items.filter(removed_at__isnull=True).first()
    by, days = sheet.prescriber, item.days - 1 or 2
    services.change_item(item=item, drug=item.drug, by=by, **{**USUAL, "days": days})
    sheet.refresh_from_db()
    return sheet


def approved(doctor, pharmacist, *drugs: Drug, **visit) -> Prescription:
    """A sheet whose drugs are reserved and may go out.

    A colleague reviewed it: who reviews and hands out as well has to sign twice (R-33).
    """
    sheet = submitted(doctor, *drugs, **visit)
    return review.approve(prescription=sheet, by=colleague(pharmacist))


def colleague(pharmacist):
    """Another pharmacist of the house, who reviews what this one hands out."""
    name = f"reviewer{pharmacist.pk}"
    found = User.objects.filter(username=name).first()
    return found or account(name, "高审方", Role.PHARMACIST)


def dispensed(doctor, pharmacist, *drugs: Drug, **visit) -> Prescription:
    """A sheet whose drugs went out."""
    sheet = approved(doctor, pharmacist, *drugs, **visit)
    return dispensing.dispense(prescription=sheet, by=pharmacist)


def yesterday(sheet: Prescription) -> Prescription:
    """The same sheet as if its last day had passed."""
    sheet.valid_until = timezone.localdate() - timezone.timedelta(days=1)
    sheet.save(update_fields=["valid_until"])
    return sheet


def charges(value: bool = True) -> None:
    """A site where patients pay before they get their drugs."""
    Setting.objects.update_or_create(
        key="site.charges", defaults={"value": "yes" if value else "no"}
    )


def as_json(sheet: Prescription) -> str:
    """Head and rows, to see whether anything was half saved."""
    rows = sheet.items.filter(removed_at__isnull=True).values_list("drug_id", "quantity")
    return json.dumps([sheet.state, sheet.version, list(rows)])
