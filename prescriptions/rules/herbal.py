"""Herbal pieces: doses, grams, notes, toxic ones, TCM syndrome (R-19, R-20, R-21, R-28, R-37).

What is usual of a piece is from memory and to be checked by a pharmacist (R-157). A piece that is
not listed says nothing, and silence is no evidence of safety.
"""

import re

from prescriptions.doses import number_text
from prescriptions.herb_words import DECOCTED, EXTERNAL
from prescriptions.rules import words
from prescriptions.rules.amounts import single
from prescriptions.rules.facts import Finding, Line, Sheet
from prescriptions.rules.sources import of_library, of_pieces
from prescriptions.rules.table import RULES

GRAM = "g"
TOXIC_DAYS = 2
# 风寒束表证, 证型：气虚, 辨证属痰湿内阻; neither 身份证 nor 保证 nor 并发症.
_SYNDROME = re.compile(
    r"证型|证候|辨证|中医诊断"
    r"|[\u4e00-\u9fff]*[寒热虚实湿燥火暑风痰瘀滞毒郁亏阻盛亢弱衰结逆表里]+[\u4e00-\u9fff]{0,3}证"
)


def names_syndrome(text: str) -> bool:
    """True where the words name a TCM syndrome; nobody judges here whether it is right."""
    return bool(_SYNDROME.search(text))


def check(sheet: Sheet):
    """The sheet, then piece by piece."""
    if sheet.is_herbal:
        if sheet.herb_doses is None:
            yield Finding(RULES["herb.doses"])
        if sheet.diagnoses and not sheet.has_syndrome:
            yield Finding(RULES["diagnosis.syndrome"])
    for line in sheet.lines:
        if line.drug.is_herb:
            yield from in_grams(line)
            yield from boiled(sheet, line)
            yield from at_most(sheet, line)
            yield from toxic(line)


def in_grams(line: Line):
    """Pieces are weighed (R-19)."""
    if line.dose.unit != GRAM:
        yield Finding(RULES["herb.unit"], (line.key,), {"drug": line.drug.name})


def note_expected(drug) -> str:
    """How a piece is boiled: by the library's own words, else by what is usual of it."""
    return words.footnote(drug.caution) or drug.piece.note


def boiled(sheet: Sheet, line: Line):
    """The note that belongs beside it (R-21); granules and powders are not boiled."""
    note = note_expected(line.drug)
    written = f"{line.herb_note} {line.remark}"
    if not note or note in written or sheet.herb_kind not in ("", DECOCTED):
        return
    key = "herb.note_must" if line.drug.piece.must else "herb.note"
    detail = f"{line.drug.id}/{line.herb_note}"
    values = {"drug": line.drug.name, "note": note}
    is_library = bool(words.footnote(line.drug.caution))
    source = of_library(line.drug) if is_library else of_pieces()
    yield Finding(RULES[key], (line.key,), values, detail=detail, source=source)


def at_most(sheet: Sheet, line: Line):
    """Above what is usual of a strong piece, where the library names no maximum (R-20)."""
    drug, most = line.drug, line.drug.piece.most
    if most is None or drug.max_single is not None or sheet.herb_kind == EXTERNAL:
        return
    amount = single(line, GRAM)
    if amount is not None and amount > most:
        written = f"{number_text(amount)}{GRAM}"
        values = {"drug": drug.name, "dose": written, "limit": f"{number_text(most)}{GRAM}"}
        detail = f"{drug.id}/{written}"
        yield Finding(RULES["dose.piece"], (line.key,), values, detail=detail, source=of_pieces())


def toxic(line: Line):
    """Toxic pieces of the list, raw: two days at most (R-28)."""
    if line.drug.piece.toxic and not line.drug.control and line.days > TOXIC_DAYS:
        values = {"drug": line.drug.name, "days": line.days, "limit": TOXIC_DAYS}
        yield Finding(RULES["days.toxic_piece"], (line.key,), values, detail=str(line.drug.id))
