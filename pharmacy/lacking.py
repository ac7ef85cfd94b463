"""There is not enough: how it is said."""

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from pharmacy.units import packs_and_pieces


class Short(RuleBroken):
    """There is not enough; `missing` maps the reference to how many base units are lacking."""

    def __init__(self, message, *, missing: dict[str, int]):
        super().__init__(message, field="quantity", rule="R-113")
        self.missing = missing


def cannot_promise(want, free: int) -> str:
    """More is wanted than can be promised."""
    return _(
        "Only %(have)s of %(drug)s can be given, %(want)s are wanted. Please change the quantity, "
        "choose another drug, or mark it as bought outside."
    ) % {
        "have": packs_and_pieces(want.drug, free),
        "drug": want.drug.generic_name,
        "want": packs_and_pieces(want.drug, want.quantity),
    }


def cannot_issue(drug, quantity: int, lacking: int) -> str:
    """What was promised is no longer there."""
    return _(
        "%(drug)s: %(want)s were reserved, but %(short)s of them are no longer in date or on the "
        "shelf. Please tell the doctor to change the quantity; don't replace the drug yourself."
    ) % {
        "drug": drug.generic_name,
        "want": packs_and_pieces(drug, quantity),
        "short": packs_and_pieces(drug, lacking),
    }


def cannot_exceed(drug, left: int) -> RuleBroken:
    """More is to go out than is still promised."""
    return RuleBroken(
        _("%(drug)s: only %(left)s are still to be handed out. Please correct the quantity.")
        % {"drug": drug.generic_name, "left": packs_and_pieces(drug, left)},
        field="quantity",
        rule="R-113",
    )
