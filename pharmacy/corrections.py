"""Corrections of the shelf: returns, write-offs, counts. Called through pharmacy.stock."""

from django.db.models import Sum
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from pharmacy.ledger import lock_batches, new_document, post
from pharmacy.models import Batch, StockDocument, StockMovement
from pharmacy.units import packs_and_pieces, require_countable

Kind = StockMovement.Kind


@atomic_retry
def give_back(
    *, movement: StockMovement, quantity: int, reason: str, by, intact: bool, witness=None
) -> StockDocument:
    """Take back what was handed out, into the batch it came from (R-117).

    Whole packs only. `intact` is the pharmacist's finding after looking at them; what is not intact
    comes in and is written off on the same document, so that the ledger shows where it went. That
    is a write-off like others: `witness` looked at it too (R-118).
    """
    if not intact:
        _require_two_people(by, witness)
    batch = lock_batches(pk=movement.batch_id)[movement.batch_id]
    _require_reason(reason)
    judge_return(batch, movement, quantity)
    document = new_document(
        StockDocument.Kind.RETURN,
        by,
        reference=movement.reference,
        note=reason,
        witness=None if intact else witness,
        place=batch.place,
    )
    post_return(document, batch, movement, quantity, by, reason=reason, intact=intact)
    return document


def judge_return(batch: Batch, movement: StockMovement, quantity: int, waiting: int = 0) -> None:
    """RuleBroken unless so much of this line can come back (R-117). The batch is locked.

    `waiting` came back already and is not posted yet.
    """
    same = StockMovement.objects.filter(batch=batch, reference=movement.reference)
    still_out = -(same.aggregate(total=Sum("quantity"))["total"] or 0) - waiting
    if movement.kind != Kind.ISSUE or not 1 <= quantity <= still_out:
        raise RuleBroken(
            _("At most %(left)s of this batch can come back. Please correct the quantity.")
            % {"left": packs_and_pieces(batch.drug, max(0, still_out))},
            field="quantity",
            rule="R-117",
        )
    if quantity % batch.drug.units_per_pack:
        raise RuleBroken(
            _("Only whole packs are taken back. Please correct the quantity."),
            field="quantity",
            rule="R-117",
        )


def post_return(
    document: StockDocument,
    batch: Batch,
    movement: StockMovement,
    quantity: int,
    by,
    *,
    reason: str,
    intact: bool,
) -> None:
    """Write one line of a return onto its document; the caller holds the batch's lock."""
    judge_return(batch, movement, quantity)
    post(document, batch, Kind.GIVE_BACK, quantity, by, movement.reference, reason)
    if not intact:
        post(document, batch, Kind.WRITE_OFF, -quantity, by, reason=reason)


@atomic_retry
def write_off(
    *,
    batch: Batch,
    quantity: int,
    reason: str,
    by,
    witness,
    cause: str = StockDocument.Cause.OTHER,
) -> StockMovement:
    """Take spoilt, broken or expired goods off the shelf; a second person signs (R-118)."""
    _require_reason(reason)
    _require_two_people(by, witness)
    batch = lock_batches(pk=batch.pk)[batch.pk]
    if not 1 <= quantity <= batch.on_hand:
        raise RuleBroken(
            _("This batch holds %(left)s. Please correct the quantity.")
            % {"left": packs_and_pieces(batch.drug, batch.on_hand)},
            field="quantity",
            rule="R-118",
        )
    document = new_document(
        StockDocument.Kind.WRITE_OFF,
        by,
        cause=cause,
        note=reason,
        witness=witness,
        place=batch.place,
    )
    return post(document, batch, Kind.WRITE_OFF, -quantity, by, reason=reason)


@atomic_retry
def adjust(*, batch: Batch, counted: int, reason: str, by, witness) -> StockMovement | None:
    """Make the book equal what was counted; None when it already is (R-119)."""
    _require_reason(reason)
    _require_two_people(by, witness)
    batch = lock_batches(pk=batch.pk)[batch.pk]
    require_countable(counted)
    if counted == batch.on_hand:
        return None
    document = new_document(
        StockDocument.Kind.ADJUSTMENT, by, note=reason, witness=witness, place=batch.place
    )
    return post(document, batch, Kind.ADJUST, counted - batch.on_hand, by, reason=reason)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise RuleBroken(_("Please write the reason."), field="reason", rule="R-107")


def _require_two_people(by, witness) -> None:
    if witness is None or witness.pk == by.pk:
        raise RuleBroken(
            _("A second person must confirm this. Please ask a colleague."),
            field="witness",
            rule="R-118",
        )
