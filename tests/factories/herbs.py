"""Herbal pieces on the shelf, and sheets of them made by the verbs of the people who work here."""

from decimal import Decimal

from pharmacy.models import Drug
from prescriptions import dispensing, herbal, review
from prescriptions.herb_words import note_of
from prescriptions.herbal import Common, Piece
from prescriptions.models import Prescription
from tests.factories.pharmacy import DrugFactory, put_on_shelf
from tests.factories.prescriptions import colleague, visit_of

SEVEN = Common(7, "sjf", "2w")


def piece(name: str, *, stock: int = 2000, **facts) -> Drug:
    """A piece of the library, sold by the gram out of bags of 500 g at 10 yuan a bag."""
    usual = {
        "initials": name[:1],
        "category": "中药饮片",
        "subcategory": "",
        "dosage_form": "饮片",
        "strength": "",
        "content": None,
        "content_unit": "",
        "pack_spec": "500g/袋",
        "pack_unit": "袋",
        "base_unit": "g",
        "units_per_pack": 500,
        "routes": "煎服",
        "usual_dose": "",
        "usual_frequency": "日1剂",
        "antibiotic_grade": "非抗菌药物",
        "ingredients": name,
        "class_tags": "饮片",
        "price": Decimal("10.00"),
    }
    drug = DrugFactory(generic_name=name, **{**usual, **facts})
    if stock:
        put_on_shelf(drug, stock, lot=f"L{drug.pk}")
    return drug


def herbal_draft(doctor, *, record=None, common: Common | None = SEVEN, **visit) -> Prescription:
    """A herbal sheet of an open visit, with the usual line above."""
    sheet = herbal.start(consultation=record or visit_of(doctor, **visit), by=doctor)
    return herbal.write(prescription=sheet, common=common, by=doctor) if common else sheet


def put(sheet: Prescription, drug: Drug, grams="9", note: str = "", **where) -> Prescription:
    """A piece in the hand of the sheet's doctor; `note` in words."""
    code = note_of(note).code if note else ""
    what = Piece(drug, Decimal(grams), code, where.pop("wish", ""))
    return herbal.write(prescription=sheet, piece=what, by=sheet.prescriber, **where)


def names(sheet: Prescription) -> list[str]:
    """The pieces in their order."""
    rows = sheet.items.filter(removed_at__isnull=True).order_by("rank")
    return list(rows.values_list("drug_name", flat=True))


def herbal_submitted(doctor, *pieces, common: Common = SEVEN, **visit) -> Prescription:
    """A sheet of (drug, grams, note) that waits for review."""
    sheet = herbal_draft(doctor, common=common, **visit)
    for drug, grams, note in pieces or [(piece("黄芪"), "15", "")]:
        put(sheet, drug, grams, note)
    return herbal.submit(prescription=sheet, by=doctor)


def herbal_dispensed(doctor, pharmacist, *pieces, **visit) -> Prescription:
    """A sheet whose pieces went out."""
    sheet = herbal_submitted(doctor, *pieces, **visit)
    sheet = review.approve(prescription=sheet, by=colleague(pharmacist))
    return dispensing.dispense(prescription=sheet, by=pharmacist)
