"""The day: who is there, what they share, and how it begins and ends.

Actors are threads with an own browser. A module in `clinic/day/people/` adds some by a function
`people(day)` that returns them; nothing else has to know about it.
"""

import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from clinic.day import people, profile
from clinic.day.book import Book
from clinic.day.browser import Browser, Meter, NoAnswer, SignedOut
from clinic.day.clock import Clock
from clinic.day.lines import Line
from clinic.day.page import Form, Page
from clinic.day.plan import DESK_BOOKED, WALKS_IN, Plan, Plans

MOST_FALLS = 25  # errors of one actor, after which it gives up
SOON = 0.5  # seconds after an error of one's own
LEAD = (30.0, 240.0)  # minutes between a booking and its patient
AGAIN = 2.0  # seconds after which somebody tries again who got no answer


@dataclass
class Day:
    """What all actors of a day share."""

    url: str
    ca: Path
    password: str
    seed: int
    clock: Clock
    plans: Plans
    book: Book = field(default_factory=Book)
    meter: Meter = field(default_factory=Meter)
    options: dict = field(default_factory=dict)  # of the command line: screens, doctors, desks …
    cast: dict[str, list[str]] = field(default_factory=dict)  # role: names of accounts
    actors: list = field(default_factory=list)
    lines: dict[str, Line] = field(default_factory=lambda: defaultdict(Line))
    grace: float = 900.0  # real seconds after closing, in which the last patients are served
    last: float = 0.0  # time.monotonic() after which nobody goes on

    def browser(self, who: str) -> Browser:
        return Browser(self.url, ca=self.ca, who=who, meter=self.meter)

    def chance(self, *what):
        return profile.chance_of(self.seed, *what)

    def line(self, name: str) -> Line:
        """People who stand, or will stand, before a window: `day.line("desk")`."""
        return self.lines[name]

    def has(self, role: str) -> bool:
        """Whether somebody of this role works today."""
        return any(one.role == role for one in self.actors)

    @cached_property
    def names(self) -> set[str]:
        """Of all of today's patients, in full."""
        return {one.name for one in self.plans.all}

    def expect(self) -> None:
        """Who comes, who telephones and who books online, at their times."""
        for plan in self.plans.all:
            lead = self.chance("lead", plan.number).uniform(*LEAD)
            if plan.way == WALKS_IN:
                self.line("desk").put(plan.arrives, "arrive", plan)
            else:
                window = "desk" if plan.way == DESK_BOOKED else "phone"
                self.line(window).put(max(0.0, plan.arrives - lead), "book", plan)

    @property
    def goes_on(self) -> bool:
        """True until the last patient has what they came for."""
        if self.clock.stopped.is_set():
            return False
        if not self.clock.is_closing:
            return True
        return bool(self.plans.open()) and time.monotonic() < self.last

    def live(self) -> None:
        """From opening to the last patient; returns when everybody has gone home."""
        self.actors = crew(self)
        self.expect()
        threads = [threading.Thread(target=one.live, name=one.who) for one in self.actors]
        self.clock.start()
        self.last = time.monotonic() + self.clock.seconds(self.clock.length) + self.grace
        for thread in threads:
            thread.daemon = True
            thread.start()
        for thread in threads:
            thread.join(max(1.0, self.last + 60 - time.monotonic()))
            if thread.is_alive():
                self.book.complain(thread.name, "did not come to an end")
        self.clock.stop()


def crew(day: Day) -> list:
    """Everybody whom the modules of `people` send."""
    found = []
    for module in sorted(iter_modules(people.__path__), key=lambda one: one.name):
        found += import_module(f"{people.__name__}.{module.name}").people(day)
    return found


class Actor:
    """Somebody at work: `step` does one thing; it is called again and again until the day ends."""

    role = ""

    def __init__(self, day: Day, account: str):
        self.day, self.account = day, account
        self.who = account
        self.chance = day.chance(self.role, account)
        self.browser = day.browser(self.who)
        self.falls = 0

    # -- what an actor says of itself --

    def begin(self) -> None:
        """In the morning; most sign in."""
        self.browser.sign_in(self.account, self.day.password)

    def step(self) -> None:
        raise NotImplementedError

    @property
    def is_needed(self) -> bool:
        """Whether to go on; an actor whose work ends earlier says so here."""
        return self.day.goes_on

    # -- tools --

    def busy(self, kind: str) -> None:
        """Work with the person, the shelf or the paper: time that no machine takes."""
        self.day.clock.spend(profile.service(kind, self.chance))

    def doing(self, verb: str, **facts):
        return self.day.book.doing(self.who, verb, **facts)

    def complain(self, what: str) -> None:
        self.day.book.complain(self.who, what)

    def click(self, form: Form, button=None, *, twice: bool = False, **typed) -> Page:
        """Press a button, now and then twice: both clicks must lead to the same place."""
        if not twice:
            return self.browser.submit(form, button, **typed)
        page, second = self.browser.submit_twice(form, button, **typed)
        if second.led_to != page.led_to and not (page.refuses and second.refuses):
            self.complain(f"a double click led to {page.led_to} and {second.led_to}")
        return page

    def check_allergy(self, page: Page, plan: Plan) -> None:
        """The allergy line must say what this patient can't stand (R-44)."""
        line = page.said("allergy")
        if not line:
            self.complain(f"{page.path}: no allergy line for patient {plan.number}")
        elif plan.allergy and plan.allergy[0] not in line:
            self.complain(f"{page.path}: {plan.allergy[0]} is not in the allergy line: {line}")

    def watch(self, page: Page, seconds: float) -> Page | None:
        """Sit before a page while its script keeps it fresh; the first part that has changed."""
        end = time.monotonic() + seconds
        while self.is_needed and (now := time.monotonic()) < end:
            due = [part for part in page.parts if part.due <= now]
            for part in due:
                fresh, part.etag = self.browser.poll(part.address, part.etag)
                part.due = time.monotonic() + part.seconds
                if fresh is not None and fresh.status == 200:
                    return fresh
            following = min([part.due for part in page.parts] + [end])
            self.day.clock.pause(max(0.01, following - time.monotonic()))
        return None

    # -- the day --

    def live(self) -> None:
        is_in = False
        while self.is_needed and self.falls < MOST_FALLS:
            try:
                if not is_in:
                    self.begin()
                    is_in = True
                self.step()
            except SignedOut as out:
                is_in = False
                self.day.book.remark(self.who, f"signed out at {out}")
                self.falls += 1
            except NoAnswer as lost:
                self.lost(lost)
            except Exception as error:  # whatever it is, the day's report has to tell
                self.falls += 1
                self.complain(f"{type(error).__name__}: {error} ({_where(error)})")
                self.day.clock.pause(SOON)
        if self.falls >= MOST_FALLS:
            self.complain("gave up after too many errors")
        self.browser.close()

    def lost(self, error: NoAnswer) -> None:
        """No answer: wait until there is one again, then go on from the own page."""
        self.day.book.remark(self.who, f"no answer: {error}")
        self.day.clock.pause(AGAIN)


def _where(error: Exception) -> str:
    trace = error.__traceback__
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
