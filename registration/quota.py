"""How many places of a session are taken and left: in all, of the online share, slot by slot.

A place is taken by a number that was not cancelled and by a booking nobody has come for yet;
whoever came counts by the number. Added numbers stand outside the quota (R-99, R-102).
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count
from django.utils import timezone

from clinic.core.prepared import prepared
from clinic.core.site import setting
from registration.models import Booking, Registration, Session
from registration.slots import Slot, slot_at, slots_of
from registration.states import BookingState, VisitState


@dataclass
class Taken:
    """What of a session is in use."""

    total: int = 0
    online: int = 0
    added: int = 0
    online_is_open: bool = False
    promised: dict[datetime.time, int] = field(default_factory=lambda: defaultdict(int))

    def inside(self, slot: Slot) -> int:
        """Places promised within this slot; hours may have been cut differently before."""
        return sum(n for time, n in self.promised.items() if slot.starts <= time < slot.ends)

    def without(self, booking: Booking) -> None:
        """As if this booking of the session were not there, for who wants another time of it."""
        self.total -= 1
        self.online -= 1
        self.promised[booking.slot] -= 1


@dataclass(frozen=True)
class Opening:
    """A slot somebody could still have, and how many of its places are left."""

    slot: Slot
    left: int


def taken_of(sessions: Iterable[Session]) -> dict[int, Taken]:
    """The same for all of them, in two queries, or three where places are kept for online."""
    sessions = list(sessions)
    ids = [session.pk for session in sessions]
    found: dict[int, Taken] = {pk: Taken() for pk in ids}
    kept = [session for session in sessions if session.online_quota]
    closing = closing_minutes() if kept else 0
    for session in kept:
        found[session.pk].online_is_open = online_is_open(session, closing)
    for pk, slot, source, added, count in numbers_of(ids):
        taken = found[pk]
        if added:
            taken.added += count
            continue
        taken.total += count
        taken.online += count if source == Registration.Source.ONLINE else 0
        if slot is not None:
            taken.promised[slot] += count
    for pk, slot, count in bookings_of(ids):
        found[pk].total += count
        found[pk].online += count
        found[pk].promised[slot] += count
    return found


@prepared
def numbers_of(sessions: list[int]):
    rows = Registration.objects.filter(session__in=sessions).exclude(state=VisitState.CANCELLED)
    rows = rows.order_by().values_list("session", "slot", "source", "added")
    return rows.annotate(Count("pk"))


@prepared
def bookings_of(sessions: list[int]):
    rows = Booking.objects.filter(session__in=sessions, state=BookingState.BOOKED).order_by()
    return rows.values_list("session", "slot").annotate(Count("pk"))


def taken(session: Session) -> Taken:
    """What of this session is in use."""
    return taken_of([session])[session.pk]


def places_taken(session: Session) -> int:
    """How many places of the quota are in use; a cancelled one goes back (R-102)."""
    return taken(session).total


def is_used(session: Session) -> bool:
    """True when anybody holds, or held, a number or booking of it that was not cancelled."""
    in_use = taken(session)
    return bool(in_use.total or in_use.added)


def left_on_site(session: Session, taken: Taken) -> int:
    """Places the desk may give: what is kept for online booking is not among them while that
    is still open (R-99).
    """
    kept = max(0, session.online_quota - taken.online) if taken.online_is_open else 0
    return session.quota - taken.total - kept


def left_online(session: Session, taken: Taken) -> int:
    """Places somebody could still book online; numbers given at the desk count too."""
    if not taken.online_is_open:
        return 0
    return max(0, min(session.online_quota - taken.online, session.quota - taken.total))


def closing_minutes() -> int:
    """So long before a session online booking ends (R-103)."""
    return setting("booking.close_minutes")


def online_is_open(session: Session, closing: int) -> bool:
    """True until so many minutes before the session: then places nobody booked online go to
    whoever comes.
    """
    now = timezone.localtime() + datetime.timedelta(minutes=closing)
    return (session.date, session.starts) > (now.date(), now.time())


def openings(session: Session, taken: Taken, *, online: bool = False) -> list[Opening]:
    """The slots that are not over, full ones too: nobody searches for a time that is gone."""
    now = timezone.localtime()
    left = left_online(session, taken) if online else left_on_site(session, taken)
    return [
        Opening(slot, max(0, min(slot.places - taken.inside(slot), left)))
        for slot in slots_of(session)
        if (session.date, slot.ends) > (now.date(), now.time())
    ]


def opening_at(
    session: Session, taken: Taken, time: datetime.time, *, online: bool = False
) -> Opening | None:
    """The slot that begins at `time`, if it is one and not over."""
    slot = slot_at(session, time)
    found = openings(session, taken, online=online)
    return next((one for one in found if slot and one.slot == slot and slot.starts == time), None)
