"""Taking a posted document back as a whole by another (红冲). The first stays as it is."""

from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.transactions import atomic_retry, lock
from pharmacy.controlled import needs_two_people
from pharmacy.ledger import lock_batches, new_document
from pharmacy.ledger import post as write_movement
from pharmacy.models import StockDocument, StockMovement
from pharmacy.papers import promises, undoing
from pharmacy.papers.kinds import BY_TWO, REVERSIBLE, Kind
from pharmacy.units import packs_and_pieces, require_countable

State = StockDocument.State


def why_not_reversible(document: StockDocument) -> str:
    """Why the document is not taken back by another, in words; "" when it can be."""
    if document.state != State.POSTED:
        return _("%(number)s was never posted.") % {"number": document.number}
    if document.kind == Kind.DISPENSING:
        return _("What was handed out comes back by a return of drugs.")
    if document.kind == Kind.REVERSAL:
        return _("A reversal stays. Please enter the document anew instead.")
    if document.kind not in REVERSIBLE:
        return _("Documents of this kind are not taken back. Please write another one.")
    taken_back = StockDocument.objects.filter(reverses=document).first()
    if taken_back:
        return _("%(number)s is taken back by %(other)s.") % {
            "number": document.number,
            "other": taken_back.number,
        }
    return ""


def is_by_two(document: StockDocument) -> bool:
    """True when the reversal needs a second person, as the document itself did.

    Narcotics and class-I psychotropics move by two people, by this road as by any other (R-120).
    """
    drugs = document.movements.values_list("drug_id", flat=True)
    by_two = document.kind in BY_TWO or document.witness_id is not None
    return by_two or needs_two_people(drugs)


@atomic_retry
def reverse(*, document: StockDocument, reason: str, by) -> StockDocument:
    """Take the document back; where two people answer for it, a draft that another posts."""
    document = lock(StockDocument.objects.filter(pk=document.pk)).get()
    if not reason.strip():
        raise RuleBroken(_("Please write the reason."), field="reason", rule="R-107")
    words = why_not_reversible(document)
    if words:
        done = document.state == State.POSTED and hasattr(document, "reversed_by")
        raise (AlreadyDone if done else RuleBroken)(words, rule="R-107")
    head = {
        "reverses": document,
        "note": reason.strip(),
        "place": document.place,
        "to_place": document.to_place,
        "supplier": document.supplier,
        "reference": document.reference,
    }
    if is_by_two(document):
        head |= {"state": State.DRAFT, "posted_at": None, "posted_by": None}
        return new_document(Kind.REVERSAL, by, **head)
    undoing.hold(document)
    _lock_its_batches(document)  # before the number is drawn, as everybody does
    counter = new_document(Kind.REVERSAL, by, **head)
    write(counter, by)
    return counter


def lock_original(document: StockDocument) -> None:
    """What a draft takes back is locked before the draft itself, as `reverse` does."""
    if document.reverses_id:
        undoing.hold(lock(StockDocument.objects.filter(pk=document.reverses_id)).get())


def write(counter: StockDocument, by) -> None:
    """Every movement of the original once more the other way, the last one first."""
    original = counter.reverses
    held = _lock_its_batches(original)
    movements = list(original.movements.order_by("-pk"))
    _require_there(movements, held)
    before = promises.usable(held.values())
    for movement in movements:
        write_movement(
            counter,
            held[movement.batch_id],
            StockMovement.Kind.REVERSE,
            -movement.quantity,
            by,
            movement.reference,
            counter.note,
            reverses=movement,
        )
    promises.require_kept(before, held.values())
    if original.note_in_force:
        original.note_in_force = None  # the delivery note is free for the correct entry
        original.save(update_fields=["note_in_force"])
    undoing.settle(original, by)


def _lock_its_batches(document: StockDocument) -> dict:
    return lock_batches(drug_id__in=set(document.movements.values_list("drug_id", flat=True)))


def _require_there(movements: list[StockMovement], held: dict) -> None:
    """RuleBroken when goods that came with the document have left since."""
    change: dict[int, int] = {}
    for movement in movements:
        change[movement.batch_id] = change.get(movement.batch_id, 0) - movement.quantity
    for batch_id, units in change.items():
        batch = held[batch_id]
        require_countable(max(0, batch.on_hand + units))
        if batch.on_hand + units < 0:
            raise RuleBroken(
                _(
                    "Not taken back: of %(drug)s, lot %(lot)s, %(came)s came with this document "
                    "and only %(left)s are still there. Please take back first what was done with "
                    "them, or write a document for what is left."
                )
                % {
                    "drug": batch.drug.generic_name,
                    "lot": batch.lot,
                    "came": packs_and_pieces(batch.drug, -units),
                    "left": packs_and_pieces(batch.drug, batch.on_hand),
                },
                rule="R-107",
            )
