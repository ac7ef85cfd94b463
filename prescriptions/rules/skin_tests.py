"""Drugs that are given only after a skin test (R-45, R-171)."""

from prescriptions.rules.facts import Finding, Sheet
from prescriptions.rules.table import RULES


def check(sheet: Sheet):
    """A state must be chosen; positive refuses; pending is told and stops only dispensing."""
    for line in sheet.lines:
        values = {"drug": line.drug.name}
        if line.skin_test == "positive":
            yield Finding(RULES["skin_test.positive"], (line.key,), values)
        elif line.drug.needs_skin_test and not line.skin_test:
            yield Finding(RULES["skin_test.missing"], (line.key,), values)
        elif line.skin_test == "pending":
            yield Finding(RULES["skin_test.pending"], (line.key,), values)
