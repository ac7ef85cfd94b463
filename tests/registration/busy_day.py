"""A day of 120 patients and three doctors, replayed through the clinic's own pages.

People come as they come to grassroots clinics: 22 % of the day in the first hour, 17 % in the
second, a second rise after noon, gaps that are nearly exponential. Everything is drawn from one
seed; time is Django's clock, moved from event to event.
"""

import heapq
import random
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from itertools import count

from django.urls import get_resolver, reverse
from django.utils import timezone

from clinic.day.order_rules import BOOKED, EMERGENCY, NORMAL, PRIORITY, Room, Waiter
from registration.models import Consultation, Registration
from tests.factories.patients import PatientFactory
from tests.helpers import post_ok

DAY = date(2026, 11, 30)
OPENS = time(8)
# Of a hundred people so many come in each hour from eight to five.
HOURS = [22, 17, 12, 8, 4, 13, 11, 8, 5]
PEOPLE, BOOKINGS, LATE, ABSENT = 120, 24, 5, 2
REASONS = {"": NORMAL, "pregnant": PRIORITY, "disabled": PRIORITY, "emergency": EMERGENCY}
WEIGHTS = [78, 9, 7, 6]
YOUNG = date(1990, 3, 16)


PAUSE, HANDED_OVER = 12, 14  # about these hours


def has_pages(*names: str) -> bool:
    """The doctor's further buttons: examination, pause, handing over (R-94)."""
    known = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    return set(names) <= known


def at(hour: int, minute: float = 0) -> datetime:
    return timezone.make_aware(datetime.combine(DAY, time(hour))) + timedelta(minutes=minute)


def arrivals(draw: random.Random, people: int) -> list[datetime]:
    """When they come: inside each hour anywhere, so that the gaps are nearly exponential."""
    shares = [people * share // 100 for share in HOURS]
    shares[0] += people - sum(shares)
    moments = []
    for hour, share in enumerate(shares, 8):
        moments += [at(hour, draw.uniform(0, 60)) for _n in range(share)]
    return sorted(moments)


class Guest:
    """One patient of the day: what they will do, and what became of them."""

    def __init__(self, number: int, draw: random.Random, session):
        self.patient = PatientFactory(birth_date=YOUNG)
        self.name = f"{number}"
        self.session = session
        self.reason = ""
        self.slot: datetime | None = None
        self.misses = draw.choices([0, 1, 2, 3], [88, 8, 2, 2])[0]  # how often nobody answers
        self.cancels = draw.random() < 0.05
        self.has_exam = draw.random() < 0.12
        self.fate = "expected"
        self.visit: Registration | None = None
        self.waiter: Waiter | None = None


class BusyDay:
    """The day; `run` plays it to its end and `wrong` tells which calls broke a rule."""

    def __init__(self, *, seed: int, clock: Callable, desk, rooms: dict):
        """`rooms`: a doctor's browser for each session; `clock(moment)` sets the time."""
        self.draw, self.clock, self.desk = random.Random(seed), clock, desk
        self.browsers = rooms
        self.has_more = has_pages("visit_exam", "queue_pause", "visit_hand_over")
        self.rooms = {session: Room(strict_about_late=self.has_more) for session in rooms}
        self.events: list[tuple] = []
        self.order = count()
        self.now = at(7, 30)
        self.guests: list[Guest] = []
        self.by_visit: dict = {}
        self.wrong: list[str] = []
        self.told: Counter = Counter()
        self.to_pause = [next(iter(rooms))] if self.has_more else []

    # -- time --

    def plan(self, moment: datetime, act: Callable, *arguments) -> None:
        heapq.heappush(self.events, (moment, next(self.order), act, arguments))

    def after(self, minutes: float, act: Callable, *arguments) -> None:
        self.plan(self.now + timedelta(minutes=minutes), act, *arguments)

    def run(self) -> None:
        self.clock(self.now)
        self._invite()
        for session in self.rooms:
            self.plan(at(8, 2), self._next, session)
        if self.has_more:
            self.plan(at(HANDED_OVER), self._hand_over)
        while self.events:
            self.now, _order, act, arguments = heapq.heappop(self.events)
            self.clock(self.now)
            act(*arguments)

    def _invite(self) -> None:
        sessions = list(self.rooms)
        self.guests = [
            Guest(n, self.draw, self.draw.choice(sessions)) for n in range(1, PEOPLE + 1)
        ]
        booked, others = self.guests[:BOOKINGS], self.guests[BOOKINGS:]
        for n, guest in enumerate(booked):
            guest.session = sessions[n % len(sessions)]
            guest.slot = at(8, 30 * (2 * (n // len(sessions)) + n % 2))
            self._book(guest)
            if n >= BOOKINGS - ABSENT:
                guest.fate = "absent"
            else:
                self.plan(
                    self._comes(guest, is_late=n % 4 == 3 and n < 4 * LATE), self._come, guest
                )
        for guest, moment in zip(others, arrivals(self.draw, len(others)), strict=True):
            (guest.reason,) = self.draw.choices(list(REASONS), WEIGHTS)
            self.plan(moment, self._come, guest)

    def _comes(self, guest: Guest, *, is_late: bool) -> datetime:
        first = -20 if self.has_more else 0  # minutes before the promised time
        minutes = self.draw.uniform(31, 60) if is_late else self.draw.uniform(first, 29)
        return max(guest.slot + timedelta(minutes=minutes), at(7, 45))

    # -- the desk --

    def _book(self, guest: Guest) -> None:
        url = reverse("registration_later", args=[guest.patient.pk])
        place = f"{guest.session.pk}@{timezone.localtime(guest.slot):%H:%M}"
        post_ok(self.desk, f"{url}?day={DAY}", {"place": place})
        self._has_number(guest)

    def _come(self, guest: Guest) -> None:
        """At the desk: a number for who has none, a check-in for who was promised a time."""
        if guest.visit is None:
            url = reverse("registration_new", args=[guest.patient.pk])
            post_ok(self.desk, url, {"session": guest.session.pk, "because": guest.reason})
            self._has_number(guest)
        else:
            post_ok(self.desk, reverse("registration_check_in", args=[guest.visit.pk]))
        guest.fate = "waiting"
        guest.waiter = Waiter(
            name=guest.visit.number,
            priority=BOOKED if guest.slot else REASONS[guest.reason],
            came=self.now,
            slot=guest.slot,
            is_late=bool(guest.slot) and self.now > guest.slot + timedelta(minutes=30),
        )
        self.told["late"] += guest.waiter.is_late
        self.rooms[guest.session].joins(guest.waiter)
        if guest.cancels:
            self.after(self.draw.uniform(3, 15), self._cancel, guest)

    def _has_number(self, guest: Guest) -> None:
        guest.visit = Registration.objects.get(patient=guest.patient, session=guest.session)
        self.by_visit[guest.visit.pk] = guest

    def _cancel(self, guest: Guest) -> None:
        if guest.fate == "waiting":
            url = reverse("registration_cancel", args=[guest.visit.pk])
            post_ok(self.desk, url, {"reason": "left"})
            self._leave(guest, "cancelled")

    def _recall(self, guest: Guest) -> None:
        post_ok(self.desk, reverse("registration_recall", args=[guest.visit.pk]))
        waiter = guest.waiter
        waiter.back, guest.fate = self.now, "waiting"
        self.told["recalled"] += 1
        self.rooms[guest.session].joins(waiter)

    def _leave(self, guest: Guest, fate: str) -> None:
        self.rooms[guest.session].leaves(guest.waiter)
        guest.fate = fate

    # -- the doctor's room --

    def _next(self, session) -> None:
        if self.rooms[session].waiting:
            post_ok(self.browsers[session], reverse("call_next"))
            self._called(session)
        elif self.now < at(17) or self._is_somebody_coming(session):
            self.after(2, self._next, session)

    def _is_somebody_coming(self, session) -> bool:
        still = {"expected", "missed", "exam", "waiting"}
        return any(g.session is session and g.fate in still for g in self.guests)

    def _called(self, session) -> None:
        """Whoever is on the screen now was called: was it their turn?"""
        called = Registration.objects.filter(session=session, state="called").get()
        guest = self.by_visit[called.pk]
        if guest.fate != "waiting":
            self.wrong.append(f"{called.number} was called and is {guest.fate}")
        self.wrong += self.rooms[session].calls(guest.waiter, self.now)
        self.told["called"] += 1
        guest.fate = "called"
        if guest.misses and not guest.waiter.was_inside:
            self.after(0.5, self._call_again, guest)
        else:
            self.after(1, self._start, guest)

    def _call_again(self, guest: Guest) -> None:
        browser = self.browsers[guest.session]
        post_ok(browser, reverse("call_again", args=[guest.visit.pk]))
        post_ok(browser, reverse("pass_over", args=[guest.visit.pk]))
        guest.misses -= 1
        self.told["passed over"] += 1
        guest.visit.refresh_from_db()
        guest.fate = guest.visit.state
        if guest.fate == "missed":
            self.after(self.draw.uniform(4, 20), self._recall, guest)
        self._next(guest.session)

    def _start(self, guest: Guest) -> None:
        post_ok(self.browsers[guest.session], reverse("start_consultation", args=[guest.visit.pk]))
        guest.fate = "inside"
        minutes = min(3 + self.draw.expovariate(1 / 6), 30)
        if guest.has_exam and self.has_more:
            guest.has_exam = False
            self.after(minutes / 2, self._examine, guest)
        else:
            self.after(minutes, self._finish, guest)

    def _examine(self, guest: Guest) -> None:
        post_ok(self.browsers[guest.session], reverse("visit_exam", args=[guest.visit.pk]))
        guest.fate, guest.waiter.was_inside = "exam", True
        self.told["examined"] += 1
        self.after(self.draw.uniform(10, 30), self._recall, guest)
        self._next(guest.session)

    def _finish(self, guest: Guest) -> None:
        """Complaint and diagnosis, then “finish and call the next”."""
        browser = self.browsers[guest.session]
        record = Consultation.objects.get(registration=guest.visit)
        page = reverse("consultation", args=[record.pk])
        typed = {"complaint": "咳嗽 3 天", "dx": "", "code": "", "version": record.version}
        post_ok(browser, page, {**typed, "add": "J20.9"})
        typed["version"] = Consultation.objects.values_list("version", flat=True).get(pk=record.pk)
        finish = reverse("consultation_finish", args=[record.pk])
        pauses = self.now > at(PAUSE) and guest.session in self.to_pause
        post_ok(browser, finish, typed if pauses else {**typed, "call": "1"})
        guest.fate = "finished"
        if pauses:
            self._pause(guest.session)
        elif self.rooms[guest.session].waiting:
            self._called(guest.session)
        else:
            self.after(2, self._next, guest.session)

    def _pause(self, session) -> None:
        """Nobody is called into this room for a while."""
        self.to_pause.remove(session)
        post_ok(self.browsers[session], reverse("queue_pause"))
        self.browsers[session].post(reverse("call_next"), {"once": uuid.uuid4()})
        if Registration.objects.filter(session=session, state="called").exists():
            self.wrong.append(f"{self.now:%H:%M} called in a pause")
        self.told["paused"] += 1
        self.after(20, self._resume, session)

    def _resume(self, session) -> None:
        post_ok(self.browsers[session], reverse("queue_resume"))
        self._next(session)

    def _hand_over(self) -> None:
        """One who waits goes to another doctor: the time they came counts there too."""
        waits = [g for g in self.guests if g.fate == "waiting" and g.waiter.is_plain]
        if not waits:
            self.after(2, self._hand_over)
            return
        guest = waits[-1]
        old, new = guest.session, next(s for s in self.rooms if s is not guest.session)
        url = reverse("visit_hand_over", args=[guest.visit.pk])
        reasons = self.browsers[old].get(url).context["form"].fields["reason"].choices
        chosen = {"clinician": new.clinician_id, "reason": reasons[0][0]}
        post_ok(self.browsers[old], url, chosen)
        self.rooms[old].leaves(guest.waiter)
        self.rooms[new].joins(guest.waiter)
        guest.session = new
        self.told["handed over"] += 1
