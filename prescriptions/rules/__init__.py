"""All rules about a prescription, as functions over plain data.

`evaluate(sheet)` gives every finding. `table.py` lists the rules; `facts.py` is what they look at;
`gather.py` (and beside it `gather_herbs.py`) alone reads the database.
"""

from prescriptions.rules import (
    allergies,
    amounts,
    candidates,
    combinations,
    contraindications,
    durations,
    herbal,
    infusions,
    rights,
    sheet,
    skin_tests,
    strengths,
    usages,
)
from prescriptions.rules.facts import Finding, Sheet

CHECKS = [
    sheet.check,
    allergies.check,
    rights.check,
    skin_tests.check,
    contraindications.check,
    amounts.check,
    strengths.check,
    durations.check,
    usages.check,
    infusions.check,
    herbal.check,
    combinations.check,
    candidates.check,
]


def evaluate(facts: Sheet) -> list[Finding]:
    """Every finding about this sheet, the gravest first."""
    found = [finding for check in CHECKS for finding in check(facts)]
    return sorted(found, key=lambda finding: finding.level)
