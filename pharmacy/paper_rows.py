"""A document's lines as a page or a sheet of paper shows them, whatever state it is in."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pharmacy.models import Drug, StockDocument, StockMovement
from pharmacy.money import line_total
from pharmacy.papers import PAPERS

State = StockDocument.State


@dataclass(frozen=True)
class Shown:
    """One line: a movement of a posted document, or what a draft asks for."""

    drug: Drug
    lot: str
    expires_on: date
    made_on: date | None
    quantity: int  # base units; negative leaves the shelf
    cost: Decimal
    shelf: str
    reason: str
    batch_id: int | None
    place: object = None
    intact: bool = True

    @property
    def amount(self) -> Decimal:
        """At cost, with the quantity's sign."""
        total = line_total(self.cost, abs(self.quantity), self.drug.units_per_pack)
        return -total if self.quantity < 0 else total


def query(document: StockDocument):
    """The rows behind `shown`, in their order, to be paged."""
    if document.state == State.POSTED:
        rows = document.movements.select_related("batch__drug", "place").order_by("pk")
        # What a transfer took from one place it brought to the other: once is enough.
        is_move = document.kind == StockDocument.Kind.MOVE
        return rows.filter(kind=StockMovement.Kind.MOVE_OUT) if is_move else rows
    if document.reverses:
        return document.reverses.movements.select_related("batch__drug", "place").order_by("-pk")
    return document.lines.select_related("drug", "batch").order_by("number")


def shown(document: StockDocument, rows) -> list[Shown]:
    """The lines of one page of `query`."""
    if document.state == State.POSTED:
        return [_of_movement(row) for row in rows]
    if document.reverses:
        return [_of_movement(row, -1) for row in rows]
    paper = PAPERS.get(document.kind)
    return [of_line(row, -1 if paper and paper.takes else 1) for row in rows]


def _of_movement(row, sign: int = 1) -> Shown:
    batch = row.batch
    return Shown(
        drug=batch.drug,
        lot=batch.lot,
        expires_on=batch.expires_on,
        made_on=batch.made_on,
        quantity=sign * row.quantity,
        cost=batch.cost,
        shelf=batch.shelf,
        reason=row.reason,
        batch_id=batch.pk,
        place=row.place,
    )


def of_line(row, sign: int) -> Shown:
    return Shown(
        drug=row.drug,
        lot=row.lot,
        expires_on=row.expires_on,
        made_on=row.made_on,
        quantity=sign * row.quantity,
        cost=row.cost,
        shelf=row.shelf,
        reason=row.reason,
        batch_id=row.batch_id,
        intact=row.accepted,
    )
