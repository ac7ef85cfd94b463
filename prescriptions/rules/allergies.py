"""Is the patient allergic to it? (R-43, R-44, R-166, R-171, R-176)"""

import unicodedata

from django.utils.formats import date_format

from prescriptions.rules.facts import AllergyFact, DrugFacts, Finding, Line, Sheet
from prescriptions.rules.sources import of_group
from prescriptions.rules.table import RULES

UNKNOWN = "UNKNOWN"


def check(sheet: Sheet):
    """Status, then every line against every entry."""
    if sheet.allergy_status == "not_asked":
        yield Finding(RULES["allergy.not_asked"])
        return
    yield from _old(sheet)
    for line in sheet.lines:
        for allergy in sheet.allergies:
            finding = _match(sheet, line, allergy)
            if finding is not None:
                yield finding


def _old(sheet: Sheet):
    if sheet.allergy_from_papers:
        yield Finding(RULES["allergy.papers"])
    if sheet.allergy_confirmed_on is None:
        return
    days = (sheet.today - sheet.allergy_confirmed_on).days
    if days > sheet.confirm_after_days:
        yield Finding(RULES["allergy.old"], values={"days": days})


def _match(sheet: Sheet, line: Line, allergy: AllergyFact) -> Finding | None:
    drug = line.drug
    if allergy.group == UNKNOWN:
        likely = drug.is_antibiotic or "NSAID" in drug.tags
        return _finding(
            sheet, "allergy.unknown" if likely else "allergy.unknown_note", line, allergy
        )
    if belongs(sheet, drug, allergy.group) or _named(drug, allergy.substance):
        return _finding(
            sheet, "allergy.severe" if allergy.severe else "allergy.recorded", line, allergy
        )
    if _crosses(sheet, drug, allergy.group):
        return _finding(
            sheet, "allergy.cross_severe" if allergy.severe else "allergy.cross", line, allergy
        )
    return None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def belongs(sheet: Sheet, drug: DrugFacts, code: str) -> bool:
    """By the drug's own row or by the group's list of members (R-176)."""
    if not code:
        return False
    if code in drug.groups:
        return True
    group = sheet.groups.get(code)
    names = {_plain(name) for name in drug.ingredients} | {_plain(drug.name)}
    return group is not None and any(
        member in name for member in map(_plain, group.members) for name in names
    )


def _named(drug: DrugFacts, substance: str) -> bool:
    """The recorded words name this drug or one of its ingredients."""
    words = _plain(substance)
    if len(words) < 2:
        return False
    return words in _plain(drug.name) or any(
        _plain(name) in words or words in _plain(name) for name in drug.ingredients if len(name) > 1
    )


def _crosses(sheet: Sheet, drug: DrugFacts, code: str) -> bool:
    group = sheet.groups.get(code)
    return group is not None and any(belongs(sheet, drug, other) for other in group.crosses)


def _finding(sheet: Sheet, key: str, line: Line, allergy: AllergyFact) -> Finding:
    group = sheet.groups.get(allergy.group)
    substance = allergy.substance or (group.name if group else "")
    on = allergy.recorded_on
    return Finding(
        RULES[key],
        (line.key,),
        {
            "drug": line.drug.name,
            "group": group.name if group else substance,
            "substance": substance,
            "date": date_format(on, "Y-m-d") if on else "",
            "reaction": allergy.reaction,
            "who": allergy.recorded_by,
        },
        detail=f"{line.drug.id}/{allergy.group}/{substance}",
        source=of_group(group.name, checked=group.checked) if group else "",
    )
