"""What the library's words make the usual dose for this age and weight (R-18, R-157).

Only plain numbers are read: "20~40mg/kg/日,分3次", "6~12月1~2g". The smaller end is taken and
brought to what can be measured, and what it came from is told beside the row, to be checked.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from prescriptions.dictionary import find_frequency
from prescriptions.doses import Dose, concentration, convert, number_text, usual_dose
from prescriptions.doses import usual_frequency as coded

_NUMBER = r"(\d+(?:\.\d+)?)(?:~(\d+(?:\.\d+)?))?"
_PER_KG = re.compile(
    _NUMBER + r"(mg|g|μg|万单位|单位)/kg(/日|/次)?(?:[,，]?分(\d))?[,，]?([a-z]{2,3}\b)?"
)
_BAND = re.compile(r"(\d+)~(\d+)(月|岁)" + _NUMBER + r"(g|mg|ml|袋|片|粒)")
TIMES = {1: "qd", 2: "bid", 3: "tid", 4: "qid"}


@dataclass(frozen=True)
class Child:
    """Whom it is for; weight in kg as measured at this visit."""

    months: int
    weight: Decimal | None = None


@dataclass(frozen=True)
class Proposed:
    """A dose, how often where the words say so, and the words."""

    dose: Dose
    frequency: str  # a code, or ""
    why: str


def propose(drug, child: Child) -> Proposed | None:
    """The dose for this child; None where the words hold no plain number for it."""
    words = unicodedata.normalize("NFKC", drug.children)
    if "kg" not in words and "kg" in drug.usual_dose:
        words = unicodedata.normalize("NFKC", drug.usual_dose)
    return _by_weight(drug, words, child) or _by_age(words, child)


def _by_age(words: str, child: Child) -> Proposed | None:
    for first, last, unit, low, _high, of in _BAND.findall(words):
        size = 12 if unit == "岁" else 1
        if int(first) * size <= child.months < int(last) * size:
            return Proposed(Dose(Decimal(low), of), "", words)
    return None


def _by_weight(drug, words: str, child: Child) -> Proposed | None:
    match = _PER_KG.search(words)
    if match is None or child.weight is None:
        return None
    low, high, unit, per, parts, code = match.groups()
    often, share = _share(drug, per, parts, code)
    if share is None:
        return None
    least = Fraction(Decimal(low)) * Fraction(child.weight) * share
    most = Fraction(Decimal(high or low)) * Fraction(child.weight) * share
    adult = usual_dose(drug.usual_dose)
    limit = convert(Fraction(adult.amount), adult.unit, unit) if adult else None
    if limit is not None:  # never above what grown-ups are given
        least, most = min(least, limit), min(most, limit)
    dose = _measured(drug, least, most, unit)
    return Proposed(dose, often, f"{number_text(Fraction(child.weight))}kg：{words}")


def _share(drug, per: str, parts: str, code: str) -> tuple[str, Fraction | None]:
    """How often, and which share of the written amount is one dose."""
    frequency = find_frequency(code or "") or (TIMES.get(int(parts)) if parts else None)
    often = frequency if isinstance(frequency, str) else frequency.code if frequency else ""
    if per != "/日":
        return often, Fraction(1) if per or often or _is_single(drug) else None
    usual = find_frequency(often) if often else coded(drug.usual_frequency)
    if usual is None or not usual.times:
        return "", None
    return usual.code, 1 / usual.times


def _is_single(drug) -> bool:
    """The adults' words are per kg: they mean a single dose."""
    return "kg" in drug.usual_dose


def _measured(drug, least: Fraction, most: Fraction, unit: str) -> Dose:
    """Half tablets or whole millilitres where one lies in the range, else the amount itself."""
    strength = concentration(drug.strength)
    per_ml = convert(strength[0], strength[1], unit) if strength else None
    if per_ml:
        return Dose(_step(least / per_ml, most / per_ml, Fraction(1, 2)), "ml")
    content = convert(Fraction(drug.content), drug.content_unit, unit) if drug.content else None
    step = content / 2 if content and drug.base_unit == "片" else content
    if step and -(-least // step) * step <= most:
        return Dose(_plain(-(-least // step) * step), unit)
    return Dose(_plain(least), unit)


def _step(least: Fraction, most: Fraction, step: Fraction) -> Decimal:
    up = -(-least // step) * step
    return _plain(up if up <= most else least)


def _plain(amount: Fraction) -> Decimal:
    """Three figures, rounded down: 146.666 mg is written as 146 mg."""
    exact = Decimal(amount.numerator) / Decimal(amount.denominator)
    places = max(0, 2 - exact.adjusted())
    found = exact.quantize(Decimal(1).scaleb(-min(places, 4)), rounding=ROUND_FLOOR)
    return found.normalize() if found == found.to_integral() else found
