"""Changing the plan: the usual week, one date, a public holiday, a whole week copied (R-99).

A session somebody holds a number or a booking of is never changed behind their back: it keeps
its hours and places until a person changes that very session.

Lock order: the doctor, then sessions by their key.
"""

import datetime
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry, lock
from registration import quota, scheduling
from registration.models import Clinician, Holiday, Room, Session, WeeklySchedule
from registration.promises import Promise, promised_outside
from registration.scheduling import TAKEN_OVER, planned
from registration.slots import slots_of

WEEK = datetime.timedelta(days=7)


@dataclass(frozen=True)
class Hours:
    """What a person writes into one part of a day."""

    starts: datetime.time
    ends: datetime.time
    room: Room | None  # None: the doctor's own
    quota: int
    online_quota: int
    slot_minutes: int

    def of(self, clinician: Clinician) -> dict:
        """The same by the names of a session's columns."""
        values = {name: getattr(self, name) for name in TAKEN_OVER if name != "room_id"}
        return {**values, "room_id": self.room.pk if self.room else clinician.room_id}


@dataclass
class Followed:
    """What a changed plan meant for the sessions that were made already."""

    changed: list[Session] = field(default_factory=list)
    kept: list[Session] = field(default_factory=list)


@dataclass
class Copied:
    """What came of copying a week: written, the same already, and left out with the reason."""

    made: list[Session] = field(default_factory=list)
    same: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)


class PromisesOutside(RuleBroken):
    """Somebody was promised a time that the new hours no longer hold; `people` are they."""

    def __init__(self, people: list[Promise]):
        names = ", ".join(f"{one.name} {one.slot:%H:%M}" for one in people)
        super().__init__(
            _(
                "Not changed: %(count)s people were promised a time outside these hours: "
                "%(names)s. Tick “They are told” to give them the nearest time, or move them first."
            )
            % {"count": len(people), "names": names},
            rule="R-99",
        )
        self.people = people


@atomic_retry
def save_plan(
    *, clinician: Clinician, weekday: int, period: str, hours: Hours, active: bool, by
) -> Followed:
    """Write one part of the usual week; sessions of it that nobody holds a place of follow."""
    clinician = lock(Clinician.objects.filter(pk=clinician.pk)).get()
    _check_hours(hours)
    key = {"clinician": clinician, "weekday": weekday, "period": period}
    plan = WeeklySchedule.objects.filter(**key).first() or WeeklySchedule(**key)
    for name in ("starts", "ends", "room", "quota", "online_quota", "slot_minutes"):
        setattr(plan, name, getattr(hours, name))
    plan.active = active
    plan.save()
    ahead = Session.objects.filter(clinician=clinician, period=period)
    return _follow(ahead.filter(date__gte=timezone.localdate()))


@atomic_retry
def follow_doctor(*, clinician: Clinician, by) -> Followed:
    """Room or use of a doctor have changed: sessions made from the plan follow that, too."""
    lock(Clinician.objects.filter(pk=clinician.pk)).get()
    ahead = Session.objects.filter(clinician=clinician, date__gte=timezone.localdate())
    return _follow(ahead)


@atomic_retry
def change_session(
    *,
    clinician: Clinician,
    day: datetime.date,
    period: str,
    hours: Hours,
    by,
    knowingly: bool = False,
) -> Session:
    """Write one part of one date; from now on the week's plan changes it no more.

    `knowingly`: people with a time outside the new hours get the nearest one.
    """
    if day < timezone.localdate():
        raise RuleBroken(_("Not changed: this day is over."), rule="R-99")
    lock(Clinician.objects.filter(pk=clinician.pk)).get()
    _check_hours(hours)
    there = [s for s in scheduling.sessions_of(clinician, day) if s.period == period]
    values = hours.of(clinician)
    if not there:
        return Session.objects.create(
            clinician=clinician, date=day, period=period, by_hand=True, **values
        )
    session = lock(Session.objects.filter(pk=there[0].pk)).get()
    _check_not_stopped(session)
    return _write(session, values, by_hand=True, knowingly=knowingly)


@atomic_retry
def follow_plan(*, session: Session, by, knowingly: bool = False) -> Session:
    """Bring one session back to the usual week, although somebody holds a place of it."""
    session = lock(Session.objects.filter(pk=session.pk)).get()
    _check_not_stopped(session)
    plan = _plan_of(session)
    if plan is None:
        raise RuleBroken(
            _(
                "Not changed: the usual week has nothing at this time. If the doctor doesn't come, "
                "write “away”, so that everybody who holds a number is told."
            ),
            rule="R-100",
        )
    return _write(session, planned(plan), by_hand=False, knowingly=knowingly)


@atomic_retry
def keep_as_is(*, session: Session, by) -> Session:
    """This date stays different from the usual week, and says so by design."""
    session = lock(Session.objects.filter(pk=session.pk)).get()
    session.by_hand = True
    session.save(update_fields=["by_hand"])
    return session


@atomic_retry
def set_holiday(*, date: datetime.date, name: str, as_weekday: int | None, by) -> Followed:
    """The clinic is closed on this date, or works it as another weekday."""
    row = lock(Holiday.objects.filter(date=date)).first() or Holiday(date=date)
    row.name, row.as_weekday, row.active = name, as_weekday, True
    row.save()
    return _follow(Session.objects.filter(date=date, date__gte=timezone.localdate()))


@atomic_retry
def drop_holiday(*, holiday: Holiday, by) -> Followed:
    """An ordinary day after all; the row stays, out of use."""
    row = lock(Holiday.objects.filter(pk=holiday.pk)).get()
    row.active = False
    row.save(update_fields=["active"])
    return _follow(Session.objects.filter(date=row.date, date__gte=timezone.localdate()))


@atomic_retry
def copy_week(*, monday: datetime.date, by) -> Copied:
    """Let the week after `monday`'s be like it; says what was left out and why."""
    report = Copied()
    today = timezone.localdate()
    free = scheduling.holidays(monday + WEEK + datetime.timedelta(days=n) for n in range(7))
    for source in _held_in(monday):
        day = source.date + WEEK
        why = ""
        if day < today:
            why = _("that day is over")
        elif day in free and free[day].as_weekday is None:
            why = free[day].name
        else:
            why = _copy(source, day, report)
        if why:
            report.skipped.append((label_of(source, day), why))
    return report


def label_of(session: Session, day: datetime.date | None = None) -> str:
    """A session in words: 12-01 上午 林海生."""
    day = day or session.date
    return f"{day:%m-%d} {session.get_period_display()} {session.clinician.user.full_name}"


def differs(session: Session, plan: WeeklySchedule | None) -> bool:
    """True when the plan says something else about this session's date."""
    if plan is None:
        return session.open
    values = planned(plan)
    return not session.open or any(getattr(session, n) != v for n, v in values.items())


# -- inside --


def _held_in(monday: datetime.date) -> list[Session]:
    """The sessions of the week that were really held, or will be; nothing is made."""
    until = monday + datetime.timedelta(days=6)
    found = Session.objects.filter(date__range=(monday, until), open=True)
    held = {(s.clinician_id, s.date, s.period): s for s in found.select_related("clinician__user")}
    every = set(Session.objects.filter(date__range=(monday, until)).values_list(*_KEY))
    for number in range(7):
        day = monday + datetime.timedelta(days=number)
        for plan in scheduling.plans_on(day):
            key = (plan.clinician_id, day, plan.period)
            if key not in every and day >= timezone.localdate():
                held[key] = Session(
                    clinician=plan.clinician, date=day, period=plan.period, **planned(plan)
                )
    return sorted(held.values(), key=lambda s: (s.date, s.starts, s.clinician.letter))


_KEY = ("clinician_id", "date", "period")


def _copy(source: Session, day: datetime.date, report: Copied) -> str:
    """Write `source` onto `day`; the reason when that was not to be done."""
    values = {name: getattr(source, name) for name in TAKEN_OVER}
    there = Session.objects.filter(clinician=source.clinician, date=day, period=source.period)
    session = lock(there).first()
    if session is None:
        plan = _plan_of(Session(clinician=source.clinician, date=day, period=source.period))
        if plan is not None and planned(plan) == values:
            report.same += 1
            return ""
        session = Session(
            clinician=source.clinician, date=day, period=source.period, by_hand=True, **values
        )
        session.save()
        report.made.append(session)
        return ""
    if session.stopped_at is not None:
        return str(_("the doctor is away"))
    if session.open and all(getattr(session, name) == value for name, value in values.items()):
        report.same += 1
        return ""
    if quota.is_used(session):
        return str(_("numbers are given already"))
    report.made.append(_write(session, values, by_hand=True))
    return ""


def _follow(sessions) -> Followed:
    """Bring sessions to what the plan says now; those in use, by hand or stopped stay."""
    report = Followed()
    theirs = sessions.filter(by_hand=False, stopped_at=None).order_by("pk")
    for session in lock(theirs):
        plan = _plan_of(session)
        if not differs(session, plan):
            continue
        if quota.is_used(session):
            report.kept.append(session)
            continue
        if plan is None:
            session.open = False
            session.save(update_fields=["open"])
        else:
            _write(session, planned(plan), by_hand=False)
        report.changed.append(session)
    return report


def _plan_of(session: Session) -> WeeklySchedule | None:
    mine = (session.clinician_id, session.period)
    plans = scheduling.plans_on(session.date)
    return next((plan for plan in plans if (plan.clinician_id, plan.period) == mine), None)


def _write(session: Session, values: dict, *, by_hand: bool, knowingly: bool = False) -> Session:
    """Set a locked session's hours and places, if those who hold a place can keep it."""
    in_use = quota.taken(session)
    if values["quota"] < in_use.total:
        raise RuleBroken(
            _(
                "Not changed: %(taken)s numbers and bookings are given, so the quota can't be "
                "%(quota)s. Please write at least %(taken)s."
            )
            % {"taken": in_use.total, "quota": values["quota"]},
            field="quota",
            rule="R-99",
        )
    outside = promised_outside(session, values["starts"], values["ends"])
    if outside and not knowingly:
        raise PromisesOutside(outside)
    for name, value in values.items():
        setattr(session, name, value)
    session.open, session.by_hand = True, by_hand
    session.save()
    slots = slots_of(session)
    for promise in outside:
        nearest = slots[0] if promise.slot < session.starts else slots[-1]
        promise.move_to(nearest.starts)
    return session


def _check_hours(hours: Hours) -> None:
    if hours.starts >= hours.ends:
        raise RuleBroken(
            _("The end lies before the beginning. Please write the hours again."), field="ends"
        )
    if hours.online_quota > hours.quota:
        raise RuleBroken(
            _("Of %(quota)s numbers at most %(quota)s can be online. Please correct one of them.")
            % {"quota": hours.quota},
            field="online_quota",
            rule="R-99",
        )


def _check_not_stopped(session: Session) -> None:
    if session.stopped_at is not None:
        raise RuleBroken(
            _("Not changed: the doctor is away then. Open the session again first."), rule="R-100"
        )
