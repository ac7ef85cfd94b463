"""Booking online: made, shown, changed and cancelled by whoever holds the code (R-99 to R-104).

Nothing here reads a file or a number at the desk by person, so neither words nor time can tell
whether somebody is a patient. Whoever holds a number of the same session from the desk is booked
like anybody else; the desk meets both (`bookings_desk.keep_booking`), and `close_missed` counts no
one as absent who was there. The limits of a person count bookings alone, which anybody can make
under any document number, whatever became of them at the desk, and refuse in the same words.

Lock order: the count of the identity, sessions by id, the booking.
"""

import datetime
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.site import setting
from clinic.core.transactions import atomic_retry, lock
from registration import online_limits as limits
from registration import quota
from registration.booking_code import clean_code, code_for
from registration.bookings_desk import check_there, end_booking
from registration.models import Booking, Session
from registration.states import BookingState
from security import throttles


@dataclass(frozen=True)
class Person:
    """What was typed about whoever will come, checked and in its one spelling."""

    name: str
    id_type: str
    id_number: str
    phone: str


def book(
    *, session: Session, slot: datetime.time, person: Person, nonce: str, address: str, by=None
) -> Booking:
    """Hold a place for `person`. The same form sent again leads to the same booking."""
    limits.count_try(address, person.id_number)
    try:
        return _book(session=session, slot=slot, person=person, nonce=nonce)
    except RuleBroken:
        limits.spend(nonce)  # what was taken back with the transaction: the question was used
        raise


@atomic_retry
def _book(*, session: Session, slot: datetime.time, person: Person, nonce: str) -> Booking:
    throttles.hold(limits.of_person(person.id_number))
    session = _locked(session)
    made = _made_with(nonce, session, person)
    if made is not None:
        return made
    if not limits.spend(nonce) or Booking.objects.find(code=code_for(nonce)):
        raise RuleBroken(
            _("Not booked yet: please answer the new question below and press the button again."),
            field="answer",
        )
    check_session(session)
    limits.check_person(person.id_number, session)
    _check_place(session, quota.taken(session), slot)
    booking = Booking(
        session=session,
        slot=slot,
        code=code_for(nonce),
        live_key=f"{session.pk}/{limits.digest(person.id_number)}",
        **vars(person),
    )
    booking.save()
    return booking


def show(*, code: str, last4: str, address: str, by=None) -> Booking:
    """The booking of this code, for whoever also knows the end of the phone number.

    The same words after the same work, whichever of the two is wrong.
    """
    code = clean_code(code)
    limits.check_code(address, code)
    found = next(iter(_with_places().find(code=code)), None)
    phone = found.phone if found is not None else _nobodys_phone()
    if not (limits.same(phone[-4:], last4) and found is not None):
        limits.count_wrong_code(address, code)
        raise RuleBroken(
            _(
                "No booking has this code together with this phone number. Please compare the "
                "code with what you wrote down, and type the last four digits of the phone."
            ),
            field="code",
        )
    return found


@atomic_retry
def cancel(*, booking: Booking, by=None) -> Booking:
    """Give the place back (R-102); possible until the promised time."""
    session = _locked(booking.session)
    booking = lock(Booking.objects.filter(pk=booking.pk)).get()
    check_there(booking, session)
    check_open(booking, session)
    return end_booking(booking, BookingState.CANCELLED)


@atomic_retry
def change(*, booking: Booking, session: Session, slot: datetime.time, by=None) -> Booking:
    """Another time; the code stays. The old place is free only when the new one is had."""
    throttles.hold(limits.of_person(booking.id_number))
    before = booking.session_id
    ids = {before, session.pk}
    held = {one.pk: one for one in lock(Session.objects.filter(pk__in=ids).order_by("pk"))}
    booking = lock(Booking.objects.filter(pk=booking.pk)).get()
    check_there(booking, held[before])
    check_open(booking, held[before])
    session = held[session.pk]
    check_session(session)
    in_use = quota.taken(session)
    if booking.session_id == session.pk:
        in_use.without(booking)
    limits.check_person(booking.id_number, session, besides=booking)
    _check_place(session, in_use, slot)
    booking.session, booking.slot = session, slot
    booking.live_key = f"{session.pk}/{(booking.live_key or '').partition('/')[2]}"
    booking.save(update_fields=["session", "slot", "live_key"])
    return booking


def is_open(booking: Booking, session: Session) -> bool:
    """True while its holder can still do something with it."""
    now = timezone.localtime()
    ahead = (session.date, booking.slot) > (now.date(), now.time())
    return booking.state == BookingState.BOOKED and ahead


def check_open(booking: Booking, session: Session) -> None:
    """One sentence for cancelled, checked in and over: it tells nothing about who was here."""
    if not is_open(booking, session):
        raise RuleBroken(
            _(
                "Nothing was changed: this booking is closed. It was cancelled or used, or its "
                "time has come. Please telephone or come to the front desk."
            ),
            rule="R-103",
        )


def check_session(session: Session) -> None:
    """Bookable online at this moment: held, near enough, not too late (R-99, R-103)."""
    last = timezone.localdate() + datetime.timedelta(days=setting("booking.days"))
    is_late = not quota.online_is_open(session, quota.closing_minutes())
    if not session.open or session.date > last or is_late:
        raise RuleBroken(
            _("Not booked: this doctor can't be booked online then any more. Please choose again."),
            field="time",
            rule="R-103",
        )


def _check_place(session: Session, in_use: quota.Taken, slot: datetime.time) -> None:
    opening = quota.opening_at(session, in_use, slot, online=True)
    if opening is None or opening.left <= 0:
        raise RuleBroken(
            _(
                "Not booked: the places at %(time)s are gone by now. Please choose another time; "
                "what you typed is kept."
            )
            % {"time": slot.strftime("%H:%M")},
            field="time",
            rule="R-99",
        )


def _made_with(nonce: str, session: Session, person: Person) -> Booking | None:
    """What this very form made before, when it is sent once more by a second touch or a reload."""
    alive = Booking.objects.filter(session=session, state=BookingState.BOOKED)
    made = next(iter(alive.find(code=code_for(nonce))), None)
    same = made is not None and (made.id_number, made.phone) == (person.id_number, person.phone)
    return made if same else None


def _locked(session: Session) -> Session:
    return lock(Session.objects.filter(pk=session.pk)).get()


def _with_places():
    return Booking.objects.select_related(
        "session__clinician__user", "session__clinician__department", "session__room"
    )


def _nobodys_phone() -> str:
    """Opening it costs what opening a booking's code and phone costs."""
    row, phone = Booking().pk, Booking._meta.get_field("phone")
    for _again in range(2):
        phone.open(phone.seal("0" * 11, row), row)
    return "-" * 4
