"""The row in work as it opens: empty, a drug with its usual usage, or a row of the sheet."""

from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from patients.age import age_months
from pharmacy.models import Drug
from prescriptions import doses, groups
from prescriptions.alternatives import ADULT
from prescriptions.child_doses import Child, propose
from prescriptions.dictionary import find_frequency, frequency_of, route_of
from prescriptions.doses import Dose
from prescriptions.forms import RowForm
from prescriptions.models import Prescription, PrescriptionItem


def child_of(prescription: Prescription) -> Child:
    """Age and weight of whom this sheet is for."""
    weight = (prescription.consultation.vitals or {}).get("weight")
    months = age_months(prescription.patient.birth_date, timezone.localdate())
    return Child(months, Decimal(weight) if weight else None)


def usual(drug: Drug, *, age: int, child: Child | None = None) -> dict[str, str]:
    """What the library says is usual, as texts; for children only what its words make of age and
    weight (R-157), and so for everybody where it goes by weight."""
    dose = doses.usual_dose(drug.usual_dose) if age >= ADULT else None
    frequency = doses.usual_frequency(drug.usual_frequency)
    proposed = propose(drug, child) if child is not None and dose is None else None
    if proposed is not None:
        dose = proposed.dose
        frequency = find_frequency(proposed.frequency) or frequency
    route = doses.usual_route(drug.routes)
    days = doses.usual_days(drug.usual_frequency)
    return {
        "dose": str(dose) if dose else "",
        "route": route.name if route else "",
        "frequency": frequency.name if frequency else "",
        "days": str(days) if days else "",
        "remark": doses.usual_remark(drug.routes),
        "why": _("by %(words)s") % {"words": proposed.why} if proposed else "",
    }


def together_with(prescription: Prescription, asked: str) -> dict:
    """For the next row of a group: its number and what the rows have in common, as texts."""
    if asked not in {str(number) for number in range(1, groups.MOST_GROUPS + 1)}:
        return {}
    rows = PrescriptionItem.objects.filter(prescription=prescription, removed_at__isnull=True)
    shared = groups.common(list(rows.filter(group=int(asked))), int(asked))
    if not shared:
        return {"group": asked}
    route, frequency = route_of(shared["route"]), frequency_of(shared["frequency"])
    texts = {"route": route.name, "frequency": frequency.name, "days": str(shared["days"])}
    return {"group": asked, **texts, "drip": shared["drip"]}


def drug_label(drug: Drug) -> str:
    """Name and strength, as it stands in the field."""
    return f"{drug.generic_name} {drug.strength}"


def form_with(
    drug: Drug,
    *,
    age: int,
    child: Child | None = None,
    typed: dict | None = None,
    together: dict | None = None,
) -> RowForm:
    """The row with this drug chosen; what was typed beside it stays, what it shares with its
    group (`together`) stands above what is usual."""
    kept = {name: text for name, text in (typed or {}).items() if text}
    values = {**usual(drug, age=age, child=child), **(together or {}), **kept}
    return RowForm(initial={**values, "drug": drug.pk, "drug_text": drug_label(drug)})


def form_of(
    item: PrescriptionItem, *, drug: Drug | None = None, age: int, child: Child | None = None
) -> RowForm:
    """A row of the sheet taken up again; with `drug`, that one in its place."""
    if drug is not None:
        form = form_with(drug, age=age, child=child, typed={"days": str(item.days)})
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
            "group": item.group or "",
            "drip": item.drip,
        }
    )
