"""A single dose as people write it ("0.5g", "2粒", "适量") and what a drug's usual usage says."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from prescriptions.dictionary import Frequency, Route, find_frequency, find_route

# Words of the library's usual usage for coded frequencies.
ALSO = {"单次": "st", "日1剂": "qd"}
# What may stand after the number, and other ways to write it.
UNITS = {
    *("g", "mg", "μg", "ng", "L", "ml", "IU", "单位", "万单位"),
    *("片", "粒", "丸", "袋", "支", "瓶", "盒", "包", "枚", "揿", "喷", "滴"),
}
SAME_UNIT = {"ug": "μg", "mcg": "μg", "l": "L", "iu": "IU", "u": "单位", "U": "单位"}
# Stands for number and unit together; only where a number makes no sense.
AS_NEEDED = "适量"
_DOSE = re.compile(r"(\d{1,6}(?:\.\d{1,4})?)\s*([^\d\s.]{1,4})", re.ASCII)

_STRENGTH = re.compile(r"(\d+(?:\.\d+)?)ml:(\d+(?:\.\d+)?)(g|mg|μg|万单位|单位)", re.ASCII)

# Sizes inside one family; units of different families never convert.
_SIZES = {
    "g": ("mass", Fraction(1)),
    "mg": ("mass", Fraction(1, 1000)),
    "μg": ("mass", Fraction(1, 10**6)),
    "ng": ("mass", Fraction(1, 10**9)),
    "L": ("volume", Fraction(1000)),
    "ml": ("volume", Fraction(1)),
    "单位": ("unit", Fraction(1)),
    "万单位": ("unit", Fraction(10000)),
    "IU": ("IU", Fraction(1)),
}


@dataclass(frozen=True)
class Dose:
    """A number and its unit."""

    amount: Decimal
    unit: str

    @property
    def is_as_needed(self) -> bool:
        return self.unit == AS_NEEDED

    def __str__(self) -> str:
        return AS_NEEDED if self.is_as_needed else f"{number_text(self.amount)}{self.unit}"


def number_text(number) -> str:
    """0.5000 → "0.5", 2 → "2"; never an exponent."""
    if isinstance(number, Fraction):
        number = Decimal(number.numerator) / Decimal(number.denominator)
        number = number.quantize(Decimal("0.0001"))
    text = format(Decimal(number), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def unit_of(text: str) -> str | None:
    """The unit in its one spelling, None when there is no such unit."""
    text = unicodedata.normalize("NFKC", text).strip()
    for spelling in (text, SAME_UNIT.get(text), text.lower(), SAME_UNIT.get(text.lower())):
        if spelling in UNITS:
            return spelling
    return None


def parse_dose(text: str) -> Dose | None:
    """ "0.5g", "２粒", "适量" as a dose; None when number or unit is missing or unknown."""
    text = unicodedata.normalize("NFKC", text).strip()
    if text == AS_NEEDED:
        return Dose(Decimal(1), AS_NEEDED)
    match = _DOSE.fullmatch(text)
    unit = unit_of(match[2]) if match else None
    if unit is None or not Decimal(match[1]):
        return None
    return Dose(Decimal(match[1]), unit)


def convert(amount: Fraction, unit: str, to: str) -> Fraction | None:
    """The same amount in another unit, exactly; None when they can't be compared."""
    if unit == to:
        return amount
    if unit not in _SIZES or to not in _SIZES or _SIZES[unit][0] != _SIZES[to][0]:
        return None
    return amount * _SIZES[unit][1] / _SIZES[to][1]


# -- a drug's usual usage, which is written for people and not coded --


def usual_dose(text: str) -> Dose | None:
    """ "0.25~0.5g" → 0.25g, the smaller; None for "按体重…" and the like."""
    text = unicodedata.normalize("NFKC", text)
    if text.startswith((AS_NEEDED, "喷于")):
        return Dose(Decimal(1), AS_NEEDED)
    match = re.match(r"(\d+(?:\.\d+)?)(?:~\d+(?:\.\d+)?)?([^\d\s.~(]{1,4})", text)
    return parse_dose(match[1] + match[2]) if match else None


def usual_frequency(text: str) -> Frequency | None:
    """ "q6h~q8h" → q8h, the rarer of what is written first; None where nothing coded stands."""
    head = re.split(r"[,;(×]", unicodedata.normalize("NFKC", text))[0]
    parts = [ALSO.get(part, part) for part in re.split(r"[~或]", head)]
    found = [find_frequency(part) for part in parts]
    found = [frequency for frequency in found if frequency is not None]
    repeated = [frequency for frequency in found if frequency.times]
    return min(repeated, key=lambda f: f.times) if repeated else next(iter(found), None)


def usual_route(text: str) -> Route | None:
    """ "口服(餐后)" → 口服; of several the first."""
    head = re.split(r"[(/或]", unicodedata.normalize("NFKC", text))[0]
    return find_route(head) or find_route(head + "注射")


def listed_routes(text: str) -> frozenset[str]:
    """ "口服或舌下含服" → the codes of both; none at all where one of them isn't coded."""
    plain = re.sub(r"\([^)]*\)", "", unicodedata.normalize("NFKC", text))
    parts = [part for part in re.split(r"[/或、;]", plain) if part.strip()]
    found = [find_route(part) or find_route(part + "注射") for part in parts]
    return frozenset() if None in found else frozenset(route.code for route in found)


def concentration(strength: str) -> tuple[Fraction, str] | None:
    """ "100ml:2g" → 0.02 g in 1 ml; None where no such strength is written."""
    match = _STRENGTH.match(unicodedata.normalize("NFKC", strength))
    return (Fraction(match[2]) / Fraction(match[1]), unit_of(match[3])) if match else None


def usual_most(text: str) -> Dose | None:
    """ "3~15g" → 15g, the larger; None where no range is written."""
    match = re.match(
        r"\d+(?:\.\d+)?~(\d+(?:\.\d+)?[^\d\s.~(]{1,4})", unicodedata.normalize("NFKC", text)
    )
    return parse_dose(match[1]) if match else None


def usual_remark(text: str) -> str:
    """ "口服(餐后)" → 餐后: when or with what it is taken, from the brackets after the route."""
    match = re.search(r"\(([^)]{1,20})\)", unicodedata.normalize("NFKC", text))
    return match[1] if match and re.search(r"[餐饭晨晚睡腹溶冲嚼吞煎下时]", match[1]) else ""


def usual_days(text: str) -> int | None:
    """ "qd,连用3日", "bid×5日" → how many days the usual course lasts, where it says so."""
    match = re.search(r"(?:连用|×)(\d{1,2})[日天]", unicodedata.normalize("NFKC", text))
    return int(match[1]) if match else None
