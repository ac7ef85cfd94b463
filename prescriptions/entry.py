"""The row in work as it opens: empty, a drug with its usual usage, or a row of the sheet."""

from pharmacy.models import Drug
from prescriptions import doses
from prescriptions.alternatives import ADULT
from prescriptions.dictionary import frequency_of, route_of
from prescriptions.doses import Dose
from prescriptions.forms import RowForm
from prescriptions.models import PrescriptionItem


def usual(drug: Drug, *, age: int) -> dict[str, str]:
    """What the library says is usual, as texts; no dose for children (R-157)."""
    dose = doses.usual_dose(drug.usual_dose) if age >= ADULT else None
    frequency = doses.usual_frequency(drug.usual_frequency)
    route = doses.usual_route(drug.routes)
    days = doses.usual_days(drug.usual_frequency)
    return {
        "dose": str(dose) if dose else "",
        "route": route.name if route else "",
        "frequency": frequency.name if frequency else "",
        "days": str(days) if days else "",
        "remark": doses.usual_remark(drug.routes),
    }


def drug_label(drug: Drug) -> str:
    """Name and strength, as it stands in the field."""
    return f"{drug.generic_name} {drug.strength}"


def form_with(drug: Drug, *, age: int, typed: dict | None = None) -> RowForm:
    """The row with this drug chosen; what was typed beside it stays."""
    kept = {name: text for name, text in (typed or {}).items() if text}
    values = {**usual(drug, age=age), **kept}
    return RowForm(initial={**values, "drug": drug.pk, "drug_text": drug_label(drug)})


def form_of(item: PrescriptionItem, *, drug: Drug | None = None, age: int) -> RowForm:
    """A row of the sheet taken up again; with `drug`, that one in its place."""
    if drug is not None:
        form = form_with(drug, age=age, typed={"days": str(item.days)})
        form.initial["item"] = item.pk
        return form
    is_edited = item.computed is None or item.computed != item.quantity
    return RowForm(
        initial={
            "item": item.pk,
            "drug": item.drug_id,
            "drug_text": drug_label(item.drug),
            "dose": str(Dose(item.dose, item.dose_unit)),
            "route": route_of(item.route).name,
            "frequency": frequency_of(item.frequency).name,
            "days": item.days,
            "quantity": f"{item.quantity}{item.base_unit}" if is_edited else "",
            "remark": item.remark,
            "outside": item.outside,
        }
    )
