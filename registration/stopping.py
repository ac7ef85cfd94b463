"""A doctor is away (R-100): nobody new, and everybody who holds a place is told and looked after.

Whatever is done for a person of a stopped session is noted as a StoppedContact; so is every try
to reach them. Moving to another time or doctor stands in registration.moving.
"""

import datetime
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.transactions import atomic_retry, lock
from registration import booking as numbers
from registration import scheduling
from registration.bookings_desk import drop_booking
from registration.models import Booking, Clinician, Registration, Session, StoppedContact
from registration.promises import Promise, promises_of
from registration.states import NOT_BEGUN, BookingState, VisitState

Outcome = StoppedContact.Outcome
# What a person writes down after trying to reach somebody; the others are written by the verbs.
TRIES = [Outcome.REACHED, Outcome.NOT_REACHED, Outcome.MESSAGE, Outcome.IN_PERSON]
MOST_DAYS = 31


@dataclass
class Person:
    """Somebody to be told, with what was tried so far; the page says how the phone is shown."""

    promise: Promise
    tries: list[StoppedContact]
    phone: str = ""


@dataclass(frozen=True)
class Stopped:
    """A session that will not be held, and who still has to be looked after."""

    session: Session
    people: list[Person]
    has_begun: bool  # somebody was told or moved: opening it again is no mere undo


@atomic_retry
def stop_days(
    *,
    clinician: Clinician,
    since: datetime.date,
    until: datetime.date,
    reason: str,
    by,
    period: str = "",
) -> list[Session]:
    """The doctor is away on these days, or for one part of each; returns what was stopped."""
    _check_days(since, until)
    stopped = []
    for number in range((until - since).days + 1):
        for session in scheduling.sessions_of(clinician, since + datetime.timedelta(days=number)):
            if session.open and period in ("", session.period) and not _is_over(session):
                stopped.append(stop_session(session=session, reason=reason, by=by))
    if not stopped:
        raise RuleBroken(
            _(
                "Nothing was stopped: %(doctor)s has no open session in these days. Please check "
                "the dates."
            )
            % {"doctor": clinician.user.full_name},
            field="since",
            rule="R-100",
        )
    return stopped


@atomic_retry
def stop_session(*, session: Session, reason: str, by) -> Session:
    """From now on no new number and no new booking; those given stay until they are moved."""
    session = lock(Session.objects.filter(pk=session.pk)).get()
    if session.stopped_at is not None:
        raise AlreadyDone(_("This session is stopped already."), rule="R-100")
    session.open = False
    session.stopped_at, session.stopped_by = timezone.now(), by
    session.stop_reason = Session.StopReason(reason)
    session.save()
    return session


@atomic_retry
def reopen(*, session: Session, by, knowingly: bool = False) -> Session:
    """The doctor comes after all. Once somebody was told or moved, only `knowingly`."""
    session = lock(Session.objects.filter(pk=session.pk)).get()
    if session.stopped_at is None or session.date < timezone.localdate():
        raise RuleBroken(_("Not opened again: this session is not stopped, or is over."))
    if has_begun(session) and not knowingly:
        raise RuleBroken(
            _(
                "Not opened again: people were told already that the doctor is away. Tick that "
                "you know; those who were moved stay where they are now."
            ),
            rule="R-100",
        )
    session.open, session.stop_reason = True, ""
    session.stopped_at = session.stopped_by = None
    session.save()
    return session


@atomic_retry
def record_contact(
    *,
    outcome: str,
    by,
    registration: Registration | None = None,
    booking: Booking | None = None,
) -> StoppedContact:
    """Note one try to tell somebody: reached, not reached, told by message or in person.

    Of whoever was handed over to another doctor it is noted beside the session they were moved
    from (R-100).
    """
    if outcome not in TRIES:
        raise RuleBroken(_("Please choose how it went."), field="outcome")
    session = lock(Session.objects.filter(pk=(registration or booking).session_id)).get()
    if session.stopped_at is None:
        session = _handed_over_from(registration, booking)
    return note(session, outcome, by=by, registration=registration, booking=booking)


@atomic_retry
def cancel_stopped(
    *, by, registration: Registration | None = None, booking: Booking | None = None
) -> StoppedContact:
    """The person wants no other time: the number or booking is given back (R-102)."""
    session = lock(Session.objects.filter(pk=(registration or booking).session_id)).get()
    _check_stopped(session)
    if registration is not None:
        reason = Registration.CancelReason.STOPPED
        numbers.cancel_visit(registration=registration, reason=reason, by=by)
    else:
        drop_booking(booking=booking, by=by)
    return note(session, Outcome.CANCELLED, by=by, registration=registration, booking=booking)


def note(session: Session, outcome: str, *, by, registration=None, booking=None) -> StoppedContact:
    """One more row of the log of contacts."""
    return StoppedContact.objects.create(
        session=session, registration=registration, booking=booking, outcome=outcome, made_by=by
    )


def has_begun(session: Session) -> bool:
    """True when somebody was told, moved or has cancelled since the session was stopped."""
    since = session.stopped_at
    return (
        session.contacts.filter(made_at__gte=since).exists()
        or session.registrations.filter(
            state=VisitState.CANCELLED, cancelled_at__gte=since
        ).exists()
        or session.bookings.filter(state=BookingState.CANCELLED, ended_at__gte=since).exists()
    )


def stopped_ahead() -> list[Stopped]:
    """Every stopped session that is not over, soonest first, with who is left of it."""
    sessions = _ahead().select_related(
        "clinician__user", "clinician__department", "room", "stopped_by"
    )
    sessions = list(sessions.order_by("date", "starts", "clinician__letter"))
    people = promises_of(sessions)
    tries: dict = {}
    begun = set()
    for contact in StoppedContact.objects.filter(session__in=sessions).select_related("made_by"):
        tries.setdefault(contact.registration_id or contact.booking_id, []).append(contact)
        begun.add(contact.session_id)
    return [
        Stopped(
            session,
            [Person(one, tries.get(one.key, [])) for one in people[session.pk]],
            session.pk in begun,
        )
        for session in sessions
    ]


def people_left() -> int:
    """How many people of stopped sessions still wait for a word; for the desk's page."""
    ahead = _ahead()
    visits = Registration.objects.filter(session__in=ahead, state__in=NOT_BEGUN, started_at=None)
    numbers_left = visits.count()
    booked = Booking.objects.filter(session__in=ahead, state=BookingState.BOOKED).count()
    return numbers_left + booked


def _ahead():
    return Session.objects.filter(date__gte=timezone.localdate(), stopped_at__isnull=False)


def _handed_over_from(registration: Registration | None, booking: Booking | None) -> Session:
    """The stopped session from which this person was put with another doctor."""
    found = StoppedContact.objects.filter(
        registration=registration,
        booking=booking,
        outcome=Outcome.HANDED_OVER,
        session__date__gte=timezone.localdate(),
    )
    contact = found.select_related("session").order_by("made_at", "pk").last()
    if contact is None:
        raise _nothing_written()
    return contact.session


def _is_over(session: Session) -> bool:
    now = timezone.localtime()
    return (session.date, session.ends) <= (now.date(), now.time())


def _check_days(since: datetime.date, until: datetime.date) -> None:
    if since < timezone.localdate():
        raise RuleBroken(
            _("The first day is over. Please begin with today or later."), field="since"
        )
    if until < since:
        raise RuleBroken(
            _("The last day lies before the first. Please write the days again."), field="until"
        )
    if (until - since).days >= MOST_DAYS:
        raise RuleBroken(
            _("At most %(days)s days at once. Please stop the rest separately.")
            % {"days": MOST_DAYS},
            field="until",
        )


def _check_stopped(session: Session) -> None:
    if session.stopped_at is None:
        raise _nothing_written()


def _nothing_written() -> RuleBroken:
    return RuleBroken(
        _("Nothing was written: this session is held. Please look at the list again.")
    )
