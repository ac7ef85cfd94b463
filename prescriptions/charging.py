"""What the cashier tells this floor: paid, put off, or given back (R-32, R-34).

The cashier stands above and calls these inside its own transaction. Lock order: bill, then
prescription, then batches.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone
from clinic.core.transactions import atomic_retry, lock
from prescriptions.models import Prescription, Treatment, TreatmentTurn
from prescriptions.moves import locked, move
from prescriptions.states import RxState
from prescriptions.treatments import NEVER_DONE

Settled, Turn = Treatment.Settled, TreatmentTurn.State


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
    if how == Settled.PAID:  # put off and stopped meanwhile: that part is not paid, nor given back
        for turn in lock(_charged(treatment).filter(state__in=NEVER_DONE)):
            turn.given_back_at = treatment.settled_at
            turn.save(update_fields=["given_back_at"])
    return treatment


@atomic_retry
def unsettle_treatment(*, treatment: Treatment, by) -> int:
    """How many turns' money goes back now: those never carried out, each once (R-101, R-102).

    Of an order that stands and was not begun all of it, and the nurse waits for payment again.
    With anything begun only what was left out, refused, stopped or cancelled is given back.
    """
    treatment = lock(Treatment.objects.filter(pk=treatment.pk)).get()
    turns = list(lock(_charged(treatment).order_by("number")))
    if treatment.settled != Settled.PAID:
        raise AlreadyDone(_("Not refunded: this treatment is not paid for."), rule="R-34")
    if turns and all(turn.state == Turn.DUE for turn in turns):
        treatment.settled, treatment.settled_at = "", None
        treatment.save(update_fields=["settled", "settled_at"])
        return len(turns)
    back = [turn for turn in turns if turn.state in NEVER_DONE]
    if not back:
        raise AlreadyDone(
            _(
                "Not refunded: this treatment was begun. What is left of it is refunded after a "
                "doctor has stopped it."
            ),
            rule="R-34",
        )
    for turn in back:
        turn.given_back_at = timezone.now()
        turn.save(update_fields=["given_back_at"])
    return len(back)


def _charged(treatment: Treatment):
    """Its turns, without those whose money went back or was never taken."""
    return TreatmentTurn.objects.filter(treatment=treatment, given_back_at__isnull=True)


def times_to_charge(treatments: Iterable[Treatment]) -> dict[UUID, int]:
    """Turns that were or will be carried out, by treatment; what is cancelled is never charged."""
    rows = TreatmentTurn.objects.filter(treatment__in=treatments).exclude(state__in=NEVER_DONE)
    return dict(rows.values_list("treatment").annotate(count=Count("pk")).order_by())


def times_to_give_back(treatments: Iterable[Treatment]) -> dict[UUID, int]:
    """Turns that were paid for and can be refunded now, by treatment."""
    rows = TreatmentTurn.objects.filter(
        treatment__in=treatments, treatment__settled=Settled.PAID, given_back_at__isnull=True
    )
    found: dict[UUID, list[str]] = {}
    for treatment, state in rows.values_list("treatment", "state"):
        found.setdefault(treatment, []).append(state)
    return {
        treatment: len(states)
        if all(state == Turn.DUE for state in states)
        else sum(state in NEVER_DONE for state in states)
        for treatment, states in found.items()
    }
