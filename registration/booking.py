"""Giving out and taking back numbers: register, check in, cancel, print again.

Lock order: session, the patient, then counter; a visit's own row where it exists.
"""

import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.days import moment
from clinic.core.errors import RuleBroken
from clinic.core.numbers import next_number
from clinic.core.prepared import held, prepared
from clinic.core.site import setting
from clinic.core.together import asked_together
from clinic.core.transactions import atomic_retry, lock
from patients import in_force
from patients.age import age_years
from patients.models import Patient
from registration.models import Booking, Clinician, Registration, Session
from registration.moves import check_from, joins_at, last_in_line, locked, move
from registration.quota import (
    bookings_of,
    left_on_site,
    numbers_of,
    opening_at,
    openings,
    places_taken,
    taken,
)
from registration.states import NOT_BEGUN, BookingState, VisitState
from security import audit
from security.permissions import P

__all__ = [
    "cancel_visit",
    "check_in",
    "places_taken",
    "print_again",
    "priority_for",
    "register_visit",
]
Priority, Reason = Registration.Priority, Registration.Reason
ANY_TIME = 24 * 60  # minutes: check-in opens with the day


def priority_for(patient: Patient, reason: str = "") -> tuple[Priority, str]:
    """The class somebody is called in and why (R-92): by the reason given, else by age."""
    if reason == Reason.EMERGENCY:
        return Priority.EMERGENCY, reason
    if reason:
        return Priority.PRIORITY, Reason(reason).value
    if age_years(patient.birth_date, timezone.localdate()) >= setting("queue.priority_age"):
        return Priority.PRIORITY, Reason.ELDERLY.value
    return Priority.NORMAL, ""


@atomic_retry
def register_visit(
    *,
    patient: Patient,
    session: Session,
    by,
    priority: int | None = None,
    reason: str = "",
    slot: datetime.time | None = None,
    added: bool = False,
) -> Registration:
    """Give `patient` a number of `session`, and check in at once where the site does so.

    The number is the doctor's letter and the next of the day; it is never given twice (R-89).
    With a `slot`, or for a later day, a time is promised and the patient checks in when they
    come. `added` gives a number on top of the quota, if there is no place left (R-99).
    """
    session = _held_session(session)
    _check_may(by, session)
    check_patient(patient)
    check_session(session)
    with asked_together(*_asked_of(session, patient)):
        registration = _numbered(session, patient, by, priority, reason, slot, added=added)
    registration.save()
    if registration.slip_prints:
        note_print(registration)
    return registration


def _numbered(session, patient, by, priority, reason, slot, *, added: bool) -> Registration:
    """The registration with its number and place in the line; not stored yet."""
    live_key = live_key_of(session, patient)
    check_not_registered(live_key)
    check_not_booked(session, patient)
    if priority is None:
        priority, reason = priority_for(patient, reason)
    is_urgent = priority >= Priority.EMERGENCY  # never sent away for want of a number
    slot, is_full = claim_place(session, slot, beyond=added or is_urgent)
    comes_later = slot is not None or not by.has_perm(P.REGISTER_VISIT)
    if slot is not None:
        priority = max(priority, Priority.BOOKED)
    registration = new_number(
        session,
        patient,
        by=by,
        slot=slot,
        added=is_full,
        priority=priority,
        priority_reason=reason,
        live_key=live_key,
    )
    if not comes_later and setting("site.check_in_at_desk"):
        put_in_queue(registration)
    return registration


def _asked_of(session: Session, patient: Patient) -> list[tuple]:
    """What is asked once both are locked (clinic.core.together)."""
    return [
        (_holding, (live_key_of(session, patient),)),
        (numbers_of, ([session.pk],)),
        (bookings_of, ([session.pk],)),
        (_letter, (session.clinician_id,)),
        (last_in_line, (session.pk,)),
    ]


def _held_session(session: Session) -> Session:
    found = _held.first(session)
    if found is None:
        raise Session.DoesNotExist
    return found


@held
def _held(session: int):
    return lock(Session.objects.filter(pk=session))


@prepared
def _holding(live_key: str):
    return Registration.objects.filter(live_key=live_key).order_by("pk")[:1]


@prepared
def _letter(clinician: int):
    return Clinician.objects.filter(pk=clinician).order_by().values_list("letter", flat=True)


@atomic_retry
def check_in(*, registration: Registration, by) -> Registration:
    """The patient has come: from now on they wait (R-87)."""
    registration = locked(registration)
    if registration.day != timezone.localdate():
        raise RuleBroken(
            _("Not checked in: %(number)s is for %(day)s. Please register for today instead.")
            % {"number": registration.number, "day": registration.day}
        )
    check_from(registration, VisitState.BOOKED)
    check_not_stopped(registration.session)
    check_not_early(registration)
    put_in_queue(registration)
    first_slip = not registration.slip_prints  # made without the desk: the paper comes now
    registration.slip_prints += first_slip
    registration.save()
    if first_slip:
        note_print(registration)
    return registration


@atomic_retry
def cancel_visit(*, registration: Registration, reason: str, by) -> Registration:
    """Take the number back before the doctor has begun; the place is free again (R-102)."""
    registration = locked(registration)
    if registration.state not in NOT_BEGUN or registration.started_at is not None:
        raise RuleBroken(
            _(
                "Not cancelled: %(number)s is now “%(state)s”. A registration can be cancelled "
                "only before the doctor has begun; after that an administrator can."
            )
            % {"number": registration.number, "state": registration.get_state_display()},
            rule="R-102",
        )
    move(registration, VisitState.CANCELLED)
    registration.cancel_reason = Registration.CancelReason(reason)
    registration.cancelled_at = timezone.now()
    registration.cancelled_by = by
    registration.save()
    return registration


@atomic_retry
def print_again(*, registration: Registration, by) -> Registration:
    """Count one more print of the slip; it will say so (R-160)."""
    registration = locked(registration)
    registration.slip_prints += 1
    registration.save(update_fields=["slip_prints"])
    note_print(registration)
    return registration


# -- what the other verbs that give numbers need too --


def live_key_of(session: Session, patient: Patient) -> str:
    return f"{session.pk}/{patient.pk.hex}"


def new_number(session: Session, patient: Patient, *, by, **fields) -> Registration:
    """The next number of the locked session's doctor and day; the caller saves it."""
    letter = _letter.first(session.clinician_id)
    number = next_number(f"queue:{session.date}:{letter}")
    if fields.get("added"):
        session.added += 1
        session.save(update_fields=["added"])
    return Registration(
        patient=patient,
        session=session,
        day=session.date,
        number=f"{letter}{number:03d}",
        state=VisitState.BOOKED,
        registered_by=by,
        slip_prints=int(by.has_perm(P.REGISTER_VISIT)),  # nobody else has the printer
        **{"live_key": live_key_of(session, patient), **fields},
    )


def claim_place(
    session: Session, slot: datetime.time | None, *, beyond: bool
) -> tuple[datetime.time | None, bool]:
    """The time that is promised, and whether the number stands outside the quota.

    A later day always has a time: the first that is left, if none is asked for. Refused when no
    place is left and `beyond` does not allow to go beyond the quota.
    """
    in_use = taken(session)
    if slot is None and session.date > timezone.localdate():
        times = openings(session, in_use)
        slot = next((one.slot.starts for one in times if one.left > 0), times[-1].slot.starts)
    left = left_on_site(session, in_use)
    if slot is not None:
        opening = opening_at(session, in_use, slot)
        if opening is None:
            raise RuleBroken(
                _("Not registered: %(time)s is no time of this doctor any more. Please choose one.")
                % {"time": slot.strftime("%H:%M")},
                field="place",
                rule="R-99",
            )
        left = opening.left
    if left <= 0 and not beyond:
        raise _no_place(session, slot)
    return slot, left <= 0


def put_in_queue(registration: Registration) -> None:
    move(registration, VisitState.WAITING)
    registration.checked_in_at = joins_at(registration)


def note_print(registration: Registration) -> None:
    audit.record(
        "print",
        subject=registration.patient_id,
        screen="slip",
        target=registration,
        data={"copy": registration.slip_prints},
    )


def check_patient(patient: Patient) -> None:
    """The file is in force, and stays so until the number is given out (R-81)."""
    in_force.held(patient.pk)


def check_session(session: Session) -> None:
    if not session.open or session.date < timezone.localdate():
        raise RuleBroken(
            _("Not registered: this doctor takes no more patients then. Please choose another."),
            field="session",
            rule="R-100",
        )


def check_not_stopped(session: Session) -> None:
    if session.stopped_at is not None:
        raise RuleBroken(
            _(
                "Not checked in: %(doctor)s is away (%(reason)s). Please move the patient to "
                "another time or doctor; the list of doctors away leads there."
            )
            % {
                "doctor": session.clinician.user.full_name,
                "reason": session.get_stop_reason_display(),
            },
            rule="R-100",
        )


def check_not_early(registration: Registration) -> None:
    """Where the site says so, nobody queues hours before the promised time (R-90)."""
    minutes = setting("queue.early_minutes")
    if registration.slot is None or minutes >= ANY_TIME:
        return
    opens = moment(registration.day, registration.slot) - datetime.timedelta(minutes=minutes)
    if timezone.now() < opens:
        words = {
            "number": registration.number,
            "slot": registration.slot.strftime("%H:%M"),
            "time": timezone.localtime(opens).strftime("%H:%M"),
        }
        raise RuleBroken(
            _(
                "Not checked in: %(number)s is for %(slot)s, check-in opens at %(time)s. Please "
                "come back then."
            )
            % words,
            rule="R-90",
        )


def check_not_registered(live_key: str) -> None:
    there = _holding.first(live_key)
    if there is not None:
        raise RuleBroken(
            _(
                "Not registered again: this patient already holds %(number)s for the same doctor "
                "(%(state)s). Print that slip again instead."
            )
            % {"number": there.number, "state": there.get_state_display()},
            field="session",
            rule="R-102",
        )


def check_not_booked(session: Session, patient: Patient) -> None:
    """Whoever booked the same session online has a number waiting already (R-102)."""
    alive = Booking.objects.filter(session=session, state=BookingState.BOOKED)
    there = next(iter(alive.find(id_number=patient.id_number)), None) if patient.id_number else None
    if there is not None:
        raise RuleBroken(
            _(
                "Not registered again: this patient booked %(time)s of the same doctor online. "
                "Please check that booking in instead."
            )
            % {"time": there.slot.strftime("%H:%M")},
            field="session",
            rule="R-102",
        )


def _check_may(by, session: Session) -> None:
    if not by.has_perm(P.REGISTER_VISIT) and session.clinician.user_id != by.pk:
        raise RuleBroken(_("Only the doctor of this room can do that."), rule="R-142")


def _no_place(session: Session, slot: datetime.time | None) -> RuleBroken:
    if slot is None:
        text = _(
            "Not registered: all %(quota)s numbers are taken. Please choose another doctor or "
            "part of the day, or add a number; an emergency can still be registered."
        ) % {"quota": session.quota}
        return RuleBroken(text, field="session", rule="R-99")
    text = _(
        "Not registered: %(time)s is full by now. Please choose another time, or add a number."
    ) % {"time": slot.strftime("%H:%M")}
    return RuleBroken(text, field="place", rule="R-99")
