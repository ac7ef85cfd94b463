"""How much to hand out: dose ÷ content × times a day × days, with exact fractions (R-116, R-168).

The total is rounded up, not each dose; a single-use ampoule is used up with each dose. Where there
is no fixed number (as needed, no content per unit, a bottle or tube) the doctor is asked, and gets
a proposal.
"""

import math
import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from prescriptions.dictionary import Frequency
from prescriptions.doses import Dose, convert, number_text, unit_of

MOST = 99_999  # base units; anything above is a slip of the finger
SPRAYS = {"气雾剂"}
AMPOULES = {"注射剂", "吸入制剂"}


class Ask(TextChoices):
    """Why the number must be asked."""

    AS_NEEDED = "as_needed", _("the frequency has no fixed number of doses")
    CONTAINER = "container", _("it is given out by the bottle, tube or inhaler")
    NO_CONTENT = "no_content", _("the library has no content per unit for this drug")
    UNIT = "unit", _("the dose can't be converted to what is handed out")


@dataclass(frozen=True)
class Pack:
    """What the count needs to know of a drug."""

    content: Fraction | None
    content_unit: str
    base_unit: str
    pack_unit: str
    units_per_pack: int
    divisible: bool
    dosage_form: str

    @classmethod
    def of(cls, drug) -> "Pack":
        """From a row of the drug library."""
        return cls(
            content=Fraction(drug.content) if drug.content else None,
            content_unit=drug.content_unit,
            base_unit=drug.base_unit,
            pack_unit=drug.pack_unit,
            units_per_pack=drug.units_per_pack,
            divisible=drug.divisible,
            dosage_form=drug.dosage_form,
        )

    @property
    def is_container(self) -> bool:
        """A bottle, tube or inhaler, of which nobody counts out doses."""
        return not self.divisible and (self.units_per_pack == 1 or self.dosage_form in SPRAYS)

    @property
    def is_ampoule(self) -> bool:
        """Opened once, the rest is thrown away."""
        return self.dosage_form in AMPOULES and not self.is_container


@dataclass(frozen=True)
class Quantity:
    """The answer: `units` to hand out, or why it must be asked and what to propose."""

    units: int | None
    ask: Ask | None = None
    proposal: int = 0  # base units
    each: Fraction | None = None  # base units per dose, where it is known
    doses: int | None = None


def units_per_dose(pack: Pack, dose: Dose) -> Fraction | None:
    """A dose in base units (tablets, vials), exactly; None when it can't be converted."""
    amount = Fraction(dose.amount)
    if dose.unit == pack.base_unit:
        return amount
    if pack.content is None or dose.is_as_needed:
        return None
    content = convert(amount, dose.unit, pack.content_unit)
    return None if content is None else content / pack.content


def doses_in(frequency: Frequency, days: int) -> int | None:
    """Whole doses in so many days: qod in 7 days is 4; None when there is no fixed number."""
    if frequency.is_once:
        return 1
    return None if frequency.times is None else math.ceil(frequency.times * days)


def compute(pack: Pack, dose: Dose, frequency: Frequency, days: int) -> Quantity:
    """Base units for the whole course, or what to ask."""
    each = units_per_dose(pack, dose)
    doses = doses_in(frequency, days)
    ask = _reason_to_ask(pack, each, doses)
    if each is None or doses is None:
        # A bottle for infusion hangs once; of other containers one lasts, as far as is known.
        packs = doses if doses and pack.is_container and pack.dosage_form in AMPOULES else 1
        return Quantity(None, ask, packs * pack.units_per_pack, each, doses)
    total = math.ceil(each) * doses if pack.is_ampoule else math.ceil(each * doses)
    total = whole_packs(pack, total)
    if ask is not None:
        return Quantity(None, ask, total, each, doses)
    return Quantity(total, None, total, each, doses)


def _reason_to_ask(pack: Pack, each, doses) -> Ask | None:
    if doses is None:
        return Ask.AS_NEEDED
    if pack.is_container:
        return Ask.CONTAINER
    if each is None:
        return Ask.NO_CONTENT if pack.content is None else Ask.UNIT
    return None


def whole_packs(pack: Pack, units: int) -> int:
    """Rounded up to packs where a pack may not be opened (R-115)."""
    if pack.divisible:
        return units
    return math.ceil(Fraction(units, pack.units_per_pack)) * pack.units_per_pack


_PART = re.compile(r"(\d{1,6})([^\d+\s]{0,4})", re.ASCII)


def parse_quantity(pack: Pack, text: str) -> int | None:
    """ "15", "15片", "1盒+6片" as base units; None when it can't be read.

    A number alone means base units, or packs where a pack may not be opened.
    """
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    matches = [_PART.fullmatch(part) for part in text.split("+")]
    if not all(matches):
        return None
    total = 0
    for match in matches:
        size = _size_of(pack, match[2])
        if size is None:
            return None
        total += int(match[1]) * size
    return total


def _size_of(pack: Pack, unit: str) -> int | None:
    if not unit:
        return 1 if pack.divisible else pack.units_per_pack
    unit = unit_of(unit) or unit
    if unit == pack.base_unit:
        return 1
    return pack.units_per_pack if unit == pack.pack_unit else None


def formula(pack: Pack, dose: Dose, frequency: Frequency, days: int) -> str:
    """How the number came about, for the eye: "2粒×3×5", or nothing."""
    each = units_per_dose(pack, dose)
    if each is None or frequency.times is None:
        return ""
    if frequency.times.denominator != 1:
        return f"{number_text(each)}{pack.base_unit}×{doses_in(frequency, days)}"
    return f"{number_text(each)}{pack.base_unit}×{frequency.times}×{days}"
