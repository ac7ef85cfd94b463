"""The sheet as a whole: visit, diagnosis, number of drugs, what may stand together."""

from django.utils.formats import date_format

from prescriptions.rules.facts import NARCOTIC, PSYCHOTROPIC_2, TOXIC, Finding, Line, Sheet
from prescriptions.rules.table import RULES

MOST_DRUGS = 5
MOST_EXTENDED = 3  # days after the day of issue


def check(sheet: Sheet):
    """R-5, R-8, R-13, R-14, R-15, R-10, R-22."""
    if not sheet.prescriber.is_own_visit:
        yield Finding(RULES["visit.not_yours"])
    elif sheet.is_draft and not sheet.prescriber.is_visit_open:
        yield Finding(RULES["visit.finished"])
    yield from _validity(sheet)
    if not sheet.diagnoses:
        yield Finding(RULES["diagnosis.missing"])
    if not sheet.lines:
        yield Finding(RULES["sheet.empty"])
    yield from _together(sheet)


def _validity(sheet: Sheet):
    """The day of issue; an extension ends at most on the third day after it (R-22, R-169)."""
    if sheet.issued_on is None or sheet.valid_until is None:
        return
    if (sheet.valid_until - sheet.issued_on).days > MOST_EXTENDED:
        yield Finding(RULES["validity.too_long"], values={"limit": MOST_EXTENDED})
    if sheet.today > sheet.valid_until:
        day = date_format(sheet.valid_until, "Y-m-d")
        yield Finding(RULES["validity.over"], values={"day": day})


def _together(sheet: Sheet):
    herbs = [line for line in sheet.lines if line.drug.is_herb]
    others = [line for line in sheet.lines if not line.drug.is_herb]
    count = len(counted(sheet))
    if count > MOST_DRUGS:
        yield Finding(RULES["sheet.too_many"], values={"count": count})
    if herbs and others:
        yield Finding(RULES["sheet.herbs"])
    injected = [line for line in sheet.lines if line.drug.is_patent and line.drug.is_injection]
    if injected and len(injected) < len(sheet.lines):
        names = "、".join(line.drug.name for line in injected)
        yield Finding(RULES["sheet.tcm_injection"], values={"drugs": names})
    kinds = {paper_class(line.drug.control) for line in sheet.lines}
    if len(kinds) > 1:
        names = [line.drug.name for line in sheet.lines if paper_class(line.drug.control)]
        yield Finding(RULES["control.separate"], values={"drugs": "、".join(names)})


def counted(sheet: Sheet) -> list[Line]:
    """Rows that count among the five; herbal pieces don't, nor solvents where the site says so."""
    lines = [line for line in sheet.lines if not line.drug.is_herb]
    return [line for line in lines if sheet.solvents_counted or not line.drug.is_solvent]


def is_full(sheet: Sheet) -> bool:
    """No further drug of any kind goes on it."""
    return sheet.solvents_counted and len(counted(sheet)) >= MOST_DRUGS


def paper_class(control: str) -> str:
    """Which special paper a control class needs (R-10); "" for the ordinary one."""
    if control in NARCOTIC:
        return "narcotic"
    if control in PSYCHOTROPIC_2:
        return "psychotropic_2"
    return "toxic" if control in TOXIC else ""
