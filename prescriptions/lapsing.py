"""Sheets whose last day has passed lapse by themselves, and their stock is free again (R-22)."""

import logging

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.errors import AlreadyDone, Busy
from clinic.core.on_record import on_record
from clinic.core.transactions import atomic_retry
from prescriptions.models import Prescription
from prescriptions.moves import locked, move
from prescriptions.release import end_rest, release_all
from prescriptions.review import is_expired
from prescriptions.states import MOVES, RESERVING, RxState

log = logging.getLogger("clinic.prescriptions")
AT_ONCE = 200
LAPSING = {state for state, to in MOVES.items() if RxState.LAPSED in to}
LAPSING |= {RxState.PICKING, RxState.PART_DISPENSED}


def lapse_expired() -> int:
    """Move every expired sheet that was not handed out to "expired"; return how many.

    Called by the scheduler. One transaction each, so that no page waits for it.
    """
    expired = Prescription.objects.filter(
        state__in=LAPSING, valid_until__lt=timezone.localdate()
    ).order_by("valid_until")
    done = 0
    for prescription in expired[:AT_ONCE]:
        try:
            done += _lapse(prescription=prescription, by=None)
        except Busy:
            log.warning("prescription %s could not lapse yet", prescription.number)
    return done


@atomic_retry
def close_expired(*, prescription: Prescription, by) -> Prescription:
    """Somebody at the window need not wait until the scheduler comes by."""
    if not _lapse(prescription=prescription, by=by):
        prescription.refresh_from_db()
        raise AlreadyDone(
            _("Not done: %(number)s is now “%(state)s”. Please look at the list again.")
            % {"number": prescription.number, "state": prescription.get_state_display()},
            rule="R-22",
        )
    return prescription


@atomic_retry
def _lapse(*, prescription: Prescription, by) -> bool:
    prescription = locked(prescription)
    if prescription.state not in LAPSING or not is_expired(prescription):
        return False
    reserving = prescription.state in RESERVING
    if prescription.state == RxState.PART_DISPENSED:
        why = on_record(gettext_lazy("The rest was not collected in time."))
        end_rest(prescription, by=by, reason=why)
        return True
    if prescription.state == RxState.PICKING:
        move(prescription, RxState.PAID, by=by)
    move(prescription, RxState.LAPSED, by=by)
    if reserving:
        release_all(prescription, by=by)
    return True
