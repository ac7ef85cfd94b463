"""Handing out of another batch than the first to expire: allowed with a reason (R-112)."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from pharmacy.units import packs_and_pieces


@dataclass(frozen=True)
class Choice:
    """The batches chosen for one line, as {id: base units}, and why not the first to expire."""

    batches: dict[int, int]
    reason: str = ""


def judge(drug, quantity: int, choice: Choice, usual: dict[int, int]) -> dict[int, int]:
    """The parts that are more than nothing; RuleBroken when they can't stand.

    `usual` is what would be taken without a choice: whoever chooses the same owes no reason.
    """
    wanted = {pk: part for pk, part in choice.batches.items() if part}
    if sum(wanted.values()) != quantity or min(wanted.values(), default=0) < 0:
        raise RuleBroken(
            _("%(drug)s: exactly %(want)s are to be handed out. Please correct the quantities.")
            % {"drug": drug.generic_name, "want": packs_and_pieces(drug, quantity)},
            field="quantity",
            rule="R-112",
        )
    if wanted != usual and not choice.reason.strip():
        raise RuleBroken(
            _(
                "%(drug)s: this is not the batch that expires first. Please write the reason, or "
                "take the one that the list names."
            )
            % {"drug": drug.generic_name},
            field="reason",
            rule="R-112",
        )
    return wanted


def take_chosen(shelf, drug, quantity: int, choice: Choice, usual: dict[int, int]) -> list:
    """[(batch, units)] out of `shelf`; RuleBroken when the choice can't stand."""
    wanted = judge(drug, quantity, choice, usual)
    return [_take(shelf, drug, pk, part) for pk, part in sorted(wanted.items())]


def _take(shelf: list[list], drug, pk: int, part: int) -> tuple:
    for row in shelf:
        batch, left = row
        if batch.pk == pk and batch.drug_id == drug.pk and left >= part:
            row[1] -= part
            return batch, part
    raise RuleBroken(
        _(
            "%(drug)s: the chosen batch is not in date, is frozen, or holds less than wanted. "
            "Please choose again."
        )
        % {"drug": drug.generic_name},
        field="quantity",
        rule="R-112",
    )
