"""The queue: who is next, and calling them (R-89 to R-95, R-167).

The number is who somebody is; the order is computed. One call per doctor at a time: the doctor's
row is the lock.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.site import setting
from clinic.core.transactions import atomic_retry, lock
from registration.models import Call, Clinician, Registration, Session
from registration.moves import locked, move
from registration.states import WITH_DOCTOR, VisitState

Priority = Registration.Priority

MOST_CALLS = 3  # then the patient is passed over
MOST_MISSES = 3  # then the number lapses
FAIR_AFTER = 2  # priority calls in a row
FAIR_WAIT = timedelta(minutes=30)
CALLS_LOOKED_AT = 200  # of today; enough to find the last two of every doctor


class NobodyWaiting(RuleBroken):
    """There is nobody to call."""


class AlreadyCalled(RuleBroken):
    """Somebody was called and has neither come in nor been passed over."""


# -- the order --


def waiting(session: Session) -> list[Registration]:
    """Those who wait for this session, the next one first, with their patients loaded."""
    return lines([session.pk])[session.pk]


def lines(session_ids: Iterable[int]) -> dict[int, list[Registration]]:
    """The queues of several sessions, in a fixed number of queries."""
    ids = list(session_ids)
    rows = Registration.objects.filter(session__in=ids, state=VisitState.WAITING)
    rows = rows.select_related("patient").order_by("-queue_class", "queued_at", "number")
    found: dict[int, list[Registration]] = {pk: [] for pk in ids}
    for row in rows:
        found[row.session_id].append(row)
    recent = _recent_priorities(ids)
    now = timezone.now()
    return {pk: be_fair(line, recent[pk], now) for pk, line in found.items()}


def line_of(clinician: Clinician) -> list[Registration]:
    """Everybody who waits for this doctor today: emergencies, then session by session."""
    sessions = Session.objects.filter(clinician=clinician, date=timezone.localdate())
    by_session = lines(sessions.order_by("starts").values_list("pk", flat=True))
    everybody = [row for line in by_session.values() for row in line]
    return sorted(everybody, key=lambda row: row.queue_class != Priority.EMERGENCY)


def be_fair(line: list[Registration], last: list[int], now) -> list[Registration]:
    """After two priority calls in a row, whoever waits long in usual order comes next (R-93).

    `last` holds the priorities of the latest calls, newest first, emergencies left out: they
    neither count nor reset (R-167).
    """
    urgent = [row for row in line if row.queue_class == Priority.EMERGENCY]
    rest = line[len(urgent) :]
    in_a_row = last[:FAIR_AFTER]
    if len(in_a_row) < FAIR_AFTER or Priority.NORMAL in in_a_row:
        return line
    patient_ones = [
        row
        for row in rest
        if row.priority == Priority.NORMAL and now - row.checked_in_at > FAIR_WAIT
    ]
    if not patient_ones:
        return line
    first = min(patient_ones, key=lambda row: row.checked_in_at)
    return [*urgent, first, *(row for row in rest if row is not first)]


def _recent_priorities(session_ids: list[int]) -> dict[int, list[int]]:
    calls = Call.objects.filter(registration__session__in=session_ids).order_by("-called_at", "-pk")
    calls = calls.values_list(
        "registration__session_id", "registration_id", "registration__priority"
    )
    seen: set = set()
    found: dict[int, list[int]] = defaultdict(list)
    for session, registration, priority in calls[:CALLS_LOOKED_AT]:
        if registration not in seen and priority != Priority.EMERGENCY:
            found[session].append(priority)
        seen.add(registration)
    return found


# -- calling --


@atomic_retry
def call_next(*, clinician: Clinician, by) -> Registration:
    """Call whoever is next for this doctor; two windows pressing at once call one person once."""
    clinician = lock(Clinician.objects.filter(pk=clinician.pk)).get()
    _check_own(clinician, by)
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
    for row in line_of(clinician):
        registration = locked(row)
        if registration.state == VisitState.WAITING:  # else the desk cancelled it just now
            move(registration, VisitState.CALLED)
            return _call(registration, by)
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
    """Nobody came: the next one can be called; the desk recalls who comes late (R-95)."""
    registration = locked(registration)
    _check_own(registration.session.clinician, by)
    registration.missed_times += 1
    lapsed = registration.missed_times >= MOST_MISSES
    move(registration, VisitState.LAPSED if lapsed else VisitState.MISSED)
    registration.save()
    return registration


@atomic_retry
def recall(*, registration: Registration, by) -> Registration:
    """Back into the queue after having been passed over: behind the next two (R-91, R-167)."""
    registration = locked(registration)
    if registration.day != timezone.localdate():
        raise RuleBroken(
            _("Not recalled: %(number)s was for %(day)s. Please register again.")
            % {"number": registration.number, "day": registration.day}
        )
    line = waiting(registration.session)
    move(registration, VisitState.WAITING)
    registration.called_times = 0
    registration.recalled_at = timezone.now()
    registration.queue_class, registration.queued_at = place_after_recall(registration, line)
    registration.save()
    return registration


def place_after_recall(registration: Registration, line: list[Registration]) -> tuple[int, object]:
    """Class and time that put the visit behind the next few, never before an emergency."""
    line = sorted(line, key=lambda row: (-row.queue_class, row.queued_at, row.number))
    urgent = sum(row.queue_class == Priority.EMERGENCY for row in line)
    place = max(setting("queue.recalled_after"), urgent)
    # Whoever was recalled before keeps the earlier place.
    while place < len(line) and line[place].recalled_at is not None:
        place += 1
    if registration.priority == Priority.EMERGENCY or len(line) == urgent:
        return registration.priority, timezone.now()
    if place < len(line):
        return line[place].queue_class, line[place].queued_at - timedelta(microseconds=1)
    return line[-1].queue_class, line[-1].queued_at + timedelta(microseconds=1)


def lapse_old() -> int:
    """Numbers of past days that nobody used have lapsed (R-95); one transaction each."""
    states = [VisitState.BOOKED, VisitState.WAITING, VisitState.CALLED, VisitState.MISSED]
    old = Registration.objects.filter(day__lt=timezone.localdate(), state__in=states)
    count = 0
    for registration in old[:500]:
        count += _lapse(registration=registration)
    return count


@atomic_retry
def _lapse(*, registration: Registration) -> bool:
    registration = locked(registration)
    if registration.state in WITH_DOCTOR or registration.live_key is None:
        return False
    move(registration, VisitState.LAPSED)
    registration.save()
    return True


def _call(registration: Registration, by) -> Registration:
    registration.called_times += 1
    registration.first_called_at = registration.first_called_at or timezone.now()
    registration.save()
    Call.objects.create(registration=registration, room=registration.session.room, called_by=by)
    return registration


def _check_called(registration: Registration) -> None:
    if registration.state != VisitState.CALLED:
        raise RuleBroken(
            _("Not called again: %(number)s is now “%(state)s”. Please look at the list again.")
            % {"number": registration.number, "state": registration.get_state_display()}
        )


def _check_own(clinician: Clinician, by) -> None:
    if clinician.user_id != by.pk:
        raise RuleBroken(_("Only the doctor of this room can do that."), rule="R-142")
