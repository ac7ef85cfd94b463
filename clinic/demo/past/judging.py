"""A made-up sheet under the rules that hold for real ones: what they refuse is not written."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from clinic.core.errors import RuleBroken
from patients.age import age_months, age_years
from prescriptions.items import Usage, compute_row
from prescriptions.models import PrescriptionItem
from prescriptions.rules import evaluate
from prescriptions.rules.facts import Condition, Finding, InUse, Prescriber, Sheet
from prescriptions.rules.gather import NOT_ESSENTIAL, drug_facts, line_of

NEGATIVE = "negative"
SPARE = 2  # packs at least on the shelf, for a doctor to think of a drug


def items_of(known, sheet, story, day: date) -> list[PrescriptionItem] | None:
    """The rows of the sheet; None where something lacks or can't be written so."""
    items = []
    for rank, taken in enumerate(story.drugs, 1):
        drug = known.drugs.get(taken.code)
        if drug is None:
            return None
        item = PrescriptionItem(prescription=sheet, rank=rank)
        usage = Usage(
            drug,
            Decimal(taken.dose),
            taken.unit,
            taken.route,
            taken.frequency,
            taken.days,
            taken.quantity,
        )
        try:
            compute_row(item, usage)
        except RuleBroken:
            return None
        if known.shelf.left(drug.pk, day) < max(item.quantity, SPARE * drug.units_per_pack):
            return None
        if drug.skin_test.startswith("需"):
            item.skin_test = NEGATIVE
        items.append(item)
    return items


def findings_of(known, patient, record, items, story, day: date) -> list[Finding]:
    """What the rules say of these rows on that day."""
    lines = [line_of(item, known.shelf.left(item.drug_id, day), day) for item in items]
    lines = [
        replace(line, essential_instead=known.essentials.get(line.drug.subcategory, ""))
        if line.drug.essential == NOT_ESSENTIAL
        else line
        for line in lines
    ]
    clinician, site = record.clinician, known.site
    weight = story.vitals.get("weight")
    return evaluate(
        Sheet(
            today=day,
            lines=tuple(lines),
            allergy_status=patient.allergy_status,
            allergy_confirmed_on=_day(patient.allergy_confirmed_at),
            allergy_from_papers=patient.allergy_confirmed_at is None,
            confirm_after_days=site["allergy.confirm_days"],
            allergies=patient.known_allergies,
            groups=known.groups if patient.known_allergies else {},
            pairs=known.pairs,
            in_use=_in_use(known, patient, day),
            diagnoses=len(story.diagnoses),
            max_days=site["prescription.max_days"],
            age=age_years(patient.birth_date, day),
            months=age_months(patient.birth_date, day),
            sex=patient.sex,
            weight=Fraction(weight) if weight else None,
            conditions=_conditions(known, patient, story),
            solvents_counted=not site["prescription.solvents_free"],
            prescriber=Prescriber(
                may_prescribe=clinician.may_prescribe and clinician.active,
                antibiotic_grade=clinician.antibiotic_grade,
                psychotropic_2=clinician.psychotropic_2,
                narcotic=clinician.narcotic,
                is_own_visit=True,
                is_visit_open=True,
                title=clinician.title,
            ),
        )
    )


def _day(moment) -> date | None:
    return moment.date() if moment else None


def _in_use(known, patient, day: date) -> tuple[InUse, ...]:
    rows = known.uses[patient.pk]
    left = [(use, use.days - (day - use.day).days) for use in rows]
    return tuple(
        InUse(drug_facts(use.drug, day, control=False), days, use.day)
        for use, days in left
        if days > 0
    )


def _conditions(known, patient, story) -> tuple[Condition, ...]:
    now = [Condition(code=code, name=name) for code, name in story.diagnoses]
    before = [Condition(code=c, name=n, on=day) for c, n, day in known.conditions[patient.pk]]
    return tuple(now + before[::-1][:20])
