"""Drugs that a patient brings back, from the document that handed them out (R-117)."""

from dataclasses import dataclass

from django.db.models import Sum
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from pharmacy.models import StockDocument, StockMovement
from pharmacy.papers.drafts import start
from pharmacy.papers.kinds import Kind
from pharmacy.papers.lines import Row
from pharmacy.papers.posting import post


@dataclass(frozen=True)
class Out:
    """A line that was handed out, and how much of it the patient still has."""

    movement: StockMovement
    left: int

    @property
    def packs(self) -> int:
        """Whole packs only come back."""
        return self.left // self.movement.batch.drug.units_per_pack


def out_with_patients(document: StockDocument) -> list[Out]:
    """Each issue of a dispensing document with what has not come back yet; two queries."""
    issues = document.movements.filter(kind=StockMovement.Kind.ISSUE)
    issues = list(issues.select_related("batch__drug").order_by("pk"))
    sums = (
        StockMovement.objects.filter(
            batch_id__in={row.batch_id for row in issues},
            reference__in={row.reference for row in issues},
        )
        .values_list("batch_id", "reference")
        .annotate(Sum("quantity"))
        .order_by()
    )
    left = {(batch, reference): -total for batch, reference, total in sums}
    return [Out(row, max(0, left.get((row.batch_id, row.reference), 0))) for row in issues]


@atomic_retry
def start_return(
    *, document: StockDocument, rows: list[tuple[StockMovement, int, bool]], reason: str, by
) -> StockDocument:
    """A draft of the return: (movement that handed out, base units, intact) for each line."""
    if document.kind != Kind.DISPENSING:
        raise RuleBroken(_("Only what was handed out can come back."), rule="R-117")
    if not rows:
        raise RuleBroken(
            _("Please write how many packs come back, in at least one line."), rule="R-117"
        )
    head = {"note": reason, "reference": document.reference, "place": rows[0][0].batch.place}
    lines = [
        Row(
            movement.batch.drug,
            quantity,
            batch=movement.batch,
            origin=movement,
            accepted=intact,
        )
        for movement, quantity, intact in rows
    ]
    return start(kind=Kind.RETURN, head=head, rows=lines, by=by)


@atomic_retry
def take_back(*, document: StockDocument, rows: list, reason: str, by) -> StockDocument:
    """Draft and post the return in one step: the patient stands at the window."""
    draft = start_return(document=document, rows=rows, reason=reason, by=by)
    return post(document=draft, by=by)
