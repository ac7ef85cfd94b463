"""Who must not have it: age, pregnancy, lactation, sex, disease, kidney and liver (R-37, R-166).

Two sources: the library's own words (words.py), which a pharmacist edits drug by drug, and a table
by class tag and ingredient (data/contraindications.csv), which holds for imported drugs as well.
Of several statements of one kind about a drug the strictest speaks.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from django.utils.formats import date_format
from django.utils.translation import gettext

from prescriptions.doses import number_text
from prescriptions.rules import codes, words
from prescriptions.rules.facts import Condition, DrugFacts, Finding, Line, Sheet
from prescriptions.rules.sources import of_library, of_list, of_pieces
from prescriptions.rules.table import RULES
from prescriptions.rules.words import BANNED, CAUTION, UNSURE, Clause

DATA = Path(__file__).parent.parent / "data" / "contraindications.csv"
MALE, FEMALE = "1", "2"
# A visit whose record says so; what only an earlier one says is looked at with doubt.
PREGNANT = "O10-O79;O94-O99;Z32.1;Z33-Z36"
PERHAPS_PREGNANT = "Z32.0"
NO_LONGER = "O00-O08;O80-O92;Z37-Z39"
NURSING = "O91-O92;Z39.1"
PREGNANCY_DAYS, NURSING_DAYS = 280, 365
FERTILE = range(15, 50)
NAMES = {BANNED: "banned", UNSURE: "unsure", CAUTION: "caution"}


@dataclass(frozen=True)
class Row:
    """A line of the table by class tag and ingredient."""

    kind: str
    side: str
    value: str
    limit: str
    clause: Clause


@cache
def rows() -> tuple[Row, ...]:
    """The table as it is shipped."""
    with DATA.open(encoding="utf-8", newline="") as file:
        return tuple(_row(row) for row in csv.DictReader(file))


def _row(row: dict) -> Row:
    kind, limit = row["kind"], row["limit"]
    clause = Clause(
        words.VERDICTS[row["verdict"]],
        row["words"],
        conditions=(limit,) if kind == "disease" else (),
        below=int(limit) if kind == "age" else None,
        above=int(limit) if kind == "elderly" else None,
        is_shipped=True,
    )
    return Row(kind, row["side"], row["value"], limit, clause)


def check(sheet: Sheet) -> Iterator[Finding]:
    """Line by line, one finding of a kind at most."""
    for line in sheet.lines:
        for rule in (by_age, by_pregnancy, by_lactation, by_sex, by_disease, by_old_age):
            yield from rule(sheet, line)


def of(drug: DrugFacts, kind: str) -> list[Clause]:
    """What the table says about a drug; drugs for the skin take no part (R-180)."""
    if drug.is_topical:
        return []
    return _of_piece(drug, kind) + [
        row.clause
        for row in rows()
        if row.kind == kind
        and row.value in (drug.tags if row.side == "class_tag" else drug.ingredients)
    ]


def _of_piece(drug: DrugFacts, kind: str) -> list[Clause]:
    """What a herbal piece is known for; of 桃仁 and 益母草 慎用, of 三棱 and 水蛭 禁用."""
    verdict = drug.piece.pregnancy if kind == "pregnancy" and drug.is_herb else ""
    if not verdict:
        return []
    return [Clause(words.VERDICTS[verdict], f"孕妇{verdict}", is_shipped=True)]


def by_age(sheet: Sheet, line: Line) -> Iterator[Finding]:
    """Too young (R-37). A clause that also names a condition needs both."""
    clauses = words.children(line.drug.children) + tuple(of(line.drug, "age"))
    found = []
    for clause in clauses:
        young = clause.below is not None and sheet.age_months < clause.below
        if young and (not clause.conditions or _condition(sheet, clause)):
            found.append(clause)
    yield from _strictest("age", line, found)


def by_pregnancy(sheet: Sheet, line: Line) -> Iterator[Finding]:
    """Pregnant by this visit's diagnosis, or perhaps; not known is asked of fertile women."""
    written = words.pregnancy(line.drug.pregnancy)
    clauses = ([written] if written else []) + of(line.drug, "pregnancy")
    condition = pregnancy_of(sheet)
    if condition is not None:
        doubt = condition.on is not None or condition.suspected
        yield from _strictest("pregnancy", line, _with_doubt(clauses, doubt), condition)
    elif _may_be_pregnant(sheet):
        for clause in [clause for clause in clauses if clause.verdict == BANNED][:1]:
            values, source = {"drug": line.drug.name}, _source(line, clause)
            yield Finding(RULES["contra.pregnancy.ask"], (line.key,), values, source=source)


def pregnancy_of(sheet: Sheet) -> Condition | None:
    """The diagnosis that tells of a pregnancy which no later one ended."""
    if sheet.sex == MALE:
        return None
    ended = codes.found(sheet, NO_LONGER)
    found = codes.found(sheet, PREGNANT)
    if found is None:
        perhaps = codes.found(sheet, PERHAPS_PREGNANT)
        found = replace(perhaps, suspected=True) if perhaps and perhaps.on is None else None
    if found is None or _days_ago(sheet, found) > PREGNANCY_DAYS:
        return None
    is_over = ended is not None and _days_ago(sheet, ended) <= _days_ago(sheet, found)
    return found if found.on is None or not is_over else None


def _may_be_pregnant(sheet: Sheet) -> bool:
    return sheet.sex == FEMALE and sheet.age in FERTILE and codes.found(sheet, NO_LONGER) is None


def by_lactation(sheet: Sheet, line: Line) -> Iterator[Finding]:
    """Nursing, by a diagnosis of this visit or of the last year."""
    condition = nursing_of(sheet)
    if condition is not None:
        doubt = condition.on is not None or condition.suspected
        clauses = _with_doubt(of(line.drug, "lactation"), doubt)
        yield from _strictest("lactation", line, clauses, condition)


def nursing_of(sheet: Sheet) -> Condition | None:
    """The diagnosis of the last year that tells of nursing."""
    found = None if sheet.sex == MALE else codes.found(sheet, NURSING)
    return found if found is not None and _days_ago(sheet, found) <= NURSING_DAYS else None


def by_sex(sheet: Sheet, line: Line) -> Iterator[Finding]:
    """For the other sex (R-37); an unknown one refuses nothing."""
    only = words.only_sex(line.drug.caution)
    if only and sheet.sex in (MALE, FEMALE) and sheet.sex != only:
        key = "contra.sex.male" if only == MALE else "contra.sex.female"
        values, source = {"drug": line.drug.name}, of_library(line.drug)
        yield Finding(RULES[key], (line.key,), values, detail=str(line.drug.id), source=source)


def by_disease(sheet: Sheet, line: Line) -> Iterator[Finding]:
    """A disease on file, kidney and liver apart; an earlier or suspected one is judged milder."""
    drug = line.drug
    clauses = [*words.diseases(drug.elderly), *words.diseases(drug.caution), *of(drug, "disease")]
    found: dict[str, list[tuple[Clause, Condition]]] = {"organ": [], "disease": []}
    found["organ"] += _by_filtration(sheet, words.least_egfr(drug.elderly))
    for clause in clauses:
        condition = _condition(sheet, clause)
        if condition is not None:
            kind = "organ" if set(clause.conditions) & words.ORGANS else "disease"
            found[kind].append((_milder(clause, condition), condition))
    for kind, pairs in found.items():
        if pairs:
            clause, condition = min(pairs, key=lambda pair: pair[0].verdict)
            yield from _strictest(kind, line, [clause], condition)


def _by_filtration(sheet: Sheet, least: int | None) -> list[tuple[Clause, Condition]]:
    """A number bars the drug; where it isn't known, a kidney disease leaves the decision open."""
    if least is None:
        return []
    text = f"eGFR<{least}禁用"
    if sheet.egfr is not None:
        known = Condition("eGFR", f"eGFR {number_text(sheet.egfr)}")
        return [(Clause(BANNED, text), known)] if sheet.egfr < least else []
    condition = codes.found(sheet, words.KIDNEY)
    return [(Clause(UNSURE, text), condition)] if condition else []


def by_old_age(sheet: Sheet, line: Line) -> Iterator[Finding]:
    """What old people react to; never more than a note."""
    clauses = (*words.elderly(line.drug.elderly), *of(line.drug, "elderly"))
    old = [clause for clause in clauses if clause.above and sheet.age >= clause.above]
    yield from _strictest("elderly", line, old)


def _condition(sheet: Sheet, clause: Clause) -> Condition | None:
    found = [codes.found(sheet, spec) for spec in clause.conditions]
    known = [condition for condition in found if condition is not None]
    return min(known, key=lambda c: (c.on is not None, c.suspected), default=None)


def _milder(clause: Clause, condition: Condition) -> Clause:
    is_doubtful = condition.on is not None or condition.suspected
    return _with_doubt([clause], is_doubtful)[0]


def _with_doubt(clauses: list[Clause], doubt: bool) -> list[Clause]:
    """禁用 on a doubtful ground is for a person to decide."""
    return [
        replace(clause, verdict=UNSURE) if doubt and clause.verdict == BANNED else clause
        for clause in clauses
    ]


def _days_ago(sheet: Sheet, condition: Condition) -> int:
    return (sheet.today - condition.on).days if condition.on else 0


def _told(condition: Condition) -> str:
    """This visit's diagnosis by name; of an earlier one, which may be sensitive, only the day."""
    if condition.on is None:
        return condition.name or condition.code
    return gettext("an earlier visit, %(date)s") % {"date": date_format(condition.on, "Y-m-d")}


def _strictest(
    kind: str, line: Line, clauses, condition: Condition | None = None
) -> Iterator[Finding]:
    clause = min(clauses, key=lambda one: one.verdict, default=None)
    if clause is None or (clause.verdict == CAUTION and line.drug.is_topical):
        return
    values = {
        "drug": line.drug.name,
        "words": clause.text,
        "condition": _told(condition) if condition else "",
    }
    detail = f"{line.drug.id}/{clause.verdict}/{condition.code if condition else ''}"
    key = f"contra.{kind}.{NAMES[clause.verdict]}"
    yield Finding(RULES[key], (line.key,), values, detail=detail, source=_source(line, clause))


def _source(line: Line, clause: Clause) -> str:
    """The drug's own row is checked drug by drug, the shipped tables are not (R-157)."""
    if not clause.is_shipped:
        return of_library(line.drug)
    return of_pieces() if line.drug.is_herb and line.drug.piece.pregnancy else of_list()
