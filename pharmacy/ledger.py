"""Writing the ledger: locks, lines and documents. Used by pharmacy.stock and its corrections only.

The locking policy stands in pharmacy/stock.py.
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.utils import timezone

from clinic.core.numbers import next_number
from clinic.core.prepared import held, prepared
from clinic.core.together import asked_together
from clinic.core.transactions import lock
from pharmacy import holds, worth
from pharmacy.models import Batch, Place, StockDocument, StockMovement
from pharmacy.watch.after import warn_after_commit
from security import many, tracking

BALANCE = ["on_hand", "emptied_at"]
NUMBER_PREFIX = {
    StockDocument.Kind.OPENING: "QC",
    StockDocument.Kind.RECEIPT: "RK",
    StockDocument.Kind.DISPENSING: "FY",
    StockDocument.Kind.RETURN: "TY",
    StockDocument.Kind.TO_SUPPLIER: "TG",
    StockDocument.Kind.USE: "LY",
    StockDocument.Kind.MOVE: "DB",
    StockDocument.Kind.WRITE_OFF: "BS",
    StockDocument.Kind.ADJUSTMENT: "PD",
    StockDocument.Kind.PRICE: "TJ",
    StockDocument.Kind.REVERSAL: "HC",
}


def lock_batches(**which) -> dict[int, Batch]:
    """The batches, locked in the order of their ids, as they are now."""
    # Found first and locked by primary key: a lock through the drug's index would follow its order.
    of_drugs = sorted(which["drug_id__in"]) if which.keys() == {"drug_id__in"} else None
    with asked_together(*([(_of_drugs, (of_drugs,))] if of_drugs else ()), (_places, ())):
        if of_drugs is not None:
            ids = _of_drugs(of_drugs)
        else:
            ids = list(Batch.objects.filter(**which).order_by("pk").values_list("pk", flat=True))
        # Not joined: MariaDB would lock the place too, and everybody would wait for everybody.
        places = {place.pk: place for place in _places()}
    held = {batch.pk: batch for batch in _held(ids)}
    for batch in held.values():
        batch.place = places[batch.place_id]
        tracking.know(batch)
    return held


@prepared
def _of_drugs(drugs: list[int]):
    return Batch.objects.filter(drug_id__in=drugs).order_by("pk").values_list("pk", flat=True)


@held
def _held(batches: list[int]):
    return lock(Batch.objects.filter(pk__in=batches).order_by("pk")).select_related("drug")


@prepared
def _places():
    return Place.objects.all()


class Line(NamedTuple):
    """What moves of a batch, and for what; what leaves is below nothing."""

    batch: Batch
    quantity: int
    reference: str = ""
    reason: str = ""


def post(
    document, batch, kind, quantity, by, reference="", reason="", reverses=None
) -> StockMovement:
    """One line of the ledger and the balance it leads to. The caller holds the batch's lock."""
    was_empty = not batch.on_hand
    movement = _moved(document, kind, Line(batch, quantity, reference, reason), by)
    movement.reverses = reverses
    batch.save(update_fields=BALANCE)
    worth.follow(batch, was_empty)
    warn_after_commit(batch.drug_id)
    if quantity > 0:
        holds.keep_if_recalled(batch, by)
    movement.save()
    return movement


def take_out(document, kind, lines: list[Line], by) -> list[StockMovement]:
    """What leaves the shelf, in few statements; the movements in the order of the lines.

    The caller holds the batches' locks.
    """
    made = []
    for piece in _each_batch_once(lines):
        movements = [_moved(document, kind, line, by) for line in piece]
        batches = [line.batch for line in piece]
        many.update(batches, BALANCE)
        for batch in batches:
            tracking.know(batch)
        worth.follow_down(batches)
        many.create(movements)
        made += movements
    for line in lines:
        warn_after_commit(line.batch.drug_id)
    return made


def _each_batch_once(lines: list[Line]) -> Iterator[list[Line]]:
    """Two rows of a sheet may take from one batch, which then has a balance after each."""
    piece: dict[int, Line] = {}
    for line in lines:
        if line.batch.pk in piece:
            yield list(piece.values())
            piece = {}
        piece[line.batch.pk] = line
    if piece:
        yield list(piece.values())


def _moved(document, kind, line: Line, by) -> StockMovement:
    """The batch with its new balance, and the line of the ledger about it; neither stored."""
    batch = line.batch
    batch.on_hand += line.quantity
    batch.emptied_at = None if batch.on_hand else timezone.now()
    return StockMovement(
        document=document,
        batch=batch,
        drug_id=batch.drug_id,
        place_id=batch.place_id,
        kind=kind,
        quantity=line.quantity,
        balance=batch.on_hand,
        reference=line.reference,
        reason=line.reason,
        made_by=by,
    )


def new_document(kind, by, number: str = "", **fields) -> StockDocument:
    """A posted document with the next number of its kind and day, e.g. RK20261122-0007.

    A stock-take drew its `number` when it began.
    """
    posted = {"state": StockDocument.State.POSTED, "posted_at": timezone.now(), "posted_by": by}
    return StockDocument.objects.create(
        number=number or number_of(kind), kind=kind, made_by=by, **{**posted, **fields}
    )


def number_of(kind) -> str:
    """The next number of this kind and day. Drawn last: it locks the series."""
    series = f"{NUMBER_PREFIX[kind]}{timezone.localdate():%Y%m%d}"
    return f"{series}-{next_number(f'stock:{series}'):04}"
