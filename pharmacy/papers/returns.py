"""Drugs that a patient brings back, from the document that handed them out (R-117)."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from pharmacy import controlled, corrections
from pharmacy.ledger import lock_batches
from pharmacy.models import DocumentLine, StockDocument, StockMovement
from pharmacy.papers.drafts import start
from pharmacy.papers.kinds import Kind
from pharmacy.papers.lines import Row
from pharmacy.papers.posting import post

COLD = ("冷藏", "2~8", "2-8")
# Asked before anything is locked or written, in the same transaction: what a sheet of a higher
# floor says to it, which may refuse (`document`, `rows`, `reason`, `by`).
_before: list[Callable] = []


def register_before(call: Callable) -> None:
    """Have `call` told of each return of what was handed out."""
    _before.append(call)


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
    found = []
    for row in issues:  # of one batch a row may have gone out in several parts
        key, units = (row.batch_id, row.reference), waiting.get(row.pk, 0)
        out = min(-row.quantity, max(0, left.get(key, 0)))
        left[key] = left.get(key, 0) - out
        found.append(Out(row, max(0, out - units), units))
    return found


def is_never_sold_again(drug, control: str) -> str:
    """Why a drug that was with a patient goes to nobody else, however intact it looks (R-117)."""
    if control:
        return _("a drug under special control")
    if any(word in drug.storage for word in COLD):
        return _("a drug that has to stay in the refrigerator")
    return ""


def _require_sold_again(rows: list[tuple[StockMovement, int, bool]]) -> None:
    drugs = {movement.batch.drug for movement, _units, intact in rows if intact}
    classes = controlled.classes_of([drug.pk for drug in drugs], timezone.localdate())
    for drug in sorted(drugs, key=lambda drug: drug.pk):
        if why := is_never_sold_again(drug, classes.get(drug.pk, "")):
            raise RuleBroken(
                _(
                    "%(drug)s is %(why)s: it does not go back on the shelf. Please mark it as not "
                    "intact, so that it is written off by two people."
                )
                % {"drug": drug.generic_name, "why": why},
                rule="R-117",
            )


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
    _require_sold_again(rows)
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
    for call in _before:
        call(document=document, rows=rows, reason=reason, by=by)
    held = lock_batches(drug_id__in={movement.drug_id for movement, _units, _intact in rows})
    waiting: dict[tuple, int] = defaultdict(int)
    for out in out_with_patients(document):
        waiting[out.movement.batch_id, out.movement.reference] += out.waiting
    for movement, units, _intact in rows:
        key = (movement.batch_id, movement.reference)
        corrections.judge_return(held[movement.batch_id], movement, units, waiting[key])
        waiting[key] += units
    intact = [row for row in rows if row[2]]
    harmed = [row for row in rows if not row[2]]
    made = []
    if intact or not harmed:  # without any line it says what is missing
        draft = start_return(document=document, rows=intact, reason=reason, by=by)
        made.append(post(document=draft, by=by))
    if harmed:
        made.append(start_return(document=document, rows=harmed, reason=reason, by=by))
    return made
