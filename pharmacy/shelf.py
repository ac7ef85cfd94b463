"""Which batches go out: the earliest expiry first, or those that somebody chose (R-112)."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils import timezone

from pharmacy.choosing import Choice, take_chosen
from pharmacy.models import Batch, Drug


class Pick(NamedTuple):
    """So many base units out of this batch."""

    batch: Batch
    quantity: int


def usable(batches: Iterable[Batch]) -> list[list]:
    """[batch, units left to take] in the order of R-112, without what must stay on the shelf."""
    today = timezone.localdate()
    rows = [b for b in batches if b.on_hand and not b.frozen and b.expires_on >= today]
    rows = [batch for batch in rows if batch.place.dispenses]
    rows.sort(key=lambda batch: (batch.expires_on, batch.received_at, batch.pk))
    return [[batch, batch.on_hand] for batch in rows]


def take_of(shelf: list[list], drug_id: int, quantity: int) -> tuple[list[Pick], int]:
    """Take from `shelf` (and out of it); the picks, and how many units are lacking."""
    picks = []
    for row in shelf:
        batch, left = row
        part = min(left, quantity) if batch.drug_id == drug_id else 0
        if part:
            picks.append(Pick(batch, part))
            row[1] -= part
            quantity -= part
    return picks, quantity


def take_as_chosen(shelf: list[list], drug: Drug, quantity: int, choice: Choice) -> list[Pick]:
    """The same from the batches that somebody chose; RuleBroken when that can't stand."""
    copy = [list(row) for row in shelf]
    usual, _lacking = take_of(copy, drug.pk, quantity)
    same = {pick.batch.pk: pick.quantity for pick in usual}
    return [Pick(*taken) for taken in take_chosen(shelf, drug, quantity, choice, same)]
