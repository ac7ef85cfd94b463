"""What the cashier tells this floor: paid, put off, or given back (R-32, R-34).

The cashier stands above and calls these inside its own transaction. Lock order: bill, then
prescription, then batches.
"""

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone
from clinic.core.transactions import atomic_retry, lock
from prescriptions.models import Prescription, Treatment
from prescriptions.moves import locked, move
from prescriptions.states import RxState

Settled = Treatment.Settled


@atomic_retry
def settle(*, prescription: Prescription, reason: str = "", by) -> Prescription:
    """Paid, or let through with a reason: the pharmacy may begin."""
    prescription = locked(prescription)
    move(prescription, RxState.PAID, by=by, reason=reason)
    return prescription


@atomic_retry
def unsettle(*, prescription: Prescription, reason: str, by) -> Prescription:
    """Its money goes back before anything was handed out: the sheet waits for payment again."""
    prescription = locked(prescription)
    if prescription.state == RxState.PICKING:
        raise AlreadyDone(
            _(
                "Not refunded: %(number)s is being picked. Please ask the pharmacy to put it back "
                "first."
            )
            % {"number": prescription.number},
            rule="R-34",
        )
    move(prescription, RxState.UNPAID, by=by, reason=reason)
    return prescription


@atomic_retry
def settle_treatment(*, treatment: Treatment, how: str, by) -> Treatment:
    """Paid, put off or free: the nurse may begin; what was put off is paid once."""
    treatment = lock(Treatment.objects.filter(pk=treatment.pk)).get()
    if treatment.state == Treatment.State.CANCELLED or treatment.settled == Settled.PAID:
        raise AlreadyDone(_("Not done: this treatment was cancelled or paid for meanwhile."))
    treatment.settled, treatment.settled_at = how, timezone.now()
    treatment.save(update_fields=["settled", "settled_at"])
    return treatment
