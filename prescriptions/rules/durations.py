"""For how long: controlled classes, long-term prescriptions (R-24 to R-29, R-169)."""

from prescriptions.rules import codes
from prescriptions.rules.facts import NARCOTIC, PSYCHOTROPIC_2, TOXIC, Finding, Line, Sheet
from prescriptions.rules.table import RULES

TOXIC_DAYS = 2
PSYCHOTROPIC_DAYS = 7
# What exceeds two weeks is a long-term prescription here; up to that a course is only long.
LONG_TERM = 14
ASSESSED = 28
# Injections, slow release, other forms: without and with a file for cancer or chronic pain.
NARCOTIC_DAYS = {"injection": 1, "slow": 7, "other": 3}
WITH_FILE = {"injection": 3, "slow": 15, "other": 7}
SLOW = ("缓释", "控释")
INSIDE_ONLY = frozenset({"哌替啶"})
TUBERCULOSIS, TUBERCULOSIS_CODES = "抗结核", "A15-A19;B90"
COLD = ("2~8℃", "2-8℃", "冷藏")


def check(sheet: Sheet):
    """Line by line; the usual 7 and 3 days are in amounts.py."""
    for line in sheet.lines:
        yield from toxic(line)
        yield from narcotic(sheet, line)
        yield from psychotropic(sheet, line)
        yield from long_term(sheet, line)


def toxic(line: Line):
    """Toxic drugs: two days at most (R-28)."""
    if line.drug.control in TOXIC and line.days > TOXIC_DAYS:
        yield _days("days.toxic", line, TOXIC_DAYS)


def narcotic(sheet: Sheet, line: Line):
    """One usual dose, 7 or 3 days (R-24); more with a file (R-25), pethidine never (R-26)."""
    if line.drug.control not in NARCOTIC:
        return
    form = _form(line)
    limit, with_file = NARCOTIC_DAYS[form], WITH_FILE[form]
    if line.drug.ingredients & INSIDE_ONLY:
        with_file = limit
    too_often = form == "injection" and not line.frequency.is_once
    if line.days > with_file or (too_often and limit == with_file):
        yield _days("days.narcotic_most", line, with_file)
    elif (line.days > limit or too_often) and not sheet.has_pain_file:
        yield _days("days.narcotic", line, limit)


def _form(line: Line) -> str:
    if line.drug.is_injection:
        return "injection"
    is_slow = any(word in line.drug.name or word in line.drug.form for word in SLOW)
    return "slow" if is_slow else "other"


def psychotropic(sheet: Sheet, line: Line):
    """Seven days whatever the site's own limit is; more needs a reason (R-27)."""
    is_asked = line.days > sheet.max_days  # days.long asks for the same reason already
    if line.drug.control in PSYCHOTROPIC_2 and line.days > PSYCHOTROPIC_DAYS and not is_asked:
        yield _days("days.psychotropic", line, PSYCHOTROPIC_DAYS)


def long_term(sheet: Sheet, line: Line):
    """Classes that long-term prescriptions exclude, and what more than four weeks need (R-29)."""
    if line.days <= LONG_TERM:
        return
    drug = line.drug
    if drug.control or (drug.is_antibiotic and not _is_for_tuberculosis(sheet, line)):
        yield _days("days.excluded", line, LONG_TERM)
    elif any(word in drug.storage for word in COLD):
        yield _days("days.cold", line, LONG_TERM)
    elif line.days > ASSESSED and not sheet.is_assessed:
        yield _days("days.assess", line, ASSESSED)


def _is_for_tuberculosis(sheet: Sheet, line: Line) -> bool:
    return TUBERCULOSIS in line.drug.tags or codes.found(sheet, TUBERCULOSIS_CODES) is not None


def _days(key: str, line: Line, limit: int) -> Finding:
    values = {"drug": line.drug.name, "days": line.days, "limit": limit}
    return Finding(RULES[key], (line.key,), values, detail=f"{line.drug.id}/{line.days}")
