"""Freezing a batch, or a lot wherever it lies, and releasing it again (R-109)."""

from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.transactions import atomic_retry
from pharmacy import holds
from pharmacy.ledger import lock_batches
from pharmacy.models import Batch, Hold


@atomic_retry
def freeze(*, batch: Batch, reason: str, everywhere: bool = False, by) -> list[Hold]:
    """Keep this batch on the shelf, or its whole lot in all places, until somebody releases it."""
    require_reason(reason)
    held = [row for row in _batches(batch, everywhere) if not row.frozen]
    if not held:
        raise AlreadyDone(_("This batch is frozen already. Please read the history below."))
    return [holds.set_hold(row, True, reason=reason.strip(), by=by) for row in held]


@atomic_retry
def unfreeze(*, batch: Batch, reason: str, everywhere: bool = False, by) -> list[Hold]:
    """Let it go out again; never while its lot is recalled."""
    require_reason(reason)
    held = [row for row in _batches(batch, everywhere) if row.frozen]
    recall = holds.open_recall(batch)
    if recall is not None:
        raise RuleBroken(
            _(
                "Not unfrozen: lot %(lot)s is recalled (%(number)s). Please close the recall "
                "first, or return the goods to the supplier."
            )
            % {"lot": batch.lot, "number": recall.number},
            rule="R-109",
        )
    if not held:
        raise AlreadyDone(_("This batch is not frozen any more. Please read the history below."))
    return [holds.set_hold(row, False, reason=reason.strip(), by=by) for row in held]


def _batches(batch: Batch, everywhere: bool) -> list[Batch]:
    which = {"drug_id": batch.drug_id, "lot": batch.lot} if everywhere else {"pk": batch.pk}
    return list(lock_batches(**which).values())


def require_reason(reason: str) -> None:
    if not reason.strip():
        raise RuleBroken(_("Please write the reason."), field="reason", rule="R-107")
