"""How much of a drug a row of a supplier's list brings, and what a pack of it costs (R-115).

Suppliers count in packs, in pieces, or in both ("3盒+6粒"), and the unit stands in a column or
behind the number. A unit that the library doesn't know stays in the box, which takes digits only:
so nobody takes 120 tablets for 120 boxes.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from clinic.core.text import half_width
from pharmacy.lists.columns import LONGEST, plain_number
from pharmacy.models import Drug

_ONE = r"([0-9]{1,9})(?:\.0+)?([^\W\d_]{0,4})"
_COUNTED = re.compile(rf"{_ONE}(?:\+?{_ONE})?")
PLAINLY_PACKS = ("", "盒")
CENTS = Decimal("0.05")
HALF_A_CENT = Decimal("0.005")  # by which a price with two decimals may be off


@dataclass
class Amounts:
    """What goes into the boxes, and what a person should look at."""

    packs: str = ""
    pieces: str = ""
    cost: str = ""
    doubts: list[str] = field(default_factory=list)


def amounts_of(row: dict, drug: Drug | None) -> Amounts:
    """Packs, pieces and cost of one row; `drug` is None where nobody knows which it is."""
    made = Amounts(packs=row.get("packs", ""), cost=row.get("cost", ""))
    counted = _counted(made.packs)
    if counted is None:
        return made
    (number, word), rest = counted
    unit = word or row.get("unit", "").strip()
    if rest is not None:
        _both(made, drug, (number, unit), rest)
    elif unit == "" or (drug.pack_unit == unit if drug else unit in PLAINLY_PACKS):
        made.packs, made.pieces = str(number), _digits(row.get("pieces", ""))
    elif drug and unit == drug.base_unit:
        _from_pieces(made, drug, number)
    else:
        made.packs = f"{number}{unit}"[:LONGEST]
        if drug:
            made.doubts.append(_other_unit(unit, drug))
    _compare(made, row, number if rest is None else None)
    return made


def _counted(text: str):
    """((50, "盒"), None) of 50盒, ((3, "盒"), (6, "粒")) of 3盒+6粒; None where it is no number."""
    plain = half_width(text).replace(",", "").replace(" ", "")
    found = _COUNTED.fullmatch(plain)
    if not found:
        return None
    first, unit, second, rest_unit = found.groups()
    rest = (int(second), rest_unit) if second else None
    return (int(first), unit), rest


def _digits(text: str) -> str:
    counted = _counted(text)
    return str(counted[0][0]) if counted and counted[1] is None else text


def _both(made: Amounts, drug: Drug | None, packs: tuple, pieces: tuple) -> None:
    """3盒+6粒 of a drug that is counted so; else it stays as it is."""
    if drug and (packs[1], pieces[1]) == (drug.pack_unit, drug.base_unit):
        made.packs, made.pieces = str(packs[0]), str(pieces[0])


def _from_pieces(made: Amounts, drug: Drug, number: int) -> None:
    packs, pieces = divmod(number, drug.units_per_pack)
    made.packs, made.pieces = str(packs), str(pieces or "")
    each = _decimal(made.cost)
    if each is not None:
        made.cost = plain_number(each * drug.units_per_pack)
    made.doubts.append(
        _("The list counts in %(piece)s: here it is packs, with the cost of a pack.")
        % {"piece": drug.base_unit}
    )


def _other_unit(unit: str, drug: Drug) -> str:
    return _("The list counts in %(theirs)s, the library in %(ours)s of %(units)s %(piece)s.") % {
        "theirs": unit,
        "ours": drug.pack_unit,
        "units": drug.units_per_pack,
        "piece": drug.base_unit,
    }


def _compare(made: Amounts, row: dict, number: int | None) -> None:
    """Quantity times cost is the amount, where the list has all three."""
    each, amount = _decimal(row.get("cost", "")), _decimal(row.get("amount", ""))
    if number is None or each is None or amount is None:
        return
    if abs(number * each - amount) > max(CENTS, number * HALF_A_CENT):
        made.doubts.append(
            _("%(number)s × %(cost)s is not %(amount)s, as the list says.")
            % {"number": number, "cost": row["cost"], "amount": row["amount"]}
        )


def _decimal(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
