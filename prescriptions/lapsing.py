"""Sheets whose last day has passed lapse by themselves, and their stock is free again (R-22)."""

import logging

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import Busy
from clinic.core.transactions import atomic_retry
from prescriptions.models import Prescription
from prescriptions.moves import locked, move
from prescriptions.release import end_rest, release_all
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
            done += _lapse(prescription=prescription)
        except Busy:
            log.warning("prescription %s could not lapse yet", prescription.number)
    return done


@atomic_retry
def _lapse(*, prescription: Prescription) -> bool:
    prescription = locked(prescription)
    if prescription.state not in LAPSING or prescription.valid_until >= timezone.localdate():
        return False
    reserving = prescription.state in RESERVING
    if prescription.state == RxState.PART_DISPENSED:
        end_rest(prescription, by=None, reason=_("The rest was not collected in time."))
        return True
    if prescription.state == RxState.PICKING:
        move(prescription, RxState.PAID, by=None)
    move(prescription, RxState.LAPSED, by=None)
    if reserving:
        release_all(prescription, by=None)
    return True
