"""When two descriptions mean the same drug: one rule for the form and for lists (R-122).

The generic name is compared by whoever looks for candidates; here is what tells two drugs of one
name apart. What one side does not tell can't make the difference.
"""

from typing import NamedTuple

from pharmacy.importing.packs import tidy
from pharmacy.models import Drug


class Traits(NamedTuple):
    """What a description says of a drug beside its name."""

    strength: str
    base_unit: str
    pack_unit: str
    units_per_pack: int
    maker: str = ""
    dosage_form: str = ""
    tells_pack: bool = True


def is_same(ours: Drug | Traits, theirs: Drug | Traits) -> bool:
    """True when strength and pack are the same, and maker and form don't differ."""
    for name in ("maker", "dosage_form"):
        one, other = plain(getattr(ours, name)), plain(getattr(theirs, name))
        if one and other and one != other:
            return False
    if not _strengths(ours) & _strengths(theirs):
        return False
    return not (_tells_pack(ours) and _tells_pack(theirs)) or _pack(ours) == _pack(theirs)


def plain(text: str) -> str:
    """For comparing: without width, case, spaces and the many signs for times."""
    return tidy(text).lower()


def _strengths(told: Drug | Traits) -> set[str]:
    """Our own library writes 0.25g/粒 where lists write 0.25g."""
    strength = plain(told.strength)
    return {strength, strength.removesuffix(f"/{plain(told.base_unit)}")}


def _tells_pack(told: Drug | Traits) -> bool:
    return isinstance(told, Drug) or told.tells_pack


def _pack(told: Drug | Traits) -> tuple:
    return told.units_per_pack, plain(told.base_unit), plain(told.pack_unit)
