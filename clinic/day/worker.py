"""Somebody who works with the pharmacy's, the till's or the office's pages.

A press is told apart from its answer: one click or two at once, done or refused in words; a wrong
entry comes back with what is wrong and loses nothing that was typed.
"""

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from clinic.day.book import Deed
from clinic.day.engine import Actor
from clinic.day.page import Form, Page

DOUBLE = 0.12  # of the presses: a double click
WRONG = 0.12  # of the entries: wrong at first
AROUND = 9.0  # minutes before or after its time at which something is done
SHORTEST, LONGEST = 0.25, 5.0  # seconds before a list that is looked at again
SECRETS = ("password",)  # no page gives back a field whose name says this


@dataclass(frozen=True)
class Answer:
    """What came of a press: the page that it led to, and what both clicks were told."""

    page: Page
    told: tuple
    sent_to: frozenset  # paths of the form and of its page: there again, it was not taken

    @property
    def why(self) -> list[str]:
        """What the clinic has against it; empty where it has not."""
        said = [one.words for one in self.told if one.level == "error"]
        shown = self.page.errors if self.page.path in self.sent_to else []
        return list(dict.fromkeys([*said, *shown]))


class Worker(Actor):
    """Presses once or twice, and mistypes now and then."""

    def is_double(self) -> bool:
        return self.chance.random() < DOUBLE

    def is_wrong(self) -> bool:
        return self.chance.random() < WRONG

    def press(self, form: Form, button=None, *, twice: bool = False, **typed) -> Answer:
        """The answer of one click, or of two at the same time, which have to agree."""
        here = frozenset({form.page.path, urlsplit(form.address).path})
        if not twice:
            page = self.browser.submit(form, button, **typed)
            return Answer(page, tuple(page.messages), here)
        page, second = self.browser.submit_twice(form, button, **typed)
        if second.path != page.path:
            self.complain(f"a double click led to {page.path} and {second.path}")
        return Answer(page, (*page.messages, *second.messages), here)

    def mistype(self, what: str, form: Form, button=None, **typed) -> Page:
        """A wrong entry: its page comes again, says what is wrong, and has kept what was typed."""
        there = form.page.name
        with self.doing("mistype", what=what) as deed:
            page = self.browser.submit(form, button, **typed)
            if page.name not in (there, form.name) or not page.errors:
                self.complain(f"{what} was taken: {page.path}")
                deed.done()
                return page
            self.compare(what, page, form)
            deed.refused(*page.errors)
        return page

    def compare(self, what: str, page: Page, sent: Form) -> None:
        """Every visible field that was sent stands on the page again."""
        shown = [one for one in page.forms if one.name == sent.name] or page.forms
        now = {name: values for form in shown for name, values in form.fields.items()}
        for control in sent.controls:
            name = control.get("name") or ""
            if (
                control.get("type") == "hidden"
                or any(word in name for word in SECRETS)
                or name not in sent.fields
            ):
                continue
            typed = [value for value in sent.fields[name] if value.strip()]
            if typed and name in now and not set(typed) <= set(now[name]):
                self.complain(f"{what}: {name} was {typed} and is {now[name]}")

    def settled(self, deed: Deed, answer: Answer, is_done: bool, **facts) -> bool:
        """Write into the book what the clinic has said; False where it has refused."""
        if is_done and not answer.why:
            deed.done(**facts)
            return True
        deed.refused(*answer.why, **facts)
        return False

    def spread(self, plans: dict) -> list:
        """(minute, work), in their order and not to the minute, out of work and its minutes."""
        rows = [
            (minute + self.chance.uniform(-AROUND, AROUND), work)
            for work, minutes in plans.items()
            for minute in minutes
        ]
        return sorted(rows, key=lambda row: row[0])

    def soon(self, minutes: float = 2.0) -> float:
        """Seconds until somebody looks again."""
        return min(LONGEST, max(SHORTEST, self.day.clock.seconds(minutes)))


class Staying(Worker):
    """Stays after the last patient, until the own work of the day's end is done."""

    is_home = False

    @property
    def is_needed(self) -> bool:
        if self.is_home or self.day.clock.stopped.is_set():
            return False
        return self.day.goes_on or self.has_time

    @property
    def has_time(self) -> bool:
        """The end of the day has not come for everybody."""
        return time.monotonic() < self.day.last
