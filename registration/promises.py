"""People who hold a place of a session: by a number, or by an online booking not kept yet."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from registration.models import Booking, Registration, Session
from registration.states import NOT_BEGUN, BookingState


@dataclass(frozen=True)
class Promise:
    """One of them; exactly one of `visit` and `booking` is there."""

    visit: Registration | None = None
    booking: Booking | None = None

    @property
    def row(self) -> Registration | Booking:
        return self.visit or self.booking

    @property
    def key(self) -> UUID:
        return self.row.pk

    @property
    def name(self) -> str:
        return self.visit.patient.name if self.visit else self.booking.name

    @property
    def phone(self) -> str:
        """The person's own, else that of the contact person on file."""
        if self.booking:
            return self.booking.phone
        return self.visit.patient.phone or self.visit.patient.contact_phone or ""

    @property
    def is_contact_phone(self) -> bool:
        return bool(self.visit and not self.visit.patient.phone and self.phone)

    @property
    def slot(self) -> datetime.time | None:
        return self.row.slot

    @property
    def number(self) -> str:
        return self.visit.number if self.visit else ""

    @property
    def is_here(self) -> bool:
        """In the waiting room by now, so nobody has to telephone."""
        return bool(self.visit and self.visit.checked_in_at)

    @property
    def owner(self) -> dict:
        """The argument that names the row: registration= or booking=."""
        return {"registration": self.visit} if self.visit else {"booking": self.booking}

    def move_to(self, slot: datetime.time) -> None:
        """Another time of the same session."""
        self.row.slot = slot
        self.row.save(update_fields=["slot"])


def promises_of(sessions: Iterable[Session]) -> dict[int, list[Promise]]:
    """Whoever still has to be seen in these sessions, by time, in two queries.

    Who waits again after an examination is no promise: the record belongs to the doctor who began.
    """
    ids = [session.pk for session in sessions]
    visits = Registration.objects.filter(session__in=ids, state__in=NOT_BEGUN, started_at=None)
    booked = Booking.objects.filter(session__in=ids, state=BookingState.BOOKED)
    found: dict[int, list[Promise]] = {pk: [] for pk in ids}
    for visit in visits.select_related("patient").order_by("number"):
        found[visit.session_id].append(Promise(visit=visit))
    for booking in booked.order_by("slot", "made_at"):
        found[booking.session_id].append(Promise(booking=booking))
    for people in found.values():
        people.sort(key=lambda one: one.slot or datetime.time.min)
    return found


def promised_outside(session: Session, starts: datetime.time, ends: datetime.time) -> list[Promise]:
    """Whose promised time would not lie within these hours."""
    people = promises_of([session])[session.pk]
    return [one for one in people if one.slot and not starts <= one.slot < ends]
