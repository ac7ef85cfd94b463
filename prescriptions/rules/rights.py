"""May this doctor prescribe this drug, here? (R-2, R-4, R-47 to R-50, R-175)"""

from prescriptions.rules.facts import (
    NARCOTIC,
    PSYCHOTROPIC_2,
    RESTRICTED,
    SPECIAL,
    TOXIC,
    UNRESTRICTED,
    DrugFacts,
    Finding,
    Line,
    Prescriber,
    Sheet,
)
from prescriptions.rules.table import RULES

# The highest grade of the drug that a doctor's right reaches.
REACH = {"none": 0, "unrestricted": 1, "restricted": 2, "special": 3}
HEIGHT = {UNRESTRICTED: 1, RESTRICTED: 2, SPECIAL: 3}
# The highest grade that a title allows, whatever was ticked (R-47).
TITLE_REACH = {"assistant": 1, "resident": 1, "attending": 2, "associate": 3, "chief": 3}
INTO_A_VEIN = {"17", "18"}
RIGHT_WORDS = {0: "—", 1: UNRESTRICTED, 2: RESTRICTED, 3: SPECIAL}


def check(sheet: Sheet):
    """The right to prescribe at all, then drug by drug."""
    if not sheet.prescriber.may_prescribe:
        yield Finding(RULES["right.prescribe"])
    for line in sheet.lines:
        finding = _right(line.key, line.drug, sheet)
        if finding is not None:
            yield finding
        if not line.drug.active:
            yield Finding(RULES["drug.stopped"], (line.key,), {"drug": line.drug.name})
        yield from _into_a_vein(sheet, line)
        yield from _for_oneself(sheet, line)


def reach(prescriber: Prescriber) -> int:
    """How high the right goes: what was granted, and no higher than the title (R-47)."""
    granted = REACH[prescriber.antibiotic_grade]
    return min(granted, TITLE_REACH.get(prescriber.title, granted))


def _right(key: str, drug: DrugFacts, sheet: Sheet) -> Finding | None:
    if drug.grade == SPECIAL:
        return Finding(RULES["right.special"], (key,), {"drug": drug.name})
    height = reach(sheet.prescriber)
    if HEIGHT.get(drug.grade, 0) > height:
        values = {"drug": drug.name, "grade": drug.grade, "right": RIGHT_WORDS[height]}
        return Finding(RULES[_over_grade(sheet)], (key,), values, detail=str(drug.id))
    if not _may_control(drug.control, sheet.prescriber):
        values = {"drug": drug.name, "control": drug.control}
        return Finding(RULES["right.controlled"], (key,), values)
    return None


def _over_grade(sheet: Sheet) -> str:
    """An emergency opens the next grade once, with a reason; not a second time (R-49, R-175)."""
    if not sheet.is_emergency:
        return "right.antibiotic"
    return "right.emergency_again" if sheet.over_grade_before else "right.emergency"


def _into_a_vein(sheet: Sheet, line: Line):
    """Stations and clinics need the county's approval first (R-50)."""
    if line.drug.is_antibiotic and line.route in INTO_A_VEIN and not sheet.infusion_allowed:
        yield Finding(RULES["right.infusion"], (line.key,), {"drug": line.drug.name})


def _for_oneself(sheet: Sheet, line: Line):
    """Narcotics and class-I psychotropics are not for oneself; names may agree by chance (R-4)."""
    if line.drug.control in NARCOTIC and sheet.prescriber.is_patient:
        yield Finding(RULES["control.oneself"], (line.key,), {"drug": line.drug.name})


def _may_control(control: str, prescriber: Prescriber) -> bool:
    if control in NARCOTIC:
        return prescriber.narcotic
    if control in PSYCHOTROPIC_2:
        return prescriber.psychotropic_2
    return control not in TOXIC
