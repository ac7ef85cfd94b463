"""The order of a queue, as one pure function over plain rows (R-91 to R-93, R-167).

Nothing is stored but facts: who came when, what was promised, who was called. The same facts give
the same order on every screen, and a call or a newcomer never reshuffles those who wait.

Usual order: class first; inside a class by the promised time or, without one, by check-in. Who
came late, was called and missed it, or comes back from an examination goes in behind the next few
of those who were there already. That never gives a better place than the usual order would.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

NORMAL, BOOKED, PRIORITY, RETURNED, EMERGENCY = 0, 10, 20, 30, 40  # Registration.Priority

# Where somebody goes in who was late or was called before.
AFTER, SLOT, SESSION, USUAL = "after", "slot", "session", "usual"
WHERE = (AFTER, SLOT, SESSION, USUAL)


@dataclass(frozen=True)
class Rules:
    """What a site may decide."""

    late: str = AFTER
    late_after: int = 2
    back: str = AFTER
    back_after: int = 2
    booked_first: bool = True
    fair_after: int = 2  # priority calls in a row
    fair_wait: timedelta = timedelta(minutes=30)


@dataclass(frozen=True)
class Person:
    """Somebody who waits for one session."""

    key: object
    number: str
    priority: int
    came: datetime  # checked in
    slot: datetime | None = None  # when the promised time begins, and ends
    slot_ends: datetime | None = None
    back: datetime | None = None  # recalled after a miss, or back from an examination
    returned: bool = False  # the doctor has begun with them already
    # The end of the slot that ran when they came (back); none: the session was over or not begun.
    until: datetime | None = None

    @property
    def joined(self) -> datetime:
        """Since when they stand in this line."""
        return self.back or self.came

    @property
    def is_late(self) -> bool:
        return self.slot_ends is not None and self.came > self.slot_ends


@dataclass(frozen=True)
class Called:
    """A first call of somebody; repeats over the screen are none."""

    key: object
    priority: int
    joined: datetime  # since when they stood in the line
    at: datetime
    returned: bool = False


def order(
    people: Iterable[Person], *, rules: Rules, now: datetime, calls: Sequence[Called] = ()
) -> list[Person]:
    """Everybody who waits, the next one first."""
    urgent, usual, later = [], [], []
    for person in people:
        is_urgent = person.priority == EMERGENCY
        group = urgent if is_urgent else later if _goes_in(person, rules) != USUAL else usual
        group.append(person)
    urgent.sort(key=lambda person: (person.came, person.number))
    line = sorted(usual, key=lambda person: _rank(person, rules))
    for person in sorted(later, key=lambda person: (person.joined, person.number)):
        line.insert(_index(person, line, rules, calls), person)
    return [*urgent, *_be_fair(line, rules, now, calls)]


def class_of(who: Person | Called, rules: Rules) -> int:
    """The class somebody is called in (R-92); the same for a call that was made."""
    if who.priority == EMERGENCY:
        return EMERGENCY
    if who.returned:
        return RETURNED
    if who.priority == BOOKED and not rules.booked_first:
        return NORMAL
    return who.priority


def _goes_in(person: Person, rules: Rules) -> str:
    if person.back is not None:
        return rules.back
    return rules.late if person.is_late else USUAL


def _rank(person: Person, rules: Rules) -> tuple:
    return -class_of(person, rules), person.slot or person.came, person.came, person.number


def _index(person: Person, line: list[Person], rules: Rules, calls: Sequence[Called]) -> int:
    """Where the person goes in; the like of them who joined earlier keep their place."""
    where = _goes_in(person, rules)
    if where == SESSION or where == SLOT and person.until is None:
        return len(line)
    usual = [n for n, other in enumerate(line) if _goes_in(other, rules) == USUAL]
    own = [n for n in usual if _rank(line[n], rules) < _rank(person, rules)]
    if where == SLOT:
        before = [n for n in usual if _is_of_slot(line[n], person, rules)]
    else:
        count = rules.back_after if person.back else rules.late_after
        there = [n for n, other in enumerate(line) if other.joined <= person.joined]
        before = there[: max(count - _passed(person, calls), 0)]
    same = [n for n, other in enumerate(line) if _goes_in(other, rules) == where]
    earlier = [n for n in same if class_of(line[n], rules) >= class_of(person, rules)]
    return max([*own[-1:], *before[-1:], *earlier[-1:]], default=-1) + 1


def _is_of_slot(other: Person, person: Person, rules: Rules) -> bool:
    """True for those of the person's class whose turn comes before the running slot ends."""
    same = class_of(other, rules) == class_of(person, rules)
    return same and (other.slot or other.came) < person.until


def _passed(person: Person, calls: Sequence[Called]) -> int:
    """How many of those who stood there before were called since the person joined."""
    return sum(
        call.at > person.joined
        and call.joined <= person.joined
        and call.key != person.key
        and call.priority != EMERGENCY
        for call in calls
    )


def _be_fair(
    line: list[Person], rules: Rules, now: datetime, calls: Sequence[Called]
) -> list[Person]:
    """After two priority calls in a row, whoever waits long in usual order comes next (R-93).

    Emergencies neither count nor reset (R-167).
    """
    counted = [call for call in calls if call.priority != EMERGENCY]
    counted.sort(key=lambda call: call.at)
    last = counted[-rules.fair_after :]
    if len(last) < rules.fair_after or any(class_of(call, rules) == NORMAL for call in last):
        return line
    patient_ones = [
        person
        for person in line
        if class_of(person, rules) == NORMAL and now - person.joined > rules.fair_wait
    ]
    if not patient_ones:
        return line
    first = min(patient_ones, key=lambda person: (person.joined, person.number))
    return [first, *(person for person in line if person is not first)]
