"""Giving out and taking back numbers: register, check in, cancel, print again.

Lock order: session, then counter; a visit's own row where it exists.
"""

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.numbers import next_number
from clinic.core.site import setting
from clinic.core.transactions import atomic_retry, lock
from patients.age import age_years
from patients.models import Patient
from registration.models import Registration, Session
from registration.moves import locked, move
from registration.states import NOT_BEGUN, BookingState, VisitState
from security import audit

Priority, Reason = Registration.Priority, Registration.Reason


def places_taken(session: Session) -> int:
    """How many places of the session are in use; a cancelled one goes back (R-102).

    Bookings that nobody has come for yet count; whoever came counts by the registration. Added
    numbers stand outside the quota (R-99).
    """
    numbers = session.registrations.filter(added=False).exclude(state=VisitState.CANCELLED)
    return numbers.count() + session.bookings.filter(state=BookingState.BOOKED).count()


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
    *, patient: Patient, session: Session, by, priority: int | None = None, reason: str = ""
) -> Registration:
    """Give `patient` a number of `session`, and check in at once where the site does so.

    The number is the doctor's letter and the next of the day; it is never given twice (R-89).
    """
    session = lock(Session.objects.filter(pk=session.pk)).get()
    _check_patient(patient)
    _check_session(session)
    live_key = f"{session.pk}/{patient.pk.hex}"
    _check_not_registered(live_key)
    if priority is None:
        priority, reason = priority_for(patient, reason)
    if priority < Priority.EMERGENCY:  # an emergency is never sent away for want of a number
        _check_place_left(session)
    letter = session.clinician.letter
    number = next_number(f"queue:{session.date}:{letter}")
    registration = Registration(
        patient=patient,
        session=session,
        day=session.date,
        number=f"{letter}{number:03d}",
        state=VisitState.BOOKED,
        priority=priority,
        priority_reason=reason,
        registered_by=by,
        live_key=live_key,
        slip_prints=1,
    )
    if setting("site.check_in_at_desk"):
        _put_in_queue(registration)
    registration.save()
    _note_print(registration)
    return registration


@atomic_retry
def check_in(*, registration: Registration, by) -> Registration:
    """The patient has come: from now on they wait (R-87)."""
    registration = locked(registration)
    if registration.day != timezone.localdate():
        raise RuleBroken(
            _("Not checked in: %(number)s is for %(day)s. Please register for today instead.")
            % {"number": registration.number, "day": registration.day}
        )
    _put_in_queue(registration)
    registration.save()
    return registration


@atomic_retry
def cancel_visit(*, registration: Registration, reason: str, by) -> Registration:
    """Take the number back before the doctor has begun; the place is free again (R-102)."""
    registration = locked(registration)
    if registration.state not in NOT_BEGUN:
        raise RuleBroken(
            _(
                "Not cancelled: %(number)s is now “%(state)s”. A registration can be cancelled "
                "only before the doctor has begun."
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
    _note_print(registration)
    return registration


def _put_in_queue(registration: Registration) -> None:
    move(registration, VisitState.WAITING)
    registration.checked_in_at = registration.queued_at = timezone.now()
    registration.queue_class = registration.priority


def _note_print(registration: Registration) -> None:
    audit.record(
        "print",
        subject=registration.patient_id,
        screen="slip",
        target=registration,
        data={"copy": registration.slip_prints},
    )


def _check_patient(patient: Patient) -> None:
    if patient.state != Patient.State.ACTIVE:
        raise RuleBroken(
            _("Not registered: this file was merged into another one. Please use that file.")
        )


def _check_session(session: Session) -> None:
    if not session.open or session.date < timezone.localdate():
        raise RuleBroken(
            _("Not registered: this doctor takes no more patients then. Please choose another."),
            field="session",
            rule="R-100",
        )


def _check_not_registered(live_key: str) -> None:
    there = Registration.objects.filter(live_key=live_key).first()
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


def _check_place_left(session: Session) -> None:
    if places_taken(session) >= session.quota:
        raise RuleBroken(
            _(
                "Not registered: all %(quota)s numbers are taken. Please choose another doctor or "
                "part of the day; an emergency can still be registered."
            )
            % {"quota": session.quota},
            field="session",
            rule="R-99",
        )
