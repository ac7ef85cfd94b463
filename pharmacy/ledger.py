"""Writing the ledger: locks, lines and documents. Used by pharmacy.stock and its corrections only.

The locking policy stands in pharmacy/stock.py.
"""

from django.utils import timezone

from clinic.core.numbers import next_number
from clinic.core.transactions import lock
from pharmacy.models import Batch, StockDocument, StockMovement

NUMBER_PREFIX = {
    StockDocument.Kind.RECEIPT: "RK",
    StockDocument.Kind.DISPENSING: "FY",
    StockDocument.Kind.RETURN: "TY",
    StockDocument.Kind.WRITE_OFF: "BS",
    StockDocument.Kind.ADJUSTMENT: "PD",
}


def lock_batches(**which) -> dict[int, Batch]:
    """The batches, locked in the order of their ids, as they are now."""
    # Found first and locked by primary key: a lock through the drug's index would follow its order.
    ids = list(Batch.objects.filter(**which).order_by("pk").values_list("pk", flat=True))
    rows = lock(Batch.objects.filter(pk__in=ids).order_by("pk"))
    return {batch.pk: batch for batch in rows.select_related("drug")}


def post(document, batch, kind, quantity, by, reference="", reason="") -> StockMovement:
    """One line of the ledger and the balance it leads to. The caller holds the batch's lock."""
    batch.on_hand += quantity
    batch.save(update_fields=["on_hand"])
    return StockMovement.objects.create(
        document=document,
        batch=batch,
        kind=kind,
        quantity=quantity,
        balance=batch.on_hand,
        reference=reference,
        reason=reason,
        made_by=by,
    )


def new_document(kind, by, **fields) -> StockDocument:
    """A document with the next number of its kind and day, e.g. RK20261122-0007."""
    series = f"{NUMBER_PREFIX[kind]}{timezone.localdate():%Y%m%d}"
    number = f"{series}-{next_number(f'stock:{series}'):04}"
    return StockDocument.objects.create(number=number, kind=kind, made_by=by, **fields)
