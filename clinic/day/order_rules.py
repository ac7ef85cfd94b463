"""The rules of a queue, told a second time: simple, slow, and without a line of the clinic's own.

It is asked at each call: may this one be called, given who waits and who was called before? Facts
are what people at the desk saw: when somebody came, what they were promised, when they came back.

Where two things happen at the same moment in two transactions, nobody can say which was first: with
`slack`, whoever joined so shortly before a call may or may not have been seen by it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

NORMAL, BOOKED, PRIORITY, RETURNED, EMERGENCY = 0, 10, 20, 30, 40
PATIENCE = timedelta(minutes=30)
BEHIND = 2  # so many go before somebody who was late, passed over or at the examination


@dataclass(eq=False)
class Waiter:
    """Somebody who waits for one doctor."""

    name: str
    priority: int
    came: datetime
    slot: datetime | None = None
    is_late: bool = False
    back: datetime | None = None  # passed over and recalled, or back from the examination
    was_inside: bool = False
    is_elsewhere: bool = False  # has a number of another doctor too, who may have them just now
    there: set = field(default_factory=set)  # who waited already when they joined, and still does
    gone: int = 0  # how many of those left the line since

    @property
    def joined(self) -> datetime:
        return self.back or self.came

    @property
    def called_as(self) -> int:
        """The class that a call of them counts as (R-92)."""
        return max(self.priority, RETURNED) if self.was_inside else self.priority

    @property
    def is_plain(self) -> bool:
        """Neither late nor back: nothing but class and time decides."""
        return self.back is None and not self.is_late

    @property
    def time(self) -> tuple:
        return self.slot or self.came, self.came


@dataclass
class Room:
    """One doctor's queue as it was seen from outside."""

    strict_about_late: bool = True
    patience: timedelta = PATIENCE
    slack: timedelta = timedelta(0)
    waiting: list[Waiter] = field(default_factory=list)
    called: list[int] = field(default_factory=list)  # classes, emergencies left out

    def joins(self, who: Waiter) -> None:
        who.there = {other for other in self.waiting if other.joined <= who.joined - self.slack}
        who.gone = 0
        self.waiting.append(who)

    def leaves(self, who: Waiter) -> None:
        self.waiting.remove(who)
        for other in self.waiting:
            if who in other.there:
                other.there.remove(who)
                other.gone += 1

    def calls(self, who: Waiter, now: datetime) -> list[str]:
        """What is wrong with calling this one now; then they are gone from the line."""
        wrong = [words for rule in RULES if (words := rule(self, who, now))]
        self.leaves(who)
        if who.priority != EMERGENCY:
            self.called.append(who.called_as)
        return [f"{now:%H:%M} {who.name}: {words}" for words in wrong]

    def seen(self, now: datetime) -> list[Waiter]:
        """Those whom this call can't have missed."""
        return [w for w in self.waiting if not w.is_elsewhere and now - w.joined >= self.slack]

    def patient_ones(self, now: datetime) -> list[Waiter]:
        usual = [w for w in self.seen(now) if w.priority == NORMAL and not w.was_inside]
        return [w for w in usual if now - w.joined > self.patience + self.slack]

    def is_fair(self, who: Waiter, now: datetime) -> bool:
        """It is this one's turn because they waited so long (R-93)."""
        waited = now - who.came > self.patience - self.slack
        return self.two_before and who.priority == NORMAL and waited

    @property
    def two_before(self) -> bool:
        """The last two calls were priority calls: fairness is due (R-93)."""
        return len(self.called) >= 2 and NORMAL not in self.called[-2:]


def emergencies_first(room: Room, who: Waiter, now: datetime) -> str:
    urgent = [w for w in room.seen(now) if w.priority == EMERGENCY and w is not who]
    if urgent and who.priority != EMERGENCY:
        return f"{urgent[0].name} is an emergency (R-92)"
    earlier = [w for w in urgent if w.is_plain and w.came < who.came]
    return f"the emergency {earlier[0].name} came earlier (R-167)" if earlier else ""


def fairness(room: Room, who: Waiter, now: datetime) -> str:
    """After two priority calls whoever waits long in usual order comes next."""
    if not room.two_before or who.priority in (EMERGENCY, NORMAL):
        return ""
    waits = room.patient_ones(now)
    return f"{waits[0].name} has waited since {waits[0].joined:%H:%M} (R-93)" if waits else ""


def class_then_time(room: Room, who: Waiter, now: datetime) -> str:
    if not who.is_plain:
        return ""
    for other in room.seen(now):
        if other is who or not other.is_plain:
            continue
        if other.priority > who.priority and not room.is_fair(who, now):
            return f"{other.name} is of a higher class (R-92)"
        if other.priority == who.priority and other.time < who.time:
            return f"{other.name} of the same class was before (R-167)"
    return ""


def behind_the_next_two(room: Room, who: Waiter, now: datetime) -> str:
    """Who came back, or came late, has at least two before them while there are any (R-91)."""
    if who.is_plain or who.priority == EMERGENCY:
        return ""
    if who.back is None and not room.strict_about_late:
        return ""
    if room.is_fair(who, now):
        return ""
    still = [w for w in room.seen(now) if w in who.there and w.priority != EMERGENCY]
    return f"only {who.gone} of those before went (R-91)" if who.gone < BEHIND and still else ""


RULES = [emergencies_first, fairness, class_then_time, behind_the_next_two]
