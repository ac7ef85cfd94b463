"""What the page of a herbal sheet shows beside what every sheet's page shows."""

from decimal import Decimal

from clinic.core import modules
from pharmacy import catalogue, stock
from pharmacy.models import Drug
from pharmacy.typed import normalised
from prescriptions import pages
from prescriptions.doses import number_text
from prescriptions.herb_words import HERB, is_piece, note_of
from prescriptions.herbal import GRAM, Common
from prescriptions.herbal_forms import HerbalForm
from prescriptions.models import Prescription, PrescriptionItem
from prescriptions.rules.gather import drug_facts
from prescriptions.rules.herbal import note_expected

CENT = Decimal("0.01")


def offered(words: str, limit: int) -> list[Drug]:
    """Pieces of the library that fit, each with what is in stock; those in stock first."""
    plain = normalised(words)
    if not plain:
        return []
    rows = catalogue.ranked(plain).filter(drug__class_tags__contains=HERB)[:limit]
    ids = list(rows.values_list("drug_id", flat=True))
    found = Drug.objects.in_bulk(ids)
    pieces = [found[pk] for pk in ids if pk in found and is_piece(found[pk])]
    return sorted(catalogue.with_available(pieces), key=lambda drug: not drug.available)


def proposed_note(drug: Drug, today) -> str:
    """The code of the note that is usual of this piece; the doctor may change it (R-21)."""
    note = note_of(note_expected(drug_facts(drug, today, control=False)))
    return note.code if note else ""


def common_of(prescription: Prescription) -> dict:
    """The line above the pieces, as the form takes it."""
    common = Common.of(prescription)
    return {"doses": common.doses or "", "method": common.method, "usage": common.usage}


def piece_of(item: PrescriptionItem) -> dict:
    """A piece of the sheet, as the form takes it."""
    return {
        "item": item.pk,
        "drug": item.drug_id,
        "drug_text": item.drug_name,
        "dose": number_text(item.dose),
        "note": item.herb_note,
        "remark": item.remark,
    }


def edit(prescription: Prescription, user, form: HerbalForm, *, choices=None, sign_form=None):
    """The writing page: the line above, the piece in work, the pieces in their order."""
    context = pages.edit(prescription, user, form, choices=choices, sign_form=sign_form)
    rows, doses = context["rows"], prescription.herb_doses or 1
    free = stock.available([row["item"].drug_id for row in rows]) if rows else {}
    has_pharmacy = modules.is_on("pharmacy")
    for row in rows:
        item = row["item"]
        row["grams"] = number_text(item.dose)
        row["available"] = f"{free[item.drug_id]}{item.base_unit}" if has_pharmacy else ""
    editing = next((row for row in rows if row["item"].pk == context["editing"]), None)
    before = str(form.initial.get("before", ""))
    return {
        **context,
        # That doses are missing is told beside the button; nobody has to be stopped on a new page.
        "sheet_alerts": [
            alert for alert in context["sheet_alerts"] if alert["finding"].rule.key != "herb.doses"
        ],
        "focus": _focus(context, form, prescription),
        "editing_row": editing,
        "before_row": next((row for row in rows if str(row["item"].pk) == before), None),
        "found_alerts": [(row, alert) for row in rows for alert in row["alerts"]],
        "per_dose": (context["total"] / doses).quantize(CENT),
        "weight": f"{number_text(sum((row['item'].dose for row in rows), Decimal(0)))}{GRAM}",
    }


def _focus(context: dict, form: HerbalForm, prescription: Prescription) -> str:
    """The doses first, once; then piece after piece."""
    is_fresh = not form.is_bound and context["focus"] == "drug_text"
    return "doses" if is_fresh and prescription.herb_doses is None else context["focus"]
