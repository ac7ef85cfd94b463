"""The queues as they stand: rows of the database put in order by registration.order."""

import datetime
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Count, QuerySet
from django.utils import timezone

from clinic.core.days import moment
from clinic.core.site import settings_of
from registration.models import Call, Clinician, Registration, Session
from registration.order import EMERGENCY, Called, Person, Rules, order
from registration.slots import Slot, slot_at
from registration.states import WITH_DOCTOR, VisitState

CALLS_LOOKED_AT = 500  # the latest; far more than anybody who comes back waits for
SETTINGS = ["late", "late_after", "recalled", "recalled_after", "booked_first", "fair_minutes"]


def waiting(session: Session) -> list[Registration]:
    """Those who wait for this session, the next one first, with their patients loaded."""
    return lines([session.pk])[session.pk]


def lines(session_ids: Iterable[int]) -> dict[int, list[Registration]]:
    """The queues of several sessions, in a fixed number of queries."""
    ids = list(session_ids)
    rows = Registration.objects.filter(session__in=ids, state=VisitState.WAITING)
    rows = {row.pk: row for row in rows.select_related("session", "patient")}
    people: dict[int, list[Person]] = {pk: [] for pk in ids}
    for row in rows.values():
        person = _person(row)
        row.is_late = person.is_late  # the list says why somebody stands where they stand
        people[row.session_id].append(person)
    calls, rules, now = _calls(ids), rules_of_site(), timezone.now()
    return {
        pk: [rows[one.key] for one in order(group, rules=rules, now=now, calls=calls[pk])]
        for pk, group in people.items()
    }


def line_of(clinician: Clinician) -> list[Registration]:
    """Everybody this doctor can call today: emergencies, then session by session.

    Whoever holds a number of a stopped session waits for the desk's word, not for a call (R-100).
    """
    return lines_of([clinician.pk])[clinician.pk]


def lines_of(clinician_ids: Iterable[int]) -> dict[int, list[Registration]]:
    """The same for several doctors, in a fixed number of queries."""
    found: dict[int, list[Registration]] = {pk: [] for pk in clinician_ids}
    held = Session.objects.filter(clinician__in=found, date=timezone.localdate())
    held = held.filter(stopped_at__isnull=True).order_by("starts", "pk")
    doctor_of = dict(held.values_list("pk", "clinician"))
    for session, line in lines(doctor_of).items():
        found[doctor_of[session]] += line
    return {
        pk: sorted(line, key=lambda row: row.priority != EMERGENCY) for pk, line in found.items()
    }


def count_waiting() -> dict[int, int]:
    """How many each doctor can call today: as long as their line, without loading anybody."""
    rows = Registration.objects.filter(
        day=timezone.localdate(), state=VisitState.WAITING, session__stopped_at__isnull=True
    )
    return dict(rows.order_by().values_list("session__clinician").annotate(Count("pk")))


def sessions_today(clinician: Clinician) -> QuerySet[Session]:
    """The doctor's sessions of today in the order of their hours."""
    found = Session.objects.filter(clinician=clinician, date=timezone.localdate())
    return found.order_by("starts", "pk")


def of_today_or_open(clinician: Clinician) -> QuerySet[Registration]:
    """The doctor's visits of today, and whoever was left open on an earlier day.

    Looked up one after the other, each in an index of its own: asked for both at once the database
    reads all visits that the doctor ever had.
    """
    today = Registration.objects.filter(day=timezone.localdate(), session__clinician=clinician)
    begun = alive().values_list("pk", "state", "session__clinician")
    own = [pk for pk, state, who in begun if state in WITH_DOCTOR and who == clinician.pk]
    return Registration.objects.filter(pk__in=[*today.values_list("pk", flat=True), *own])


def alive() -> QuerySet[Registration]:
    """All visits that are not over: some hundreds, found by the key that only they hold.

    By their state they are not: an index of states holds all that was ever finished, and SQLite
    then takes it for questions that it only slows down.
    """
    return Registration.objects.filter(live_key__gt="")


def rules_of_site() -> Rules:
    """What this site decided about the order."""
    chosen = settings_of(*(f"queue.{name}" for name in SETTINGS))
    return Rules(
        late=chosen["queue.late"],
        late_after=chosen["queue.late_after"],
        back=chosen["queue.recalled"],
        back_after=chosen["queue.recalled_after"],
        booked_first=chosen["queue.booked_first"],
        fair_wait=datetime.timedelta(minutes=chosen["queue.fair_minutes"]),
    )


def _person(row: Registration) -> Person:
    slot = _slot(row.session, row.slot)
    joined = timezone.localtime(row.recalled_at or row.checked_in_at).time()
    may_go_in = row.slot is not None or row.recalled_at is not None
    running = slot_at(row.session, joined) if may_go_in else None
    return Person(
        key=row.pk,
        number=row.number,
        priority=row.priority,
        came=row.checked_in_at,
        slot=moment(row.day, slot.starts) if slot else None,
        slot_ends=moment(row.day, slot.ends) if slot else None,
        back=row.recalled_at,
        returned=row.started_at is not None,
        until=moment(row.day, running.ends) if running else None,
    )


def _slot(session: Session, time: datetime.time | None) -> Slot | None:
    """The promised slot; hours may have been cut differently since the promise."""
    if time is None:
        return None
    return slot_at(session, time) or Slot(time, time, 0)


def _calls(session_ids: list[int]) -> dict[int, list[Called]]:
    """The latest first calls of each session; repeats over the screen left out."""
    fields = ["priority", "checked_in_at", "recalled_at", "started_at"]
    rows = Call.objects.filter(registration__session__in=session_ids, again=False)
    rows = rows.order_by("-called_at", "-pk").values_list(
        "registration__session",
        "registration_id",
        "called_at",
        *(f"registration__{field}" for field in fields),
    )
    found: dict[int, list[Called]] = defaultdict(list)
    for session, key, at, priority, came, recalled, started in rows[:CALLS_LOOKED_AT]:
        joined = recalled if recalled and recalled < at else came
        returned = started is not None and started < at
        found[session].append(Called(key, priority, joined, at, returned))
    return found
