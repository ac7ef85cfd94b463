"""Who was put with another doctor at the same hours and does not know it yet (替诊, R-100)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from registration.models import Clinician, StoppedContact
from registration.promises import Promise
from registration.states import NOT_BEGUN, BookingState
from registration.stopping import Person

Outcome = StoppedContact.Outcome
STILL_TO_BE_TOLD = {Outcome.HANDED_OVER, Outcome.NOT_REACHED}


@dataclass
class Moved(Person):
    """One of them, with the doctor of before; what was tried since the hand-over."""

    was_with: Clinician | None = None


def moved_ahead() -> list[Moved]:
    """Everybody who still has to be told, by day and time; in one query."""
    contacts = _contacts().select_related(
        "made_by",
        "session__clinician__user",
        "registration__patient",
        "registration__session__clinician__user",
        "booking__session__clinician__user",
    )
    found = []
    for tries in _untold(contacts):
        last = tries[-1]
        promise = Promise(visit=last.registration, booking=last.booking)
        if promise.row.session.stopped_at is None:  # else that doctor is away too: told there
            found.append(Moved(promise, tries, was_with=tries[0].session.clinician))
    found.sort(key=lambda one: (one.promise.row.session.date, str(one.promise.slot or "")))
    return found


def moved_left() -> int:
    """How many that are, for the desk's page; nobody's name is loaded."""
    contacts = _contacts().select_related("registration__session", "booking__session")
    rows = (tries[-1].registration or tries[-1].booking for tries in _untold(contacts))
    return sum(row.session.stopped_at is None for row in rows)


def _contacts():
    found = StoppedContact.objects.filter(session__date__gte=timezone.localdate())
    return found.order_by("made_at", "pk")


def _untold(contacts: Iterable[StoppedContact]) -> list[list[StoppedContact]]:
    """Of each who was handed over the contacts since then, while none of them told the person."""
    since: dict = {}
    for contact in contacts:
        owner = contact.registration_id or contact.booking_id
        if contact.outcome == Outcome.HANDED_OVER:
            since[owner] = [contact]
        elif owner in since:
            since[owner].append(contact)
    return [
        tries
        for tries in since.values()
        if tries[-1].outcome in STILL_TO_BE_TOLD and _is_expected(tries[-1])
    ]


def _is_expected(contact: StoppedContact) -> bool:
    visit, booking = contact.registration, contact.booking
    return visit.state in NOT_BEGUN if visit else booking.state == BookingState.BOOKED
