"""What the findings of a follow-up mean: class, referral, when to come again (R-63 to R-67).

Numbers are Decimals made from the kept text; a value that was not measured judges nothing.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from patients.models import CareKind

CONTROLLED, UNCONTROLLED, ADVERSE, COMPLICATION = "1", "2", "3", "4"
HARD = "3"  # an adverse reaction that can't be controlled
SYSTOLIC_DANGER, DIASTOLIC_DANGER = Decimal(180), Decimal(110)
GLUCOSE_HIGH, GLUCOSE_LOW, GLUCOSE_LINE = Decimal("16.7"), Decimal("3.9"), Decimal("7.0")
OLD = 65  # from here the line of pressure is 150/90
SELF_CARE = ("eating", "washing", "dressing", "toilet", "moving")
SELF_CARE_POINTS = {
    "eating": (0, 3, 5),
    "washing": (0, 1, 3, 7),
    "dressing": (0, 3, 5),
    "toilet": (0, 1, 5, 10),
    "moving": (0, 1, 5, 10),
}


@dataclass(frozen=True)
class Outcome:
    """What follows from one follow-up."""

    grade: str = ""  # the class of R-64 by the values; "" where nothing was measured
    soon: bool = False  # again within two weeks, instead of the usual time
    refer: list[str] = field(default_factory=list)  # why, in words
    urgent: bool = False
    hints: list[str] = field(default_factory=list)


def pressure_line(age: int) -> tuple[int, int]:
    """Below both of these the pressure is controlled."""
    return (150, 90) if age >= OLD else (140, 90)


def number(findings: dict, key: str) -> Decimal | None:
    """A measured value; None when it is not there."""
    return Decimal(findings[key]) if findings.get(key) else None


def judge(kind: str, findings: dict, *, age: int, before: dict | None = None) -> Outcome:
    """The rules of one kind; `before` are the findings of the follow-up done last."""
    if kind in (CareKind.HYPERTENSION, CareKind.DIABETES):
        return _chronic(kind, findings, age, before or {})
    if kind == CareKind.PREGNANCY:
        return _pregnancy(findings)
    return Outcome(hints=_elderly_hints(findings) if kind == CareKind.ELDERLY else [])


def _chronic(kind: str, findings: dict, age: int, before: dict) -> Outcome:
    by_values = _by_values(kind, findings, age)
    grade = _grade(findings, by_values)
    dangers = _dangers(kind, findings)
    refer = dangers + _reasons(findings, grade, before)
    return Outcome(
        grade=grade,
        soon=bool(refer) or grade not in (CONTROLLED, ""),
        refer=refer,
        urgent=bool(dangers),
        hints=_chronic_hints(findings),
    )


def _by_values(kind: str, findings: dict, age: int) -> str:
    """Controlled or not; "" when the deciding value is missing (a follow-up by phone)."""
    if kind == CareKind.DIABETES:
        glucose = number(findings, "glucose")
        if glucose is None:
            return ""
        return CONTROLLED if GLUCOSE_LOW < glucose < GLUCOSE_LINE else UNCONTROLLED
    systolic, diastolic = number(findings, "systolic"), number(findings, "diastolic")
    if systolic is None or diastolic is None:
        return ""
    most, least = pressure_line(age)
    return CONTROLLED if systolic < most and diastolic < least else UNCONTROLLED


def _grade(findings: dict, by_values: str) -> str:
    """A new complication and an adverse reaction stand above control."""
    if findings.get("complication"):
        return COMPLICATION
    if findings.get("adverse") in ("2", HARD):
        return ADVERSE
    return by_values or findings.get("grade", "")


def _dangers(kind: str, findings: dict) -> list[str]:
    """Why the patient is referred at once."""
    found = []
    systolic, diastolic = number(findings, "systolic"), number(findings, "diastolic")
    if (systolic or 0) >= SYSTOLIC_DANGER or (diastolic or 0) >= DIASTOLIC_DANGER:
        found.append(_("pressure of 180/110 or more"))
    glucose = number(findings, "glucose") if kind == CareKind.DIABETES else None
    if glucose is not None and glucose >= GLUCOSE_HIGH:
        found.append(_("fasting glucose of 16.7 or more"))
    if glucose is not None and glucose <= GLUCOSE_LOW:
        found.append(_("glucose of 3.9 or less"))
    if findings.get("danger"):
        found.append(_("danger signs"))
    return found


def _reasons(findings: dict, grade: str, before: dict) -> list[str]:
    """Why the patient is referred although nothing burns."""
    found = []
    if grade == UNCONTROLLED and before.get("grade") == UNCONTROLLED:
        found.append(_("not controlled twice in a row"))
    if findings.get("adverse") == HARD or grade == ADVERSE and before.get("grade") == ADVERSE:
        found.append(_("an adverse reaction that is hard to control"))
    if findings.get("complication"):
        found.append(_("a new complication, or one that got worse"))
    return found


def _chronic_hints(findings: dict) -> list[str]:
    return [_("Drugs are not taken as ordered: ask why.")] if (
        findings.get("compliance") in ("2", "3")
    ) else []  # fmt: skip


def _pregnancy(findings: dict) -> Outcome:
    systolic, diastolic = number(findings, "systolic"), number(findings, "diastolic")
    high = (systolic or 0) >= 140 or (diastolic or 0) >= 90
    refer = [_("pressure of 140/90 or more in pregnancy or after")] if high else []
    if findings.get("danger"):
        refer.append(_("danger signs"))
    return Outcome(refer=refer, urgent=bool(findings.get("danger")))


def self_care(findings: dict) -> int | None:
    """The sum of the self-care scale (R-66); None while a part was not asked."""
    points = [findings.get(key) for key in SELF_CARE]
    return None if None in points or "" in points else sum(int(one) for one in points)


def self_care_words(points: int) -> str:
    """0-3, 4-8, 9-18, 19 and more (R-66)."""
    if points <= 3:
        return _("can look after oneself")
    if points <= 8:
        return _("slightly dependent")
    return _("moderately dependent") if points <= 18 else _("can't look after oneself")


def _elderly_hints(findings: dict) -> list[str]:
    found = []
    systolic, diastolic = number(findings, "systolic"), number(findings, "diastolic")
    if (systolic or 0) >= 140 or (diastolic or 0) >= 90:
        found.append(_("The pressure is raised: measure on other days, then open a file."))
    if (number(findings, "glucose") or 0) >= GLUCOSE_LINE:
        found.append(_("The fasting glucose is raised: test again, then open a file."))
    points = self_care(findings)
    if points is not None and points > 3:
        found.append(_("Self-care: %(words)s.") % {"words": self_care_words(points)})
    return found


def bmi(findings: dict) -> Decimal | None:
    """Weight in kg over the square of the height in metres."""
    weight, height = number(findings, "weight"), number(findings, "height")
    if not weight or not height:
        return None
    return (weight / (height / 100) ** 2).quantize(Decimal("0.1"))
