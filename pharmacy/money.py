"""Money is Decimal; only the total of a line is rounded (R-115)."""

from decimal import ROUND_HALF_UP, Decimal

from django.db.models import BigIntegerField, F
from django.db.models.functions import Cast, Round

CENT = Decimal("0.01")
PARTS = 10_000  # of a yuan: the digits of a cost


def price_of(drug, quantity: int) -> Decimal:
    """What `quantity` base units of the drug cost: pack price over units per pack, then rounded."""
    return line_total(drug.price, quantity, drug.units_per_pack)


def line_total(pack_price: Decimal, quantity: int, units_per_pack: int) -> Decimal:
    """Multiplied before it is divided, so that no third of a cent is lost on the way."""
    return (pack_price * quantity / units_per_pack).quantize(CENT, ROUND_HALF_UP)


def in_parts(field: str) -> Cast:
    """A column of money as a whole number, for sums in the database: SQLite would add floats."""
    return Cast(Round(F(field) * PARTS), BigIntegerField())


def parts_of(amount: Decimal) -> int:
    """The same of one amount."""
    return int(round(amount * PARTS))


def yuan(parts: int) -> Decimal:
    return Decimal(parts) / PARTS
