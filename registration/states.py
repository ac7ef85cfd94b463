"""The states of a visit and the one table of allowed moves (R-87, R-88)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class VisitState(models.TextChoices):
    BOOKED = "booked", _("Not checked in")
    WAITING = "waiting", _("Waiting")
    CALLED = "called", _("Called")
    IN_CONSULTATION = "consulting", _("In consultation")
    EXAM = "exam", _("At examination")
    MISSED = "missed", _("Passed over")
    FINISHED = "finished", _("Finished")
    CANCELLED = "cancelled", _("Registration cancelled")
    LAPSED = "lapsed", _("Lapsed")


MOVES: dict[VisitState, set[VisitState]] = {
    VisitState.BOOKED: {VisitState.WAITING, VisitState.CANCELLED, VisitState.LAPSED},
    VisitState.WAITING: {
        VisitState.CALLED,
        VisitState.EXAM,  # waited again after it, and the day is over
        VisitState.CANCELLED,
        VisitState.LAPSED,
    },
    VisitState.CALLED: {
        VisitState.IN_CONSULTATION,
        VisitState.MISSED,
        VisitState.EXAM,  # not back from it yet
        VisitState.WAITING,
        VisitState.CANCELLED,
        VisitState.LAPSED,
    },
    VisitState.MISSED: {VisitState.WAITING, VisitState.CANCELLED, VisitState.LAPSED},
    VisitState.IN_CONSULTATION: {
        VisitState.EXAM,
        VisitState.WAITING,  # handed over before anything was written
        VisitState.FINISHED,
        VisitState.CANCELLED,  # by an administrator
    },
    VisitState.EXAM: {
        VisitState.WAITING,
        VisitState.IN_CONSULTATION,
        VisitState.FINISHED,
        VisitState.CANCELLED,
    },
    VisitState.FINISHED: {VisitState.IN_CONSULTATION},  # taken back by its doctor at once
    VisitState.CANCELLED: set(),
    VisitState.LAPSED: set(),
}
# Before the doctor has begun: such a visit can be cancelled at the desk.
NOT_BEGUN = {VisitState.BOOKED, VisitState.WAITING, VisitState.CALLED, VisitState.MISSED}
# With the doctor now.
WITH_DOCTOR = {VisitState.IN_CONSULTATION, VisitState.EXAM}
# A patient has at most one such visit per session.
LIVE = NOT_BEGUN | WITH_DOCTOR


def may_move(old: str, new: str) -> bool:
    """True when the table allows the step."""
    return VisitState(new) in MOVES[VisitState(old)]


class BookingState(models.TextChoices):
    """What became of an online booking (R-103)."""

    BOOKED = "booked", _("Booked")
    KEPT = "kept", _("Came")
    CANCELLED = "cancelled", _("Cancelled")
    MISSED = "missed", _("Did not come")


BOOKING_MOVES: dict[BookingState, set[BookingState]] = {
    BookingState.BOOKED: {BookingState.KEPT, BookingState.CANCELLED, BookingState.MISSED},
    BookingState.MISSED: {BookingState.KEPT},  # came late after all
    BookingState.KEPT: set(),
    BookingState.CANCELLED: set(),
}
