"""Another time or another doctor for somebody who holds a place: rebooking and handing over.

Rebooking gives a new number, since it is another doctor's or another day's; handing over keeps it:
the slip in the patient's hand stays true (R-89, R-100).

Lock order: sessions by their key, then visit or booking, then the counter.
"""

import datetime
from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry, lock
from registration import booking as numbers
from registration import quota, scheduling
from registration.bookings_desk import check_booked
from registration.models import Booking, Clinician, Registration, Session, StoppedContact
from registration.moves import locked, move
from registration.promises import Promise, promises_of
from registration.slots import slot_at, slots_of
from registration.states import LIVE, NOT_BEGUN, VisitState
from registration.stopping import note

Priority, Outcome = Registration.Priority, StoppedContact.Outcome
PRESENT = {VisitState.WAITING, VisitState.CALLED, VisitState.MISSED}


@dataclass
class HandedOver:
    """What came of handing a session over."""

    session: Session
    moved: int = 0
    left: list[Promise] = field(default_factory=list)  # have a place with that doctor already


@atomic_retry
def move_visit(
    *,
    registration: Registration,
    session: Session,
    by,
    slot: datetime.time | None = None,
    added: bool = False,
) -> Registration:
    """Give the patient a number of another session instead; whoever waits keeps their time.

    Within the same session only the promised time changes.
    """
    old, new = locked_sessions(registration.session_id, session.pk)
    registration = locked(registration)
    _check_not_begun(registration)
    numbers.check_session(new)
    if old.pk == new.pk:
        return _other_time(registration, new, slot, added)
    numbers.check_not_registered(numbers.live_key_of(new, registration.patient))
    numbers.check_not_booked(new, registration.patient)
    slot, is_full = numbers.claim_place(new, slot, beyond=added)
    is_here = registration.state in PRESENT and new.date == timezone.localdate()
    priority = Priority(registration.priority)
    moved = numbers.new_number(
        new,
        registration.patient,
        by=by,
        slot=slot,
        added=is_full,
        source=registration.source,
        priority=priority if slot is None else max(priority, Priority.BOOKED),
        priority_reason=registration.priority_reason,
    )
    if is_here:
        numbers.put_in_queue(moved)
        moved.checked_in_at = registration.checked_in_at
    else:
        moved.slip_prints = 0  # told on the phone; the paper comes at check-in
    _give_back(registration, old, by)
    moved.save()
    if moved.slip_prints:
        numbers.note_print(moved)
    _note(old, Outcome.REBOOKED, by, registration=registration)
    return moved


@atomic_retry
def move_booking(
    *,
    booking: Booking,
    session: Session,
    by,
    slot: datetime.time | None = None,
    added: bool = False,
) -> Booking:
    """Another time for an online booking; its code stays, so the person finds it again."""
    old, new = locked_sessions(booking.session_id, session.pk)
    booking = lock(Booking.objects.filter(pk=booking.pk)).get()
    check_booked(booking)
    numbers.check_session(new)
    _check_booking_alone(booking, new)
    slot, is_full = numbers.claim_place(new, slot or _first_time(new), beyond=added)
    if slot is None:
        raise RuleBroken(_("Not moved: please choose a time."), field="place", rule="R-103")
    if is_full:
        make_room(new, 1)
    booking = _take_booking(booking, new, slot)
    _note(old, Outcome.REBOOKED, by, booking=booking)
    return booking


@atomic_retry
def hand_over(
    *, session: Session, clinician: Clinician, by, only: Collection[UUID] = ()
) -> HandedOver:
    """Another doctor sees the people of this session, at the same hours (替诊).

    `only` names visits and bookings; without it everybody is handed over. If that doctor has no
    session then, one is made like this one. Its quota grows as far as it must: nobody loses their
    place.
    """
    target = _session_of(clinician, session)
    old, new = locked_sessions(session.pk, target.pk)
    _check_substitute(old, clinician)
    if new.stopped_at is not None:
        raise RuleBroken(
            _("Not handed over: %(doctor)s is away then, too. Please choose another doctor.")
            % {"doctor": clinician.user.full_name},
            field="clinician",
            rule="R-100",
        )
    report = HandedOver(new)
    people = [one for one in promises_of([old])[old.pk] if not only or one.key in only]
    report.left = [one for one in people if _has_place(one, new)]
    moving = [one for one in people if one not in report.left]
    make_room(new, len(moving))
    for one in moving:
        if one.visit:
            take_visit(one.visit, new)
        else:
            _take_booking(one.booking, new, _time_in(new, one.slot))
        _note(old, Outcome.HANDED_OVER, by, **one.owner)
        report.moved += 1
    return report


# -- what handing over one patient needs too --


def locked_sessions(old: int, new: int) -> tuple[Session, Session]:
    """Both sessions, locked in the order of their keys."""
    rows = {row.pk: row for row in lock(Session.objects.filter(pk__in=[old, new]).order_by("pk"))}
    return rows[old], rows[new]


def make_room(session: Session, people: int) -> None:
    """Let the quota hold so many more people than those who have a place."""
    wanted = quota.taken(session).total + people
    if wanted > session.quota:
        session.quota, session.by_hand = wanted, True
        session.save(update_fields=["quota", "by_hand"])


def take_visit(visit: Registration, session: Session) -> Registration:
    """Put the visit under the other session; number and check-in stay, so does the wait."""
    visit = locked(visit)
    if visit.state == VisitState.CALLED:
        move(visit, VisitState.WAITING)
    visit.session, visit.slot = session, _time_in(session, visit.slot)
    visit.live_key = numbers.live_key_of(session, visit.patient)
    visit.added = False  # the other session's quota was made to hold everybody
    visit.save()
    return visit


# -- inside --


def _check_not_begun(registration: Registration) -> None:
    if registration.state not in NOT_BEGUN:
        raise RuleBroken(
            _("Not moved: %(number)s is now “%(state)s”. Please look at the list again.")
            % {"number": registration.number, "state": registration.get_state_display()},
            rule="R-100",
        )


def _other_time(
    registration: Registration, session: Session, slot: datetime.time | None, added: bool
) -> Registration:
    registration.slot, is_full = numbers.claim_place(session, slot, beyond=added)
    registration.added = registration.added or (is_full and slot is not None)
    registration.save(update_fields=["slot", "added"])
    return registration


def _give_back(registration: Registration, session: Session, by) -> None:
    reasons = Registration.CancelReason
    reason = reasons.WRONG_DOCTOR if session.open else reasons.STOPPED
    numbers.cancel_visit(registration=registration, reason=reason, by=by)


def _note(session: Session, outcome: str, by, **owner) -> None:
    if session.stopped_at is not None:
        note(session, outcome, by=by, **owner)


def _first_time(session: Session) -> datetime.time | None:
    """A booking always has a time, also on the day itself."""
    free = [one for one in quota.openings(session, quota.taken(session)) if one.left > 0]
    return free[0].slot.starts if free else None


def _check_booking_alone(booking: Booking, session: Session) -> None:
    """Nobody books the same session twice (R-102)."""
    others = Booking.objects.filter(live_key=_booking_key(booking, session))
    if others.exclude(pk=booking.pk).exists():
        raise RuleBroken(
            _("Not moved: this person has booked the same doctor and time of day already."),
            field="place",
            rule="R-102",
        )


def _booking_key(booking: Booking, session: Session) -> str:
    return f"{session.pk}/{(booking.live_key or '').partition('/')[2]}"


def _check_substitute(session: Session, clinician: Clinician) -> None:
    if session.stopped_at is None:
        raise RuleBroken(_("Not handed over: this session is held. Please stop it first."))
    if clinician.pk == session.clinician_id or not clinician.active:
        raise RuleBroken(_("Please choose another doctor."), field="clinician", rule="R-100")


def _session_of(clinician: Clinician, like: Session) -> Session:
    """The other doctor's session of the same part of the day, made if there is none."""
    theirs = scheduling.sessions_of(clinician, like.date)
    target = next((one for one in theirs if one.period == like.period), None)
    if target is not None and (target.open or target.stopped_at is not None):
        return target
    target = target or Session(clinician=clinician, date=like.date, period=like.period)
    for name in scheduling.TAKEN_OVER:
        setattr(target, name, getattr(like, name))
    target.open = target.by_hand = True
    target.save()
    return target


def _has_place(one: Promise, session: Session) -> bool:
    if one.visit:
        key = numbers.live_key_of(session, one.visit.patient)
        return Registration.objects.filter(live_key=key, state__in=LIVE).exists()
    return Booking.objects.filter(live_key=_booking_key(one.booking, session)).exists()


def _time_in(session: Session, time: datetime.time | None) -> datetime.time | None:
    """The promised time, or the nearest one the other doctor has."""
    if time is None or slot_at(session, time):
        return time
    slots = slots_of(session)
    return (slots[0] if time < session.starts else slots[-1]).starts


def _take_booking(booking: Booking, session: Session, slot: datetime.time | None) -> Booking:
    booking = lock(Booking.objects.filter(pk=booking.pk)).get()
    booking.live_key = _booking_key(booking, session)
    booking.session, booking.slot = session, slot
    booking.save(update_fields=["session", "slot", "live_key"])
    return booking
