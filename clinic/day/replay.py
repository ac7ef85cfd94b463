"""The day's queues lived through once more, from the audit log: was each call allowed?

The log has every move of every visit in the order in which they happened. What the replay ends
with must be what stands in the tables; on the way each step must be one that the table of moves
allows (R-87), each call must be right by the rules told a second time (`order_rules`), and nobody
may be called into two rooms, nor two into one.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import connection

from clinic.core.days import moment
from clinic.core.site import settings_of
from clinic.day.order_rules import Room, Waiter
from registration.models import Registration, Session
from registration.slots import slot_at
from registration.states import VisitState, may_move
from security.models import AuditEntry

# MariaDB's transactions overlap; on SQLite one writes after the other.
SLACK = {"sqlite": timedelta(0)}
USUAL_SLACK = timedelta(seconds=2)
USUAL_RULES = {"queue.late": "after", "queue.late_after": 2, "queue.recalled": "after",
               "queue.recalled_after": 2, "queue.booked_first": True}  # fmt: skip
AT_ONCE = 500  # SQLite takes only so many parameters
PLAIN = {"state", "session", "priority", "slot", "checked_in_at", "recalled_at", "started_at"}


@dataclass
class Visit:
    """A visit as the log has told of it so far."""

    number: str
    patient: object
    facts: dict = field(default_factory=dict)
    waiter: Waiter | None = None
    is_elsewhere: bool = False

    @property
    def state(self) -> str:
        return self.facts.get("state", "")

    @property
    def session(self) -> int:
        return int(self.facts["session"])

    @property
    def is_waiting(self) -> bool:
        return self.state == VisitState.WAITING


class Replay:
    """`run()`; then `faults` tells what was wrong and `calls` how many were judged."""

    def __init__(self, day, since: datetime):
        self.day, self.since = day, since
        self.faults: list[str] = []
        self.calls = self.steps = 0
        self.moves: dict[str, Counter] = defaultdict(Counter)  # visit: (from, to), how often
        fair = settings_of("queue.fair_minutes")["queue.fair_minutes"]
        slack = SLACK.get(connection.vendor, USUAL_SLACK)
        self.called: set[str] = set()  # whoever was called, before the day as well
        self.first_called: set[str] = set()  # whoever had not been before the day
        self.sessions = {one.pk: one for one in Session.objects.filter(date=day)}
        self.rooms = {
            pk: Room(patience=timedelta(minutes=fair), slack=slack) for pk in self.sessions
        }
        rows = Registration.objects.filter(day=day)
        fields = ("pk", "number", "patient", "state", "session")
        self.ends = {str(row[0]): row for row in rows.values_list(*fields)}
        self.visits = {pk: Visit(row[1], row[2]) for pk, row in self.ends.items()}
        numbers: dict = {}
        for visit in self.visits.values():
            numbers.setdefault(visit.patient, []).append(visit)
        for several in numbers.values():
            for visit in several:
                visit.is_elsewhere = len(several) > 1

    def run(self) -> "Replay":
        chosen = settings_of(*USUAL_RULES)
        if chosen != USUAL_RULES:
            self.faults.append(f"the order is told for the usual rules, and here it is {chosen}")
        for pk, at, changes in self._entries():
            self._step(pk, at, changes)
        for pk, (_pk, number, _patient, state, session) in self.ends.items():
            told = self.visits[pk].facts
            if (told.get("state"), told.get("session")) != (state, str(session)):
                self.faults.append(f"{number} is {state}, and the log ends with {told}")
        return self

    def _entries(self):
        """Of today's visits, also what was entered when they were promised on an earlier day."""
        kind = ContentType.objects.get_for_model(Registration)
        rows = AuditEntry.objects.filter(content_type=kind, event__in=["create", "update"])
        found, ids = [], list(self.visits)
        for begin in range(0, len(ids), AT_ONCE):
            some = rows.filter(object_pk__in=ids[begin : begin + AT_ONCE])
            found += some.values_list("id", "object_pk", "timestamp", "changes")
        for _id, pk, at, changes in sorted(found, key=lambda row: row[0]):
            if changes:
                yield pk, at, {name: pair[1] for name, pair in changes.items() if name in PLAIN}

    def _step(self, pk: str, at: datetime, changes: dict) -> None:
        visit = self.visits[pk]
        old, was_waiting = visit.state, visit.is_waiting
        old_session = visit.session if old else None
        visit.facts.update(changes)
        self.steps += 1
        if visit.state != old and at >= self.since:
            self.moves[pk][old, visit.state] += 1
        if old and visit.state != old and not may_move(old, visit.state):
            self.faults.append(f"{visit.number} went from {old} to {visit.state} (R-87)")
        if old != VisitState.CALLED and visit.state == VisitState.CALLED:
            self._call(visit, at, old)
            if at >= self.since and pk not in self.called:
                self.first_called.add(pk)
            self.called.add(pk)
        has_moved = old_session not in (None, visit.session)
        if was_waiting and (has_moved or not visit.is_waiting) and visit.waiter:
            if visit.state != VisitState.CALLED:
                self.rooms[old_session].leaves(visit.waiter)
            visit.waiter = None
        if visit.is_waiting and visit.waiter is None:
            visit.waiter = self._waiter(visit)
            self.rooms[visit.session].joins(visit.waiter)
        elif visit.is_waiting:
            visit.waiter.priority = int(visit.facts["priority"])

    def _call(self, visit: Visit, at: datetime, old: str) -> None:
        if visit.waiter is None:
            self.faults.append(f"{visit.number} was called and did not wait: {old}")
            return
        wrong = self.rooms[visit.session].calls(visit.waiter, at)
        wrong += [
            f"{visit.number} was called while {other.number} was called {where}"
            for other in self.visits.values()
            if other is not visit and other.state == VisitState.CALLED
            for where in self._clash(visit, other)
        ]
        if at >= self.since:
            self.calls += 1
            self.faults += wrong

    def _clash(self, visit: Visit, other: Visit) -> list[str]:
        doctor = self.sessions[visit.session].clinician_id
        found = []
        if self.sessions[other.session].clinician_id == doctor:
            found.append("into the same room (R-94)")
        if other.patient == visit.patient:
            found.append("elsewhere, the same patient (R-94)")
        return found

    def _waiter(self, visit: Visit) -> Waiter:
        facts, session = visit.facts, self.sessions[visit.session]
        came, slot, ends = _moment(facts["checked_in_at"]), None, None
        if facts.get("slot") not in (None, "None"):
            begins = time.fromisoformat(facts["slot"])
            hours = slot_at(session, begins)
            slot = moment(self.day, begins)
            ends = moment(self.day, hours.ends if hours else begins)
        started = facts.get("started_at")
        return Waiter(
            name=visit.number,
            priority=int(facts["priority"]),
            came=came,
            slot=slot,
            is_late=ends is not None and came > ends,
            back=_moment(facts.get("recalled_at")),
            was_inside=started not in (None, "None"),
            is_elsewhere=visit.is_elsewhere,
        )


def _moment(text: str | None) -> datetime | None:
    """As the log writes it: in UTC, without saying so."""
    if text in (None, "None"):
        return None
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
