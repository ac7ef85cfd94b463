"""The week at a glance: doctors or rooms in rows, days in columns, in a fixed number of queries.

Sessions that were not made yet are shown as the plan has them; looking makes nothing.
"""

import datetime
from collections import defaultdict
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _

from registration import quota, scheduling
from registration.models import Clinician, Holiday, Period, Room, Session, WeeklySchedule
from registration.planning import differs
from registration.quota import Taken

PERIODS = {period.value: position for position, period in enumerate(Period)}


@dataclass
class Part:
    """One part of one day: what stands in a cell."""

    session: Session  # saved, or as the plan would make it
    taken: Taken
    plan: WeeklySchedule | None = None
    differs: bool = False  # somebody holds a place, and the plan says something else now
    shares_room: bool = False

    @property
    def difference(self) -> str:
        """In words what the plan says now."""
        if self.plan is None:
            return _("the usual week has nothing then")
        room = self.plan.room or self.plan.clinician.room
        hours = f"{self.plan.starts:%H:%M}–{self.plan.ends:%H:%M}"
        words = {"hours": hours, "quota": self.plan.quota, "room": room.name}
        return _("usual: %(hours)s, %(quota)s numbers, %(room)s") % words

    @property
    def state(self) -> str:
        if self.session.stopped_at is not None:
            return "stopped"
        return "open" if self.session.open else "closed"


@dataclass
class Day:
    date: datetime.date
    holiday: Holiday | None
    is_over: bool
    is_today: bool


@dataclass
class Cell:
    """One day of one doctor or room."""

    day: Day
    parts: list[Part] = field(default_factory=list)

    @property
    def free(self) -> list[tuple[str, str]]:
        """Parts of the day that nothing is planned for."""
        return _free({part.session.period for part in self.parts})


@dataclass
class Row:
    """A doctor, or a room, and seven cells."""

    owner: Clinician | Room
    cells: list[Cell]

    @property
    def doctor(self) -> Clinician | None:
        return self.owner if isinstance(self.owner, Clinician) else None


@dataclass
class Week:
    days: list[Day]
    rows: list[Row]
    differing: list[Part]

    @property
    def monday(self) -> datetime.date:
        return self.days[0].date

    @property
    def sunday(self) -> datetime.date:
        return self.days[-1].date


def monday_of(day: datetime.date) -> datetime.date:
    return day - datetime.timedelta(days=day.weekday())


def week(monday: datetime.date, *, by_room: bool = False) -> Week:
    """Everything of the seven days from `monday`."""
    dates = [monday + datetime.timedelta(days=number) for number in range(7)]
    free = scheduling.holidays(dates)
    plans = _plans(dates, free)
    parts = _parts(dates, plans)
    _mark_shared_rooms(parts)
    today = timezone.localdate()
    days = [Day(date, free.get(date), date < today, date == today) for date in dates]
    rows = _by_room(parts, days) if by_room else _by_doctor(parts, days)
    return Week(days, rows, [part for part in parts if part.differs])


def usual_week() -> list[dict]:
    """The plan itself: every doctor in use with a cell for each weekday."""
    plans = WeeklySchedule.objects.select_related("clinician", "room").order_by("starts")
    by_doctor: dict[int, list] = defaultdict(lambda: [[] for _ in range(7)])
    for plan in plans:
        by_doctor[plan.clinician_id][plan.weekday].append(plan)
    return [
        {
            "doctor": one,
            "cells": [
                {
                    "day": number,
                    "label": label,
                    "parts": by_doctor[one.pk][number],
                    "free": _free({plan.period for plan in by_doctor[one.pk][number]}),
                }
                for number, label in WeeklySchedule.WEEKDAYS
            ],
        }
        for one in clinicians()
    ]


def clinicians() -> list[Clinician]:
    """The doctors in use, in the order of their letters."""
    found = Clinician.objects.filter(active=True)
    return list(found.select_related("user", "department", "room").order_by("letter"))


# -- inside --


def _plans(dates, free) -> dict[tuple, WeeklySchedule]:
    """What is planned, by doctor, date and part of the day."""
    active = WeeklySchedule.objects.filter(active=True, clinician__active=True)
    by_weekday = defaultdict(list)
    for plan in active.select_related(
        "clinician__user", "clinician__department", "clinician__room", "room"
    ):
        by_weekday[plan.weekday].append(plan)
    return {
        (plan.clinician_id, day, plan.period): plan
        for day in dates
        for plan in by_weekday[scheduling.weekday_of(day, free)]
    }


def _parts(dates, plans) -> list[Part]:
    made = Session.objects.filter(date__range=(dates[0], dates[-1]))
    made = list(
        made.select_related("clinician__user", "clinician__department", "clinician__room", "room")
    )
    in_use = quota.taken_of(made)
    parts, today = [], timezone.localdate()
    for session in made:
        plan = plans.pop((session.clinician_id, session.date, session.period), None)
        used = in_use[session.pk]
        if not session.open and session.stopped_at is None and not used.total:
            continue  # the plan has it no more, and nobody holds a number of it
        is_kept = session.date >= today and not session.by_hand and session.stopped_at is None
        is_used = bool(used.total or used.added)
        parts.append(Part(session, used, plan, is_kept and is_used and differs(session, plan)))
    parts += [
        Part(
            Session(
                clinician=plan.clinician,
                date=day,
                period=period,
                **{**scheduling.planned(plan), "room": plan.room or plan.clinician.room},
            ),
            Taken(),
            plan,
        )
        for (_clinician, day, period), plan in plans.items()
        if day >= today
    ]
    return sorted(parts, key=lambda part: PERIODS[part.session.period])


def _mark_shared_rooms(parts: list[Part]) -> None:
    """Two doctors in one room at overlapping hours: nobody is stopped, but it is said."""
    by_place = defaultdict(list)
    for part in parts:
        if part.state == "open":
            by_place[(part.session.date, part.session.room_id)].append(part)
    for group in by_place.values():
        for one in group:
            one.shares_room = any(
                one.session.clinician_id != other.session.clinician_id
                and one.session.starts < other.session.ends
                and other.session.starts < one.session.ends
                for other in group
            )


def _by_doctor(parts: list[Part], days: list[Day]) -> list[Row]:
    rows = {one.pk: _row(one, days) for one in clinicians()}
    for part in parts:
        doctor = part.session.clinician
        # Out of use by now, but seen in a week gone by.
        row = rows.setdefault(doctor.pk, _row(doctor, days))
        row.cells[(part.session.date - days[0].date).days].parts.append(part)
    return list(rows.values())


def _by_room(parts: list[Part], days: list[Day]) -> list[Row]:
    rows = {room.pk: _row(room, days) for room in Room.objects.order_by("name")}
    for part in parts:
        cell = rows[part.session.room_id].cells[(part.session.date - days[0].date).days]
        cell.parts.append(part)
    return list(rows.values())


def _row(owner: Clinician | Room, days: list[Day]) -> Row:
    return Row(owner, [Cell(day) for day in days])


def _free(used: set[str]) -> list[tuple[str, str]]:
    return [(value, label) for value, label in Period.choices if value not in used]
