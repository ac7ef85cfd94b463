"""May this doctor prescribe this drug? (R-2, R-47, R-48)"""

from prescriptions.rules.facts import (
    NARCOTIC,
    PSYCHOTROPIC_2,
    RESTRICTED,
    SPECIAL,
    TOXIC,
    UNRESTRICTED,
    DrugFacts,
    Finding,
    Prescriber,
    Sheet,
)
from prescriptions.rules.table import RULES

# The highest grade of the drug that a doctor's right reaches.
REACH = {"none": 0, "unrestricted": 1, "restricted": 2, "special": 3}
HEIGHT = {UNRESTRICTED: 1, RESTRICTED: 2, SPECIAL: 3}
RIGHT_WORDS = {0: "—", 1: UNRESTRICTED, 2: RESTRICTED, 3: SPECIAL}


def check(sheet: Sheet):
    """The right to prescribe at all, then drug by drug."""
    if not sheet.prescriber.may_prescribe:
        yield Finding(RULES["right.prescribe"])
    for line in sheet.lines:
        finding = _right(line.key, line.drug, sheet.prescriber)
        if finding is not None:
            yield finding
        if not line.drug.active:
            yield Finding(RULES["drug.stopped"], (line.key,), {"drug": line.drug.name})


def _right(key: str, drug: DrugFacts, prescriber: Prescriber) -> Finding | None:
    if drug.grade == SPECIAL:
        return Finding(RULES["right.special"], (key,), {"drug": drug.name})
    reach = REACH[prescriber.antibiotic_grade]
    if HEIGHT.get(drug.grade, 0) > reach:
        values = {"drug": drug.name, "grade": drug.grade, "right": RIGHT_WORDS[reach]}
        return Finding(RULES["right.antibiotic"], (key,), values)
    if not _may_control(drug.control, prescriber):
        values = {"drug": drug.name, "control": drug.control}
        return Finding(RULES["right.controlled"], (key,), values)
    return None


def _may_control(control: str, prescriber: Prescriber) -> bool:
    if control in NARCOTIC:
        return prescriber.narcotic
    if control in PSYCHOTROPIC_2:
        return prescriber.psychotropic_2
    return control not in TOXIC
