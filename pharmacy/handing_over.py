"""Handing the controlled drugs to the next shift: counted, compared with the book, signed by two.

The count changes nothing: a difference is counted again, reported, and booked by a stock count.
"""

from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.transactions import atomic_retry
from pharmacy.controlled import BOOKED, classes_of
from pharmacy.ledger import lock_batches
from pharmacy.models import (
    Batch,
    ControlClass,
    ControlledHandover,
    HandoverLine,
    Place,
)
from pharmacy.units import packs_and_pieces, require_countable


class Counted(NamedTuple):
    """What somebody counted of a batch, and why it is not what the book says."""

    quantity: int
    reason: str = ""


class Differs(RuleBroken):
    """Some counts are not what the book says and have no reason; `lines` says it by batch."""

    def __init__(self, lines: dict[int, str]):
        super().__init__(
            _(
                "Not handed over: what is marked differs from the book. Please count it again. "
                "If it still differs, write the reason and report it to the person in charge."
            ),
            rule="R-120",
        )
        self.lines = lines


def to_count(place: Place) -> list[Batch]:
    """Everything under control that lies in this place, in the order of the shelf's names."""
    rows = Batch.objects.filter(Batch.THERE, place=place, drug_id__in=_drug_ids())
    return list(rows.select_related("drug").order_by("drug__generic_name", "expires_on", "pk"))


def _drug_ids() -> list[int]:
    ever = ControlClass.objects.filter(name__in=BOOKED).values_list("drug_id", flat=True)
    return list(classes_of(set(ever), timezone.localdate()))


@atomic_retry
def hand_over(
    *, place: Place, counts: dict[int, Counted], to_person, note: str = "", by
) -> ControlledHandover:
    """Note what was counted; `to_person` has just confirmed with name and password (R-120)."""
    if to_person.pk == by.pk:
        raise RuleBroken(
            _("Please hand over to somebody else, who confirms with name and password."),
            field="witness_name",
            rule="R-120",
        )
    held = lock_batches(place=place, drug_id__in=_drug_ids())
    there = {pk for pk, batch in held.items() if batch.on_hand}
    if there - set(counts) or set(counts) - set(held):
        raise AlreadyDone(
            _("Not handed over: something came in while you counted. Please count the new list.")
        )
    _require_explained(held, counts)
    handover = ControlledHandover.objects.create(
        place=place, from_person=by, to_person=to_person, note=note.strip()
    )
    for pk, count in counts.items():
        HandoverLine.objects.create(
            handover=handover,
            batch=held[pk],
            book=held[pk].on_hand,
            counted=count.quantity,
            reason=count.reason.strip() if count.quantity != held[pk].on_hand else "",
        )
    return handover


def _require_explained(held: dict[int, Batch], counts: dict[int, Counted]) -> None:
    open_lines = {}
    for pk, count in counts.items():
        require_countable(count.quantity)
        batch = held[pk]
        if count.quantity != batch.on_hand and not count.reason.strip():
            open_lines[pk] = _("The book says %(book)s. Count again, or write the reason.") % {
                "book": packs_and_pieces(batch.drug, batch.on_hand)
            }
    if open_lines:
        raise Differs(open_lines)
