"""The queue: calling people and passing them over (R-89 to R-95, R-167).

The number is who somebody is; the order is computed (registration.order). One call per doctor at
a time: the doctor's row is the lock. A patient with numbers of two doctors is called into one room
at a time: the patient's row is the lock.
"""

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.transactions import atomic_retry, lock
from patients.models import Patient
from registration.lines import line_of, lines, lines_of, sessions_today, waiting
from registration.models import Call, Clinician, Registration, Session
from registration.moves import check_from, joins_at, locked, move
from registration.states import LIVE, WITH_DOCTOR, VisitState

__all__ = [
    "call_again",
    "call_next",
    "lapse_old",
    "line_of",
    "lines",
    "lines_of",
    "pass_over",
    "pause",
    "recall",
    "resume",
    "send_for_examination",
    "sessions_today",
    "waiting",
]
MOST_CALLS = 3  # then the patient is passed over
MOST_MISSES = 3  # then the number lapses
IN_A_ROOM = [VisitState.CALLED, VisitState.IN_CONSULTATION]


class NotCalled(RuleBroken):
    """Nobody was called, and the words say why."""


class NobodyWaiting(NotCalled):
    """There is nobody to call."""


class AlreadyCalled(NotCalled):
    """Somebody was called and has neither come in nor been passed over."""


class Paused(NotCalled):
    """The doctor has paused calling (R-94)."""


class Stopped(NotCalled):
    """The doctor is away: these sessions are not held (R-100)."""


# -- calling --


@atomic_retry
def call_next(*, clinician: Clinician, by) -> Registration:
    """Call whoever is next for this doctor; two windows pressing at once call one person once."""
    clinician = lock(Clinician.objects.filter(pk=clinician.pk)).get()
    _check_own(clinician, by)
    _check_nobody_called(clinician)
    _check_may_call(list(sessions_today(clinician)))
    inside, called = [], []
    for row in line_of(clinician):
        registration = locked(row)
        if registration.state != VisitState.WAITING:  # the desk cancelled it just now
            continue
        elsewhere = _elsewhere(registration)
        if elsewhere is None:
            return _call_in(registration, by)
        (inside if elsewhere == VisitState.IN_CONSULTATION else called).append(registration)
    if inside:  # nobody else waits, and that other record may only have been left open
        return _call_in(inside[0], by)
    if called:
        text = _("Nobody was called: another doctor has just called %(number)s. Please wait.")
        raise NobodyWaiting(text % {"number": called[0].number}, rule="R-94")
    raise NobodyWaiting(_("Nobody is waiting."))


@atomic_retry
def call_again(*, registration: Registration, by) -> Registration:
    """Repeat the call, up to three times in all (R-95)."""
    registration = locked(registration)
    _check_own(registration.session.clinician, by)
    _check_called(registration)
    if registration.called_times >= MOST_CALLS:
        raise RuleBroken(
            _("Not called again: %(number)s was called %(times)s times. Please pass over.")
            % {"number": registration.number, "times": registration.called_times},
            rule="R-95",
        )
    return _call(registration, by)


@atomic_retry
def pass_over(*, registration: Registration, by) -> Registration:
    """Nobody came: the next one can be called; the desk recalls who comes late (R-95).

    Whom the doctor has seen already is still at the examination: that number never lapses.
    """
    registration = locked(registration)
    _check_own(registration.session.clinician, by)
    if registration.state != VisitState.CALLED:
        text = _("Not passed over: %(number)s is now “%(state)s”. Please look at the list again.")
        words = {"number": registration.number, "state": registration.get_state_display()}
        raise RuleBroken(text % words, rule="R-94")
    registration.missed_times += 1
    if registration.started_at is not None:
        state = VisitState.EXAM
    elif registration.missed_times >= MOST_MISSES:
        state = VisitState.LAPSED
    else:
        state = VisitState.MISSED
    move(registration, state)
    registration.save()
    return registration


@atomic_retry
def send_for_examination(*, registration: Registration, by) -> Registration:
    """The patient leaves the room and will come back; the record stays open (R-94)."""
    registration = locked(registration)
    _check_own(registration.session.clinician, by)
    if registration.state != VisitState.IN_CONSULTATION:
        raise RuleBroken(
            _("Not sent: %(number)s is now “%(state)s”. Only who is inside goes from here.")
            % {"number": registration.number, "state": registration.get_state_display()},
            rule="R-94",
        )
    move(registration, VisitState.EXAM)
    registration.exam_at = timezone.now()
    registration.save()
    return registration


@atomic_retry
def recall(*, registration: Registration, by) -> Registration:
    """Back into the queue, passed over before or back from an examination (R-91, R-167)."""
    registration = locked(registration)
    if registration.state == VisitState.WAITING:
        raise AlreadyDone(
            _("%(number)s is back in the queue already.") % {"number": registration.number}
        )
    is_begun = registration.started_at is not None
    if registration.day != timezone.localdate():
        text = (
            _("Not called: the visit %(number)s was begun on %(day)s. Please open its record.")
            if is_begun
            else _("Not recalled: %(number)s was for %(day)s. Please register again.")
        )
        raise RuleBroken(text % {"number": registration.number, "day": registration.day})
    check_from(registration, VisitState.MISSED, VisitState.EXAM)
    move(registration, VisitState.WAITING)
    registration.called_times = 0
    registration.recalled_at = joins_at(registration)
    registration.save()
    return registration


@atomic_retry
def pause(*, clinician: Clinician, by) -> Clinician:
    """Nobody is called into this room until the doctor resumes; registration goes on (R-94)."""
    return _set_pause(clinician, by, timezone.now())


@atomic_retry
def resume(*, clinician: Clinician, by) -> Clinician:
    """Calling goes on."""
    return _set_pause(clinician, by, None)


def lapse_old() -> int:
    """Numbers of past days that nobody used have lapsed (R-95); one transaction each.

    A visit that the doctor has begun goes back to the doctor's open records instead.
    """
    states = [VisitState.BOOKED, VisitState.WAITING, VisitState.CALLED, VisitState.MISSED]
    old = Registration.objects.filter(day__lt=timezone.localdate(), state__in=states)
    count = 0
    for registration in old[:500]:
        count += _lapse(registration=registration)
    return count


@atomic_retry
def _lapse(*, registration: Registration) -> bool:
    registration = locked(registration)
    if registration.state in WITH_DOCTOR or registration.state not in LIVE:
        return False
    is_begun = registration.started_at is not None
    move(registration, VisitState.EXAM if is_begun else VisitState.LAPSED)
    registration.save()
    return True


def _set_pause(clinician: Clinician, by, moment) -> Clinician:
    clinician = lock(Clinician.objects.filter(pk=clinician.pk)).get()
    _check_own(clinician, by)
    sessions = list(lock(sessions_today(clinician)))
    if not sessions:
        raise RuleBroken(_("Not paused: you have no session today."), rule="R-94")
    for session in sessions:
        if (session.paused_at is None) != (moment is None):
            session.paused_at = moment
            session.save(update_fields=["paused_at"])
    return clinician


def _call_in(registration: Registration, by) -> Registration:
    move(registration, VisitState.CALLED)
    return _call(registration, by)


def _call(registration: Registration, by) -> Registration:
    registration.called_times += 1
    registration.first_called_at = registration.first_called_at or timezone.now()
    registration.save()
    Call.objects.create(
        registration=registration,
        room=registration.session.room,
        called_by=by,
        again=registration.called_times > 1,
    )
    return registration


def _elsewhere(registration: Registration) -> str | None:
    """The state in which another doctor has the same patient now, called or inside."""
    others = Registration.objects.filter(
        patient=registration.patient_id, day=registration.day, state__in=LIVE
    ).exclude(pk=registration.pk)
    if not others.exists():
        return None
    lock(Patient.objects.filter(pk=registration.patient_id)).get()
    states = set(others.filter(state__in=IN_A_ROOM).values_list("state", flat=True))
    return VisitState.CALLED if VisitState.CALLED in states else next(iter(states), None)


def _check_nobody_called(clinician: Clinician) -> None:
    called = Registration.objects.filter(
        session__clinician=clinician, day=timezone.localdate(), state=VisitState.CALLED
    ).first()
    if called is not None:
        raise AlreadyCalled(
            _(
                "Nobody else was called: %(number)s was called and is not here yet. "
                "Start, call again, or pass over first."
            )
            % {"number": called.number}
        )


def _check_may_call(sessions: list[Session]) -> None:
    """Refused while paused, and where every session of today is stopped or those waiting are."""
    if any(session.paused_at is not None for session in sessions):
        raise Paused(_("Nobody was called: calling is paused. Please resume first."), rule="R-94")
    stopped = [session for session in sessions if session.stopped_at is not None]
    held = {session.pk for session in sessions} - {session.pk for session in stopped}
    here = Registration.objects.filter(state=VisitState.WAITING)
    if stopped and not here.filter(session__in=held).exists():
        left = here.filter(session__in=stopped).count()
        if not held or left:
            raise Stopped(_stopped_words(stopped[-1], left), rule="R-100")


def _stopped_words(session: Session, left: int) -> str:
    words = {"reason": session.get_stop_reason_display(), "count": left}
    if left:
        text = _(
            "Nobody was called: your session is stopped (%(reason)s). %(count)s people still wait "
            "for it; the desk moves them, or opens the session again."
        )
        return text % words
    text = _("Nobody was called: your session is stopped (%(reason)s). The desk can open it again.")
    return text % words


def _check_called(registration: Registration) -> None:
    if registration.state != VisitState.CALLED:
        raise RuleBroken(
            _("Not called again: %(number)s is now “%(state)s”. Please look at the list again.")
            % {"number": registration.number, "state": registration.get_state_display()}
        )


def _check_own(clinician: Clinician, by) -> None:
    if clinician.user_id != by.pk:
        raise RuleBroken(_("Only the doctor of this room can do that."), rule="R-142")
