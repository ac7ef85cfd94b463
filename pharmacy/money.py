"""Money is Decimal; only the total of a line is rounded (R-115)."""

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def price_of(drug, quantity: int) -> Decimal:
    """What `quantity` base units of the drug cost: pack price over units per pack, then rounded."""
    return line_total(drug.price, quantity, drug.units_per_pack)


def line_total(pack_price: Decimal, quantity: int, units_per_pack: int) -> Decimal:
    """Multiplied before it is divided, so that no third of a cent is lost on the way."""
    return (pack_price * quantity / units_per_pack).quantize(CENT, ROUND_HALF_UP)
