"""Drugs that a patient brings back, from the document that handed them out (R-117)."""

from dataclasses import dataclass

from django.db.models import Sum
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from pharmacy import corrections
from pharmacy.ledger import lock_batches
from pharmacy.models import DocumentLine, StockDocument, StockMovement
from pharmacy.papers.drafts import start
from pharmacy.papers.kinds import Kind
from pharmacy.papers.lines import Row
from pharmacy.papers.posting import post


@dataclass(frozen=True)
class Out:
    """A line that was handed out, and how much of it the patient still has.

    `waiting` came back and stands in a draft: it is neither with the patient nor on the books.
    """

    movement: StockMovement
    left: int
    waiting: int = 0

    @property
    def packs(self) -> int:
        """Whole packs only come back."""
        return self.left // self.movement.batch.drug.units_per_pack


def out_with_patients(document: StockDocument) -> list[Out]:
    """Each issue of a dispensing document with what has not come back yet; three queries."""
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
    drafts = DocumentLine.objects.filter(
        origin__in=issues, document__state=StockDocument.State.DRAFT
    )
    waiting = dict(drafts.values_list("origin").annotate(Sum("quantity")).order_by())
    return [
        Out(row, max(0, left.get((row.batch_id, row.reference), 0) - units), units)
        for row in issues
        for units in [waiting.get(row.pk, 0)]
    ]


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
def take_back(*, document: StockDocument, rows: list, reason: str, by) -> list[StockDocument]:
    """What is intact, posted: the patient stands at the window; and the draft of the rest.

    What is not intact is written off, so a colleague looks at it too and posts it (R-118). Until
    then it is on no shelf and can't be handed out.
    """
    held = lock_batches(drug_id__in={movement.drug_id for movement, _units, _intact in rows})
    waiting = {out.movement.pk: out.waiting for out in out_with_patients(document)}
    for movement, units, _intact in rows:
        batch = held[movement.batch_id]
        corrections.judge_return(batch, movement, units, waiting.get(movement.pk, 0))
    intact = [row for row in rows if row[2]]
    harmed = [row for row in rows if not row[2]]
    made = []
    if intact or not harmed:  # without any line it says what is missing
        draft = start_return(document=document, rows=intact, reason=reason, by=by)
        made.append(post(document=draft, by=by))
    if harmed:
        made.append(start_return(document=document, rows=harmed, reason=reason, by=by))
    return made
