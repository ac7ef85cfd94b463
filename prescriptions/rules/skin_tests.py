"""Drugs that are given only after a skin test (R-45, R-171)."""

from prescriptions.rules.facts import Finding, Line, Sheet
from prescriptions.rules.table import RULES

HOURS = 72


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
        elif line.skin_test == "continued":
            yield from _continued(line, values)
        elif line.skin_test == "exempt":
            yield Finding(RULES["skin_test.exempt"], (line.key,), values)


def _continued(line: Line, values: dict):
    """Only within 72 hours of the last dose; exactly 72 hours are interrupted (R-171)."""
    if line.hours_since_use is None:
        yield Finding(RULES["skin_test.unproven"], (line.key,), values)
    elif line.hours_since_use >= HOURS:
        values |= {"hours": line.hours_since_use}
        yield Finding(RULES["skin_test.interrupted"], (line.key,), values)
