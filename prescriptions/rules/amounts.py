"""Days, daily dose, quantity and stock (R-20, R-23, R-113, R-116, R-169)."""

from fractions import Fraction

from prescriptions.doses import convert, number_text
from prescriptions.quantity import units_per_dose
from prescriptions.rules.facts import Finding, Line, Sheet
from prescriptions.rules.sources import of_library
from prescriptions.rules.table import RULES

EMERGENCY_DAYS = 3
MOST_DAYS = 84  # 12 weeks


def usual_days(sheet: Sheet) -> int:
    """The longest supply that needs no reason: 7 days, 3 in an emergency (R-23)."""
    return min(EMERGENCY_DAYS, sheet.max_days) if sheet.is_emergency else sheet.max_days


def check(sheet: Sheet):
    """Line by line; a long supply is asked about once for the sheet."""
    limit = usual_days(sheet)
    long = [line for line in sheet.lines if line.days > limit]
    if long:
        yield Finding(
            RULES["days.long"],
            tuple(line.key for line in long),
            {"limit": limit},
            detail=str(max(line.days for line in long)),
            is_whole=True,
        )
    for line in sheet.lines:
        if line.days > MOST_DAYS:
            values = {"drug": line.drug.name, "days": line.days, "limit": MOST_DAYS}
            yield Finding(RULES["days.too_long"], (line.key,), values)
        yield from _maximum(line)
        yield from _quantity(line)


def daily(line: Line, unit: str) -> Fraction | None:
    """The largest amount taken in one day, in `unit`; None when it can't be told.

    A dose that is taken less than once a day counts as one dose.
    """
    if line.frequency.times is None and not line.frequency.is_once:
        return None
    times = max(line.frequency.times or 1, 1)
    amount = single(line, unit)
    return None if amount is None else amount * times


def single(line: Line, unit: str) -> Fraction | None:
    """The amount taken at once, in `unit`; None when it can't be told."""
    if line.dose.is_as_needed:
        return None
    if line.dose.unit == unit:
        return Fraction(line.dose.amount)
    each = units_per_dose(line.drug.pack, line.dose)
    if unit == line.drug.pack.base_unit and each is not None:
        return each
    return _in_unit(line, each, unit)


def _in_unit(line: Line, each: Fraction | None, unit: str) -> Fraction | None:
    direct = convert(Fraction(line.dose.amount), line.dose.unit, unit)
    if direct is not None:
        return direct
    of_liquid = _dissolved(line, unit)
    if of_liquid is not None:
        return of_liquid
    pack = line.drug.pack
    if each is None or pack.content is None:
        return None
    return convert(each * pack.content, pack.content_unit, unit)


def _dissolved(line: Line, unit: str) -> Fraction | None:
    """What is in so many millilitres of a liquid whose strength is known."""
    volume = convert(Fraction(line.dose.amount), line.dose.unit, "ml")
    if volume is None or line.drug.per_ml is None:
        return None
    content, content_unit = line.drug.per_ml
    return convert(volume * content, content_unit, unit)


def _maximum(line: Line):
    drug = line.drug
    if drug.max_daily is None or drug.is_topical:
        return
    limit = f"{number_text(drug.max_daily)}{drug.max_daily_unit}"
    amount = daily(line, drug.max_daily_unit)
    if amount is None:
        if line.frequency.times is not None:
            values = {"drug": drug.name, "limit": limit}
            source = of_library(drug)
            yield Finding(RULES["dose.unchecked"], (line.key,), values, source=source)
    elif amount > drug.max_daily:
        text = f"{number_text(amount)}{drug.max_daily_unit}"
        yield Finding(
            RULES["dose.maximum"],
            (line.key,),
            {"drug": drug.name, "daily": text, "limit": limit},
            detail=f"{drug.id}/{text}",
            source=of_library(drug),
        )


def _quantity(line: Line):
    unit, drug = line.drug.pack.base_unit, line.drug
    if not line.outside and line.available < line.quantity:
        values = {
            "drug": drug.name,
            "available": f"{line.available}{unit}",
            "quantity": f"{line.quantity}{unit}",
        }
        yield Finding(RULES["stock.short"], (line.key,), values)
    if line.computed is not None and line.computed != line.quantity:
        values = {
            "drug": drug.name,
            "computed": f"{line.computed}{unit}",
            "written": f"{line.quantity}{unit}",
        }
        yield Finding(RULES["quantity.edited"], (line.key,), values)
