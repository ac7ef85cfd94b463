"""Online bookings at the desk: who booked today, checking in, giving the place back (R-103).

A booking is kept by becoming a registration: its place is counted once, before and after.

Lock order: session, then the booking.
"""

import datetime
import hashlib
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry, lock
from patients.models import Patient
from registration import booking as numbers
from registration.booking_code import clean_code
from registration.models import Booking, Registration, Session
from registration.states import BOOKING_MOVES, BookingState
from security import audit
from security.permissions import P

Priority = Registration.Priority
BEGUN = ["name", "id_type", "id_number", "phone"]  # fields of a file that a booking tells


@atomic_retry
def keep_booking(*, booking: Booking, patient: Patient, by) -> Registration:
    """The person has come: their file gets the number, the promised time stays."""
    session = lock(Session.objects.filter(pk=booking.session_id)).get()
    booking = lock(Booking.objects.filter(pk=booking.pk)).get()
    was_missed = booking.state == BookingState.MISSED
    check_there(booking, session)
    _check_may_keep(booking, session)
    numbers.check_not_stopped(session)
    numbers.check_patient(patient)
    if not patient.id_number or patient.id_number.upper() != booking.id_number.upper():
        raise RuleBroken(
            _(
                "Not checked in: the file %(number)s has another document number than the "
                "booking. Please look at the document and correct the file, or choose another one."
            )
            % {"number": patient.record_no},
            rule="R-103",
        )
    numbers.check_not_registered(numbers.live_key_of(session, patient))
    # A booking somebody came too late for gave its place back; then the number is an added one.
    added = was_missed and numbers.claim_place(session, None, beyond=True)[1]
    priority, reason = numbers.priority_for(patient)
    registration = numbers.new_number(
        session,
        patient,
        by=by,
        slot=booking.slot,
        added=added,
        source=Registration.Source.ONLINE,
        priority=max(priority, Priority.BOOKED),
        priority_reason=reason,
    )
    numbers.check_not_early(registration)
    numbers.put_in_queue(registration)
    registration.save()
    numbers.note_print(registration)
    end_booking(booking, BookingState.KEPT, registration=registration)
    return registration


@atomic_retry
def drop_booking(*, booking: Booking, by) -> Booking:
    """The person told the desk that they don't come: the place is free again (R-102)."""
    lock(Session.objects.filter(pk=booking.session_id)).get()
    booking = lock(Booking.objects.filter(pk=booking.pk)).get()
    check_booked(booking)
    return end_booking(booking, BookingState.CANCELLED)


def check_booked(booking: Booking) -> None:
    if booking.state != BookingState.BOOKED:
        raise RuleBroken(
            _("Not done: this booking is now “%(state)s”. Please look at the list again.")
            % {"state": booking.get_state_display()},
            rule="R-103",
        )


def check_there(booking: Booking, session: Session) -> None:
    """The locked booking still belongs to the session that was locked before it."""
    if booking.session_id != session.pk:
        raise RuleBroken(
            _("Not done: this booking was moved to another time just now. Please open it again."),
            rule="R-103",
        )


def bookings_on(day: datetime.date) -> list[Booking]:
    """Who booked for this day and is not here yet, by time; one query."""
    alive = Booking.objects.filter(
        session__date=day, state__in=[BookingState.BOOKED, BookingState.MISSED]
    )
    alive = alive.select_related("session__clinician__user", "session__room")
    return list(alive.order_by("session__starts", "slot", "made_at"))


def find_bookings(text: str) -> list[Booking]:
    """Bookings of today and later by code, document or phone, whatever the person has at hand."""
    text = "".join(text.split())
    ahead = Booking.objects.filter(
        session__date__gte=timezone.localdate(),
        state__in=[BookingState.BOOKED, BookingState.MISSED],
    )
    ahead = ahead.select_related("session__clinician__user", "session__room")
    found = {}
    for question in ({"code": clean_code(text)}, {"id_number": text}, {"phone": text}):
        for booking in ahead.find(**question):
            found[booking.pk] = booking
    return sorted(found.values(), key=lambda one: (one.session.date, one.slot))


def file_of(booking: Booking) -> Patient | None:
    """The one file with this document number, if there is one."""
    files = Patient.objects.filter(state=Patient.State.ACTIVE)
    return next(iter(files.find(id_number=booking.id_number)), None)


def begin_file(key: str, *, by) -> dict:
    """What the booking tells of a person without a file, so that nothing is typed twice."""
    try:
        booking = Booking.objects.filter(pk=UUID(key)).first()
    except ValueError:
        return {}
    if booking is None or not by.has_perm(P.REGISTER_VISIT):
        return {}
    note_read(by=by, screen="patient_new", bookings=[booking], data={"fields": BEGUN})
    return {name: getattr(booking, name) for name in BEGUN}


def note_read(*, by, screen: str, bookings: list[Booking], data: dict | None = None) -> None:
    """Note who saw what strangers typed into bookings: like reading a file, once in a while."""
    if not bookings:
        return
    ids = sorted(booking.pk.hex for booking in bookings)
    joined = "".join([str(by.pk), screen, *ids, *(data or {})])
    audit.record_seen(
        key=hashlib.sha256(joined.encode()).hexdigest()[:32],
        screen=screen,
        data={"bookings": ids, **(data or {})},
    )


def end_booking(booking: Booking, state: BookingState, **fields) -> Booking:
    """What all ends have in common: the place is free, the same person may book it again."""
    booking.state, booking.ended_at, booking.live_key = state, timezone.now(), None
    for name, value in fields.items():
        setattr(booking, name, value)
    booking.save(update_fields=["state", "ended_at", "live_key", *fields])
    return booking


def _check_may_keep(booking: Booking, session: Session) -> None:
    if BookingState.KEPT not in BOOKING_MOVES[BookingState(booking.state)]:
        check_booked(booking)
    if session.date != timezone.localdate():
        raise RuleBroken(
            _("Not checked in: this booking is for %(day)s. Please move it to today instead.")
            % {"day": session.date},
            rule="R-103",
        )
