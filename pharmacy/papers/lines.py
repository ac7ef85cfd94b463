"""The lines of a draft, and what makes one acceptable."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from pharmacy import deliveries
from pharmacy.models import Batch, DocumentLine, Drug, StockDocument, StockMovement
from pharmacy.papers.kinds import PAPERS, Kind
from pharmacy.units import packs_and_pieces, require_sellable

MOST_LINES = 300


@dataclass(frozen=True)
class Row:
    """So many base units of a batch; of an opening stock the batch as it lies there."""

    drug: Drug
    quantity: int
    batch: Batch | None = None
    lot: str = ""
    expires_on: date | None = None
    made_on: date | None = None
    cost: Decimal = Decimal(0)
    shelf: str = ""
    reason: str = ""
    origin: StockMovement | None = None
    accepted: bool = True

    def as_delivery(self) -> deliveries.Line:
        """The same as a delivery's line: both make batches."""
        return deliveries.Line(
            drug=self.drug,
            lot=self.lot,
            expires_on=self.expires_on,
            quantity=self.quantity,
            cost=self.cost,
            made_on=self.made_on,
            shelf=self.shelf,
            reason=self.reason,
        )


def rows_of(document: StockDocument) -> list[Row]:
    """The lines as they stand in the draft; the batches as they are now, not locked."""
    found = document.lines.select_related("drug", "batch__drug", "origin__batch__drug")
    names = Row.__dataclass_fields__
    return [Row(**{name: getattr(line, name) for name in names}) for line in found]


def write(document: StockDocument, rows: list[Row]) -> None:
    """These lines instead of whatever the draft held."""
    if len(rows) > MOST_LINES:
        raise RuleBroken(
            _("A document holds at most %(most)s lines. Please begin another for the rest.")
            % {"most": MOST_LINES},
            rule="R-107",
        )
    for number, row in enumerate(rows, 1):
        try:
            judge(document, row)
        except RuleBroken as error:
            raise deliveries.LineRefused(number, error) from error
    document.lines.all().delete()
    DocumentLine.objects.bulk_create(
        DocumentLine(
            document=document,
            number=number,
            drug=row.drug,
            batch=row.batch,
            quantity=row.quantity,
            lot=row.batch.lot if row.batch else row.lot,
            expires_on=row.batch.expires_on if row.batch else row.expires_on,
            made_on=row.batch.made_on if row.batch else row.made_on,
            cost=row.batch.cost if row.batch else row.cost,
            shelf=row.batch.shelf if row.batch else row.shelf,
            reason=row.reason,
            origin=row.origin,
            accepted=row.accepted,
        )
        for number, row in enumerate(rows, 1)
    )


def judge(document: StockDocument, row: Row) -> None:
    """RuleBroken when the line can't stand; asked when it is written and once more at posting."""
    if document.kind == Kind.OPENING:
        deliveries.judge(row.as_delivery(), today=timezone.localdate(), opening=True)
    elif document.kind != Kind.RETURN:
        _judge_taking(document, row)


def _judge_taking(document: StockDocument, row: Row) -> None:
    paper, batch = PAPERS[document.kind], row.batch
    if batch.place_id != document.place_id:
        raise RuleBroken(
            _("Lot %(lot)s does not lie at this document's place. Please choose another batch.")
            % {"lot": batch.lot},
            rule="R-114",
        )
    if not 1 <= row.quantity <= batch.on_hand:
        raise RuleBroken(
            _("%(drug)s, lot %(lot)s: %(left)s are there. Please correct the quantity.")
            % {
                "drug": batch.drug.generic_name,
                "lot": batch.lot,
                "left": packs_and_pieces(batch.drug, batch.on_hand),
            },
            field="quantity",
            rule="R-107",
        )
    if document.kind == Kind.USE:
        require_sellable(batch.drug, row.quantity)
    if (paper.good_only or paper.unfrozen) and batch.frozen:
        raise RuleBroken(
            _("Lot %(lot)s is frozen and stays where it is. Please choose another batch.")
            % {"lot": batch.lot},
            rule="R-109",
        )
    if paper.good_only and batch.expires_on < timezone.localdate():
        raise RuleBroken(
            _("Lot %(lot)s has expired: it can only be written off or returned.")
            % {"lot": batch.lot},
            rule="R-109",
        )
