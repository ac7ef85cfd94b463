"""Who sees patients when: sessions of a date are made from the week's plan (R-99)."""

import datetime

from django.utils import timezone

from clinic.core.transactions import atomic_retry
from registration.models import Session, WeeklySchedule


def sessions_on(day: datetime.date) -> list[Session]:
    """The sessions of `day`, in the order of their hours; missing ones are made from the week.

    Safe to call from several processes at once: each session exists once. Days gone by are only
    read.
    """
    sessions = _sessions(day)
    if day < timezone.localdate():
        return sessions
    there = {(session.clinician_id, session.period) for session in sessions}
    week = WeeklySchedule.objects.filter(weekday=day.weekday(), active=True, clinician__active=True)
    missing = [
        plan
        for plan in week.select_related("clinician")
        if (plan.clinician_id, plan.period) not in there
    ]
    if not missing:
        return sessions
    _open(missing, day)
    return _sessions(day)


def open_sessions_now() -> list[Session]:
    """Today's sessions that can still take patients: not stopped, not over."""
    now = timezone.localtime().time()
    today = timezone.localdate()
    return [session for session in sessions_on(today) if session.open and session.ends > now]


def is_now(session: Session) -> bool:
    """True while the session's hours run."""
    now = timezone.localtime()
    return session.date == now.date() and session.starts <= now.time() < session.ends


def _sessions(day: datetime.date) -> list[Session]:
    found = Session.objects.filter(date=day)
    found = found.select_related("clinician__user", "clinician__department", "room")
    return list(found.order_by("starts", "clinician__letter"))


@atomic_retry
def _open(plans: list[WeeklySchedule], day: datetime.date) -> None:
    for plan in plans:
        # Two processes may do this at once; the unique constraint lets one of them win.
        Session.objects.get_or_create(
            clinician=plan.clinician,
            date=day,
            period=plan.period,
            defaults={
                "room_id": plan.room_id or plan.clinician.room_id,
                "starts": plan.starts,
                "ends": plan.ends,
                "quota": plan.quota,
                "online_quota": plan.online_quota,
                "slot_minutes": plan.slot_minutes,
            },
        )
