"""How much at once, per kilogram, and in all (R-18, R-20, R-37).

The maximum of one drug in a day is in amounts.py. Above a limit of the library the doctor gives a
reason and signs again; a child whose dose goes by weight needs the weight first.
"""

from fractions import Fraction

from prescriptions.doses import number_text
from prescriptions.herb_words import EXTERNAL
from prescriptions.rules.amounts import daily, single
from prescriptions.rules.facts import Finding, Line, Sheet
from prescriptions.rules.sources import of_library
from prescriptions.rules.table import RULES

CHILD = 14  # years; below it the weight counts


def check(sheet: Sheet):
    """Line by line, then what several lines add up to."""
    for line in sheet.lines:
        if not line.drug.is_topical and not _is_a_bath(sheet, line):
            yield from at_once(line)
            yield from by_weight(sheet, line)
    yield from together(sheet)


def _is_a_bath(sheet: Sheet, line: Line) -> bool:
    """Pieces boiled for a bath are not swallowed."""
    return line.drug.is_herb and sheet.herb_kind == EXTERNAL


def at_once(line: Line):
    """Above the maximum of a single dose (R-20)."""
    drug = line.drug
    if drug.max_single is None:
        return
    amount = single(line, drug.max_single_unit)
    if amount is not None and amount > drug.max_single:
        written = _text(amount, drug.max_single_unit)
        values = {"drug": drug.name, "dose": written}
        values["limit"] = _text(drug.max_single, drug.max_single_unit)
        yield _finding("dose.single", (line.key,), values, drug, f"{drug.id}/{written}")


def goes_by_weight(line: Line) -> bool:
    """True when the library limits the dose per kilogram."""
    return line.drug.max_single_per_kg is not None or line.drug.max_daily_per_kg is not None


def by_weight(sheet: Sheet, line: Line):
    """A child's dose against the limits per kilogram; without a weight nothing can be said."""
    if sheet.age >= CHILD or not goes_by_weight(line):
        return
    if not sheet.weight:
        yield Finding(RULES["weight.missing"], (line.key,), {"drug": line.drug.name})
        return
    drug = line.drug
    at_a_time = single(line, drug.max_single_unit) if drug.max_single_per_kg else None
    yield from _per_kg(
        "dose.single_per_kg", sheet, line, at_a_time, drug.max_single_per_kg, drug.max_single_unit
    )
    a_day = daily(line, drug.max_daily_unit) if drug.max_daily_per_kg else None
    yield from _per_kg(
        "dose.daily_per_kg", sheet, line, a_day, drug.max_daily_per_kg, drug.max_daily_unit
    )


def _per_kg(key: str, sheet: Sheet, line: Line, amount, per_kg, unit: str):
    if per_kg is not None and amount is None and line.frequency.times is not None:
        values = {"drug": line.drug.name, "limit": _text(per_kg * sheet.weight, unit)}
        yield _finding("dose.unchecked_by_weight", (line.key,), values, line.drug)
    if amount is None or amount <= per_kg * sheet.weight:
        return
    written = _text(amount, unit)
    values = {
        "drug": line.drug.name,
        "dose": written,
        "limit": _text(per_kg * sheet.weight, unit),
        "per_kg": _text(per_kg, unit),
        "weight": number_text(sheet.weight),
    }
    yield _finding(key, (line.key,), values, line.drug, f"{line.drug.id}/{written}")


def together(sheet: Sheet):
    """Several lines of one single ingredient against the lowest of their daily maxima (R-180)."""
    by_ingredient: dict[str, list[Line]] = {}
    for line in sheet.lines:
        if len(line.drug.ingredients) == 1 and not line.drug.is_topical:
            by_ingredient.setdefault(next(iter(line.drug.ingredients)), []).append(line)
    for ingredient, lines in by_ingredient.items():
        limited = [line.drug for line in lines if line.drug.max_daily is not None]
        if len(lines) > 1 and limited:
            yield from _sum(ingredient, lines, min(limited, key=lambda drug: drug.max_daily))


def _sum(ingredient: str, lines: list[Line], drug):
    unit = drug.max_daily_unit
    amounts = [daily(line, unit) for line in lines]
    if None in amounts:
        return
    total = sum(amounts, Fraction(0))
    # One line above its own maximum has been spoken of already.
    if total > drug.max_daily >= max(amounts):
        written = _text(total, unit)
        values = {"ingredient": ingredient, "daily": written}
        values["limit"] = _text(drug.max_daily, unit)
        keys = tuple(line.key for line in lines)
        yield _finding("dose.together", keys, values, drug, f"{ingredient}/{written}")


def _finding(key: str, keys, values: dict, drug, detail: str = "") -> Finding:
    """The limit is the library's, so its source is told with it (R-157)."""
    return Finding(RULES[key], keys, values, detail=detail, source=of_library(drug))


def _text(amount: Fraction, unit: str) -> str:
    return f"{number_text(amount)}{unit}"
