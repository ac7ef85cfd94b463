"""What the rules say of a drug before it is chosen, told beside it in the list (R-43)."""

from dataclasses import replace
from decimal import Decimal

from django.db.models import prefetch_related_objects

from pharmacy.models import Drug
from prescriptions.dictionary import frequency_of
from prescriptions.doses import Dose
from prescriptions.models import Prescription
from prescriptions.moves import live_items
from prescriptions.rules import evaluate
from prescriptions.rules.facts import DrugFacts, Finding, Line, Sheet
from prescriptions.rules.gather import drug_facts, sheet_of

# What depends on the drug alone: the dose isn't written yet.
FORETOLD = ("allergy.", "contra.", "interaction.", "right.")
NEW = "new"


def foretell(prescription: Prescription, drugs: list[Drug], *, besides: str = "") -> None:
    """Give each drug `foretold`: the gravest finding that would refuse it or ask, or None.

    `besides` is the row that the drug would take the place of.
    """
    if not drugs:
        return
    sheet = sheet_of(prescription, live_items(prescription))
    others = tuple(line for line in sheet.lines if line.key != besides.replace("-", ""))
    sheet = replace(sheet, lines=others)
    prefetch_related_objects(drugs, "control_classes")
    for drug in drugs:
        drug.foretold = gravest(sheet, drug_facts(drug, sheet.today))


def gravest(sheet: Sheet, drug: DrugFacts) -> Finding | None:
    """The gravest finding about this drug if it were added to the sheet."""
    dose = Dose(Decimal(1), drug.pack.base_unit)
    line = Line(NEW, len(sheet.lines) + 1, drug, dose, frequency_of("qd"), days=1)
    found = evaluate(replace(sheet, lines=(*sheet.lines, line)))
    return next((f for f in found if f.level < 3 and _is_foretold(f)), None)


def _is_foretold(finding: Finding) -> bool:
    return NEW in finding.lines and finding.rule.key.startswith(FORETOLD)
