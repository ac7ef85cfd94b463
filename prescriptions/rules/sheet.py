"""The sheet as a whole: visit, diagnosis, number of drugs, what may stand together."""

from prescriptions.rules.facts import NARCOTIC, PSYCHOTROPIC_2, TOXIC, Finding, Sheet
from prescriptions.rules.table import RULES

MOST_DRUGS = 5


def check(sheet: Sheet):
    """R-5, R-8, R-13, R-14, R-15, R-10."""
    if not sheet.prescriber.is_own_visit:
        yield Finding(RULES["visit.not_yours"])
    elif sheet.is_draft and not sheet.prescriber.is_visit_open:
        yield Finding(RULES["visit.finished"])
    if not sheet.diagnoses:
        yield Finding(RULES["diagnosis.missing"])
    if not sheet.lines:
        yield Finding(RULES["sheet.empty"])
    yield from _together(sheet)


def _together(sheet: Sheet):
    herbs = [line for line in sheet.lines if line.drug.is_herb]
    others = [line for line in sheet.lines if not line.drug.is_herb]
    if len(others) > MOST_DRUGS:
        yield Finding(RULES["sheet.too_many"], values={"count": len(others)})
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


def paper_class(control: str) -> str:
    """Which special paper a control class needs (R-10); "" for the ordinary one."""
    if control in NARCOTIC:
        return "narcotic"
    if control in PSYCHOTROPIC_2:
        return "psychotropic_2"
    return "toxic" if control in TOXIC else ""
