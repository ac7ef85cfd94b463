"""Herbal sheets of the demo clinic, for a few diagnoses, and pieces that every clinic has.

The pieces stand beside the shipped library, with a code of their own; values typical and unchecked
like that library's (R-157).
"""

from decimal import Decimal
from pathlib import Path

from clinic.core.errors import RuleBroken
from clinic.demo import till
from patients.age import age_years
from patients.models import AllergyStatus
from pharmacy.library import load_drug_library
from pharmacy.models import Drug
from prescriptions import dispensing, herbal, review, services
from prescriptions.herb_words import note_of
from prescriptions.herbal import Common, Piece
from registration import consultation

ADULT = 18
PIECES = Path(__file__).resolve().parent.parent / "data" / "demo_pieces.csv"
# By diagnosis: the syndrome as it is written into the record, doses, pieces (code, grams, note).
FORMULAS = {
    "J06.9": (
        "舌淡红，苔薄白，脉浮紧。辨证：风寒束表证。",
        3,
        [("D141", 6, ""), ("D137", 9, ""), ("D143", 6, "后下"), ("D135", 6, "")],
    ),
    "J20.9": (
        "舌淡，苔白腻，脉滑。辨证：痰湿阻肺证。",
        5,
        [("D141", 6, ""), ("D138", 9, ""), ("D140", 3, ""), ("D137", 12, ""), ("D135", 6, "")],
    ),
    "D50.9": (
        "舌淡，苔薄白，脉细弱。辨证：气血两虚证。",
        7,
        [("D134", 30, ""), ("D142", 6, "另煎"), ("D136", 6, ""), ("D137", 12, ""), ("D135", 6, "")],
    ),
    "N94.6": (
        "舌淡，苔白，脉沉细。辨证：血虚寒凝证。",
        7,
        [("D136", 10, ""), ("D137", 15, ""), ("D134", 15, ""), ("D135", 6, "")],
    ),
    "K30": (
        "舌淡，苔白腻，脉濡。辨证：脾虚痰湿证。",
        5,
        [("Y005", 15, ""), ("Y001", 9, ""), ("Y004", 12, ""), ("Y006", 6, ""), ("D135", 6, "")],
    ),
    "J30.4": (
        "舌淡，苔薄白，脉浮缓。辨证：肺卫气虚证。",
        7,
        [("D134", 18, ""), ("Y001", 9, ""), ("Y003", 9, ""), ("D135", 6, "")],
    ),
    "G47.0": (
        "舌淡红，苔薄白，脉弦细。辨证：心脾两虚证。",
        7,
        [("Y022", 15, ""), ("Y004", 12, ""), ("D136", 9, ""), ("Y001", 9, ""), ("D135", 6, "")],
    ),
}


def load_pieces() -> int:
    """Create those that are not there yet; return how many were."""
    return load_drug_library(PIECES)


def prescribe(record, template: dict, cast, *, until: str) -> None:
    """Pieces beside the other drugs, handed out as far as those; nothing where a rule speaks."""
    formula = FORMULAS.get(template["icd10_code"])
    patient = record.patient
    adult = age_years(patient.birth_date, record.started_at.date()) >= ADULT
    if formula is None or not adult or patient.allergy_status == AllergyStatus.NOT_ASKED:
        return
    syndrome, doses, pieces = formula
    doctor = record.clinician.user
    _write_syndrome(record, template, syndrome, doctor)
    sheet = herbal.start(consultation=record, by=doctor)
    try:
        herbal.write(prescription=sheet, common=Common(doses, "sjf", "2w"), by=doctor)
        for code, grams, note in pieces:
            what = Piece(
                Drug.objects.get(code=code), Decimal(grams), note_of(note).code if note else ""
            )
            herbal.write(prescription=sheet, piece=what, by=doctor)
        sheet = herbal.submit(prescription=sheet, by=doctor)
    except RuleBroken:
        sheet.refresh_from_db()
        services.void(prescription=sheet, reason="更换方案", by=doctor)
        return
    if until in ("approved", "dispensed"):
        sheet = review.approve(prescription=sheet, by=cast.pharmacist)
    if until == "dispensed":
        till.settle(record.registration, cast)
        sheet.refresh_from_db()
        dispensing.dispense(prescription=sheet, by=cast.people["pharmacist2"])


def _write_syndrome(record, template: dict, syndrome: str, doctor) -> None:
    record.refresh_from_db()
    consultation.save_record(
        consultation=record,
        version=record.version,
        examination=template["examination"] + syndrome,
        by=doctor,
    )
    record.refresh_from_db()
