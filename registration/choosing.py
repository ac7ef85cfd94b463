"""What the desk and the doctor choose from: a day, a session, a time (R-99, R-104)."""

import datetime
from dataclasses import dataclass

from django.utils import timezone

from registration import quota, scheduling
from registration.models import Clinician, Holiday, Session, WeeklySchedule
from registration.quota import Opening

DAYS = 14
FURTHEST = datetime.timedelta(days=365)  # nobody is promised a time beyond it


@dataclass(frozen=True)
class Choice:
    """A session that can still take somebody, with its times."""

    session: Session
    openings: list[Opening]
    left: int
    is_today: bool  # then somebody can also simply come, without a time


@dataclass(frozen=True)
class DayLink:
    """One day of the strip above."""

    date: datetime.date
    holiday: Holiday | None
    works: bool  # the doctor in question, or anybody, sees patients


def choices(day: datetime.date, *, only: Clinician | None = None, first: int = 0) -> list[Choice]:
    """The sessions of the day that are open and not over, those of the doctor `first` on top."""
    now = timezone.localtime()
    if not now.date() <= day <= now.date() + FURTHEST:
        return []
    made = scheduling.sessions_of(only, day) if only else scheduling.sessions_on(day)
    sessions = [one for one in made if one.open and (day, one.ends) > (now.date(), now.time())]
    in_use = quota.taken_of(sessions)
    found = [
        Choice(
            session,
            quota.openings(session, in_use[session.pk]),
            quota.left_on_site(session, in_use[session.pk]),
            day == now.date(),
        )
        for session in sessions
    ]
    return sorted(found, key=lambda one: one.session.clinician_id != first)


def days(*, doctor: int | None = None) -> list[DayLink]:
    """The days from today on, and on which of them the doctor sees patients."""
    today = timezone.localdate()
    dates = [today + datetime.timedelta(days=number) for number in range(DAYS)]
    free = scheduling.holidays(dates)
    week = WeeklySchedule.objects.filter(active=True, clinician__active=True)
    made = Session.objects.filter(date__range=(dates[0], dates[-1]))
    if doctor is not None:
        week, made = week.filter(clinician=doctor), made.filter(clinician=doctor)
    planned = set(week.values_list("clinician", "weekday", "period"))
    standing = {
        (date, clinician, period): is_open
        for date, clinician, period, is_open in made.values_list(
            "date", "clinician", "period", "open"
        )
    }
    found = []
    for date in dates:
        weekday = scheduling.weekday_of(date, free)
        there = {(c, p): is_open for (d, c, p), is_open in standing.items() if d == date}
        to_come = {(c, p) for c, w, p in planned if w == weekday} - set(there)
        found.append(DayLink(date, free.get(date), bool(to_come) or any(there.values())))
    return found


def next_day(*, doctor: int | None = None) -> datetime.date:
    """The next day after today on which the doctor sees patients; tomorrow, if none is known."""
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    return next((one.date for one in days(doctor=doctor)[1:] if one.works), tomorrow)
