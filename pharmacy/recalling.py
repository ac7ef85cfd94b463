"""Calling back a lot: everything of it is frozen in one step, wherever it lies.

Who got some of it stands on a higher floor (prescriptions.recalls): that floor may refuse to close
a recall through `register_unfinished`.
"""

from collections.abc import Callable
from typing import NamedTuple

from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.numbers import next_number
from clinic.core.transactions import atomic_retry, lock
from pharmacy import holds
from pharmacy.freezing import require_reason
from pharmacy.ledger import lock_batches
from pharmacy.models import Batch, Drug, Recall, Reservation
from pharmacy.units import packs_and_pieces

_unfinished: list[Callable[[Recall], str]] = []


class AtRisk(NamedTuple):
    """A promise that the shelf can't keep any more."""

    reference: str
    quantity: str
    lacking: str


def register_unfinished(tell: Callable[[Recall], str]) -> None:
    """`tell(recall)` says in a sentence what must be done before closing, or nothing."""
    if tell not in _unfinished:
        _unfinished.append(tell)


@atomic_retry
def recall_lot(*, drug: Drug, lot: str, reason: str, source: str, level: str, by) -> Recall:
    """Open a recall: nothing of this lot can be promised or handed out from this moment on."""
    require_reason(reason)
    lot = lot.strip()
    held = list(lock_batches(drug=drug, lot=lot).values())
    if not held:
        raise RuleBroken(
            _("No batch with this lot was ever here. Please compare the lot with the letter."),
            field="lot",
            rule="R-109",
        )
    if holds.open_recall(held[0]) is not None:
        raise AlreadyDone(
            _("This lot is already recalled. Please open the recall in the list."), field="lot"
        )
    recall = Recall.objects.create(
        number=_number(),
        drug=drug,
        lot=lot,
        in_force=holds.key_of(drug.pk, lot),
        reason=reason.strip(),
        source=source,
        level=level,
        made_by=by,
    )
    for batch in held:  # those that were frozen before get the recall's row too
        holds.set_hold(batch, True, reason=recall.reason, by=by, recall=recall)
    return recall


def _number() -> str:
    series = f"ZH{timezone.localdate():%Y%m%d}"
    return f"{series}-{next_number(f'stock:{series}'):04}"


@atomic_retry
def close_recall(*, recall: Recall, outcome: str, by) -> Recall:
    """The end of it, in words. The batches stay frozen: each is returned, written off or released.

    Refused while patients who got the lot have not been looked after.
    """
    recall = lock(Recall.objects.filter(pk=recall.pk)).get()
    if recall.state != Recall.State.OPEN:
        raise AlreadyDone(_("This recall is closed already."))
    if not outcome.strip():
        raise RuleBroken(
            _("Please write how it ended: what was returned, what was written off."),
            field="outcome",
        )
    for tell in _unfinished:
        sentence = tell(recall)
        if sentence:
            raise RuleBroken(sentence)
    recall.state, recall.in_force = Recall.State.CLOSED, None
    recall.outcome, recall.closed_at, recall.closed_by = outcome.strip(), timezone.now(), by
    recall.save()
    return recall


def at_risk(drug: Drug) -> list[AtRisk]:
    """Reservations that what is left can't meet, the last ones made first to lack (R-113)."""
    usable = Q(frozen=False, place__dispenses=True, expires_on__gte=timezone.localdate())
    rows = Batch.objects.filter(usable, ~holds.is_recalled(), drug=drug)
    left = rows.order_by().aggregate(total=Sum("on_hand"))["total"] or 0
    found = []
    active = Reservation.objects.filter(drug=drug, state=Reservation.State.ACTIVE)
    for reservation in active.order_by("made_at", "pk"):
        lacking = max(0, reservation.quantity - left)
        left = max(0, left - reservation.quantity)
        if lacking:
            words = [packs_and_pieces(drug, n) for n in (reservation.quantity, lacking)]
            found.append(AtRisk(reservation.reference, *words))
    return found
