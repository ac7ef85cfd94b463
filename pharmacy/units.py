"""Base units and packs (R-115): stock counts base units, people speak of packs and pieces."""

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken

# Of one drug, in base units. Far above any clinic's shelf, far below what a column can hold.
MOST = 99_999_999
LARGEST_PACK = 100_000  # base units in a pack


def packs_and_pieces(drug, quantity: int) -> str:
    """`quantity` base units in words: "3盒+5粒", "3盒", "5粒", "0盒"; "-" before what goes out."""
    sign = "-" if quantity < 0 else ""
    packs, pieces = divmod(abs(quantity), drug.units_per_pack)
    words = []
    if packs or not pieces:
        words.append(f"{packs}{drug.pack_unit}")
    if pieces:
        words.append(f"{pieces}{drug.base_unit}")
    return sign + "+".join(words)


def base_units(drug, packs: int = 0, pieces: int = 0) -> int:
    """Packs and pieces as base units."""
    return packs * drug.units_per_pack + pieces


def whole_packs(drug, quantity: int) -> int:
    """`quantity` rounded up to whole packs, in base units."""
    return -(-quantity // drug.units_per_pack) * drug.units_per_pack


def require_sellable(drug, quantity: int) -> None:
    """RuleBroken unless it is a number of base units, of whole packs where packs stay whole."""
    if not 1 <= quantity <= MOST:
        raise RuleBroken(
            _("The quantity of %(drug)s must be at least 1. Please correct it.") % {"drug": drug},
            field="quantity",
            rule="R-115",
        )
    if not drug.divisible and quantity % drug.units_per_pack:
        raise RuleBroken(
            _("%(drug)s comes in whole packs only. Please write %(packs)s.")
            % {"drug": drug, "packs": packs_and_pieces(drug, whole_packs(drug, quantity))},
            field="quantity",
            rule="R-115",
        )


def require_countable(quantity: int) -> None:
    """RuleBroken unless a shelf can hold this many base units."""
    if not 0 <= quantity <= MOST:
        raise RuleBroken(
            _("The quantity must lie between 0 and %(most)s. Please correct it.") % {"most": MOST},
            field="quantity",
            rule="R-107",
        )
