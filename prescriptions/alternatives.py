"""Another drug in stock for one that can't be given (R-43): offered, never taken by itself.

The preferences are typical first choices of primary care and, like the drug library, to be checked
by a pharmacist (R-157). Only what passes every rule on this very sheet is offered.
"""

from dataclasses import dataclass, replace

from django.db.models import Q

from clinic.core.errors import RuleBroken
from pharmacy.catalogue import with_available
from pharmacy.models import Drug
from prescriptions.alerts import Opinion
from prescriptions.dictionary import frequency_of
from prescriptions.doses import Dose, usual_route
from prescriptions.herb_words import is_piece
from prescriptions.items import Usage, usual_usage
from prescriptions.models import PrescriptionItem
from prescriptions.quantity import Pack, compute
from prescriptions.rules import evaluate
from prescriptions.rules.columns import split
from prescriptions.rules.facts import Finding, Sheet
from prescriptions.rules.gather import drug_facts

ADULT = 14  # below it no usual dose of the library applies
# By allergy group of the drug that can't be given: ingredients to try, the first choice first.
PREFERRED = {
    "PCN": ["阿奇霉素", "罗红霉素", "克拉霉素", "左氧氟沙星"],
    "CEPH": ["阿奇霉素", "罗红霉素", "克拉霉素", "左氧氟沙星"],
    "MACRO": ["头孢呋辛", "头孢拉定", "左氧氟沙星"],
    "QUIN": ["头孢呋辛", "阿奇霉素"],
    "SULFA": ["头孢呋辛", "左氧氟沙星"],
    "TETRA": ["阿奇霉素"],
    "NSAID": ["对乙酰氨基酚"],
    "APAP": ["布洛芬"],
}
MOST = 12  # candidates looked at


@dataclass(frozen=True)
class Alternative:
    """A drug that could stand in the row's place."""

    drug: Drug  # with .available and .available_text
    usage: Usage | None  # None: the doctor writes the dose


def alternative_for(found: Opinion, item: PrescriptionItem, finding: Finding) -> Alternative | None:
    """The first candidate that is in stock and that no rule refuses or asks about."""
    if not finding.rule.offers_alternative or is_piece(item.drug):
        return None
    for drug in _candidates(item.drug, in_its_class=finding.rule.key.startswith("interaction.")):
        offer = _fits(found.sheet, item, drug)
        if offer is not None:
            return offer
    return None


def _candidates(drug: Drug, *, in_its_class: bool) -> list[Drug]:
    """Drugs of the same way of giving: for a bad pair first of its class, else by preference."""
    groups = split(drug.allergy_groups)
    wanted = [name for group in sorted(groups) for name in PREFERRED.get(group, [])]
    question = Q(subcategory=drug.subcategory) if drug.subcategory else Q(pk__in=[])
    for name in wanted:
        question |= Q(ingredients__contains=name)
    rows = Drug.objects.filter(question, active=True).exclude(pk=drug.pk)
    own, route = split(drug.ingredients), usual_route(drug.routes)
    rows = [
        row
        for row in rows.prefetch_related("control_classes")
        if not own & split(row.ingredients) and usual_route(row.routes) == route
    ]

    def place(row: Drug) -> tuple:
        same = row.subcategory == drug.subcategory
        names = [n for n, name in enumerate(wanted) if name in split(row.ingredients)]
        return (not (in_its_class and same), names[0] if names else len(wanted), row.pk)

    return with_available(sorted(rows, key=place)[:MOST])


def _fits(sheet: Sheet, item: PrescriptionItem, drug: Drug) -> Alternative | None:
    if not drug.available:
        return None
    try:
        usage = usual_usage(drug, days=item.days)
    except RuleBroken:
        return None
    dose = Dose(usage.dose, usage.dose_unit)
    count = compute(Pack.of(drug), dose, frequency_of(usage.frequency), usage.days)
    if count.units is None or count.units > drug.available:
        return None
    changed = _with(sheet, item, drug, usage, count.units)
    stops = [f for f in evaluate(changed) if f.level < 3 and item.pk.hex in f.lines]
    if sheet.age < ADULT:  # the doctor writes the dose, so the adult one isn't judged
        stops = [f for f in stops if not f.rule.key.startswith(("dose.", "weight."))]
    return None if stops else Alternative(drug, usage if sheet.age >= ADULT else None)


def _with(sheet: Sheet, item, drug: Drug, usage: Usage, units: int) -> Sheet:
    """The sheet with the row's drug exchanged."""
    lines = tuple(
        replace(
            line,
            drug=drug_facts(drug, sheet.today),
            dose=Dose(usage.dose, usage.dose_unit),
            frequency=frequency_of(usage.frequency),
            days=usage.days,
            quantity=units,
            computed=units,
            skin_test="",
            outside=False,
            available=drug.available,
            route=usage.route,
            remark=usage.remark,
            hours_since_use=None,
            essential_instead="",
        )
        if line.key == item.pk.hex
        else line
        for line in sheet.lines
    )
    return replace(sheet, lines=lines)
