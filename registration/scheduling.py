"""Who sees patients when: sessions of a date are made from the week's plan (R-99).

On a public holiday nothing is made, or what another weekday's plan says.
"""

import datetime
from collections.abc import Iterable

from django.utils import timezone

from clinic.core.prepared import prepared
from clinic.core.together import asked_together
from clinic.core.transactions import atomic_retry
from registration.models import Clinician, Holiday, Session, WeeklySchedule

# What a session takes over from the plan, by the names of its own columns.
TAKEN_OVER = ("room_id", "starts", "ends", "quota", "online_quota", "slot_minutes")


def sessions_on(day: datetime.date) -> list[Session]:
    """The sessions of `day`, in the order of their hours; missing ones are made from the week.

    Safe to call from several processes at once: each session exists once. Days gone by are only
    read.
    """
    if day < timezone.localdate():
        return _sessions(day)
    with asked_together((_on, (day,)), (_holidays, (day,)), (_week, (day.weekday(),))):
        sessions = _sessions(day)
        there = {(session.clinician_id, session.period) for session in sessions}
        missing = [plan for plan in plans_on(day) if (plan.clinician_id, plan.period) not in there]
    if not missing:
        return sessions
    _open(missing, day)
    return _sessions(day)


def sessions_between(first: datetime.date, last: datetime.date) -> list[Session]:
    """The same for several days from today on, in a number of queries that doesn't grow."""
    days = [first + datetime.timedelta(days=number) for number in range((last - first).days + 1)]
    free = holidays(days)
    week: dict[int, list[WeeklySchedule]] = {}
    plans = WeeklySchedule.objects.filter(active=True, clinician__active=True)
    for plan in plans.select_related("clinician"):
        week.setdefault(plan.weekday, []).append(plan)
    found = _ordered(Session.objects.filter(date__range=(first, last)))
    there = {(one.date, one.clinician_id, one.period) for one in found}
    made = False
    for day in days:
        planned_here = week.get(weekday_of(day, free), [])
        missing = [p for p in planned_here if (day, p.clinician_id, p.period) not in there]
        if missing:
            _open(missing, day)
            made = True
    return _ordered(Session.objects.filter(date__range=(first, last))) if made else found


def sessions_of(clinician: Clinician, day: datetime.date) -> list[Session]:
    """The same for one doctor; nobody else's are made."""
    if day >= timezone.localdate():
        _open([plan for plan in plans_on(day) if plan.clinician_id == clinician.pk], day)
    return [session for session in _sessions(day) if session.clinician_id == clinician.pk]


def open_sessions_now() -> list[Session]:
    """Today's sessions that can still take patients: not stopped, not over."""
    now = timezone.localtime().time()
    today = timezone.localdate()
    return [session for session in sessions_on(today) if session.open and session.ends > now]


def is_now(session: Session) -> bool:
    """True while the session's hours run."""
    now = timezone.localtime()
    return session.date == now.date() and session.starts <= now.time() < session.ends


def plans_on(day: datetime.date) -> list[WeeklySchedule]:
    """What the week plans for this date; nothing on a day on which the clinic is closed."""
    weekday = weekday_of(day, {row.date: row for row in _holidays(day)})
    return [] if weekday is None else _week(weekday)


@prepared
def _holidays(day: datetime.date):
    return Holiday.objects.filter(date=day, active=True)


@prepared
def _week(weekday: int):
    week = WeeklySchedule.objects.filter(weekday=weekday, active=True, clinician__active=True)
    return week.select_related("clinician")


def holidays(days: Iterable[datetime.date]) -> dict[datetime.date, Holiday]:
    """The public holidays among these days."""
    return {row.date: row for row in Holiday.objects.filter(date__in=list(days), active=True)}


def weekday_of(day: datetime.date, known: dict[datetime.date, Holiday]) -> int | None:
    """By which weekday's plan this date is worked; None when the clinic is closed."""
    return known[day].as_weekday if day in known else day.weekday()


def planned(plan: WeeklySchedule) -> dict:
    """What a session made from this plan says."""
    values = {name: getattr(plan, name) for name in TAKEN_OVER}
    return {**values, "room_id": plan.room_id or plan.clinician.room_id}


def _sessions(day: datetime.date) -> list[Session]:
    return _sorted(_on(day))


@prepared
def _on(day: datetime.date):
    return _whole(Session.objects.filter(date=day))


def _ordered(found) -> list[Session]:
    return _sorted(_whole(found))


def _whole(found):
    # Sorted here: MariaDB would put rows of four tables into one of its own for that.
    return found.select_related("clinician__user", "clinician__department", "room").order_by()


def _sorted(rows: Iterable[Session]) -> list[Session]:
    return sorted(rows, key=lambda one: (one.date, one.starts, one.clinician.letter))


@atomic_retry
def _open(plans: list[WeeklySchedule], day: datetime.date) -> None:
    for plan in plans:
        # Two processes may do this at once; the unique constraint lets one of them win.
        Session.objects.get_or_create(
            clinician=plan.clinician, date=day, period=plan.period, defaults=planned(plan)
        )
