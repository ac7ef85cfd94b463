"""Goods that must stay on the shelf: the one place that sets `Batch.frozen` and notes why.

The caller holds the batch's lock (pharmacy/stock.py, locking policy).
"""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef

from clinic.core.prepared import prepared
from pharmacy.models import Batch, Hold, Recall
from pharmacy.watch.after import warn_after_commit

OPEN = Recall.State.OPEN


def set_hold(batch: Batch, frozen: bool, *, reason: str, by, recall: Recall | None = None) -> Hold:
    """Freeze or release a locked batch, with a row that says who and why."""
    batch.frozen = frozen
    batch.save(update_fields=["frozen"])
    warn_after_commit(batch.drug_id)
    return Hold.objects.create(batch=batch, frozen=frozen, reason=reason, recall=recall, made_by=by)


def open_recall(batch: Batch) -> Recall | None:
    """The recall that keeps this batch on the shelf."""
    return Recall.objects.filter(in_force=key_of(batch.drug_id, batch.lot)).first()


def key_of(drug_id: int, lot: str) -> str:
    """What an open recall holds in `in_force`."""
    return f"{drug_id}/{lot}"


def keep_if_recalled(batch: Batch, by) -> None:
    """Goods that come in while their lot is recalled are frozen as they come, by whatever way."""
    recall = None if batch.frozen else open_recall(batch)
    if recall is not None:
        set_hold(batch, True, reason=recall.reason, by=by, recall=recall)


def without_recalled(batches: Iterable[Batch]) -> list[Batch]:
    """Locked batches without those of a recalled lot, as the recalls are now."""
    batches = list(batches)
    recalled = set(recalled_of(sorted({batch.drug_id for batch in batches})))
    return [batch for batch in batches if (batch.drug_id, batch.lot) not in recalled]


@prepared
def recalled_of(drugs: list[int]):
    return Recall.objects.filter(drug_id__in=drugs, state=OPEN).values_list("drug_id", "lot")


def mark_recalled(batches: Iterable[Batch]) -> None:
    """Locked batches of a recalled lot count as frozen from here on, whatever their rows say."""
    batches = list(batches)
    free = {batch.pk for batch in without_recalled(batches)}
    for batch in batches:
        batch.frozen = batch.frozen or batch.pk not in free


def is_recalled() -> Exists:
    """Condition of a query over batches: the lot is recalled.

    Beside `frozen`: a batch that was made in the very moment of the recall was seen by neither.
    """
    rows = Recall.objects.filter(drug=OuterRef("drug"), lot=OuterRef("lot"), state=OPEN)
    return Exists(rows)
