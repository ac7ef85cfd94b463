"""Somebody who works with the pharmacy's, the till's or the office's pages.

A press is told apart from its answer: one click or two at once, done or refused in words; a wrong
entry comes back with what is wrong and loses nothing that was typed.
"""

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from clinic.day.book import Deed
from clinic.day.browser import NoAnswer
from clinic.day.engine import Actor
from clinic.day.page import Form, Page

DOUBLE = 0.12  # of the presses: a double click
WRONG = 0.12  # of the entries: wrong at first
AROUND = 9.0  # minutes before or after its time at which something is done
SHORTEST, LONGEST = 0.8, 15.0  # seconds before a list; its own polls tell of changes sooner
OVERTIME = 40.0  # seconds after the last moment in which a till is still counted
AGAIN, RELOAD = 30, 2.0  # how often a press is repeated, after so many seconds each
FAILED = 500
BUSY = ("系统忙", "the system is busy")
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


def is_busy(page: Page) -> bool:
    """It says that nothing was saved, because too many wrote at the same time."""
    said = [*page.errors, *(one.words for one in page.messages)]
    return any(word in text for text in said for word in BUSY)


class Worker(Actor):
    """Presses once or twice, and mistypes now and then."""

    plan: list = ()  # (minute, work), of whoever does things at their time

    def is_double(self) -> bool:
        return self.chance.random() < DOUBLE

    def is_wrong(self) -> bool:
        return self.chance.random() < WRONG

    def press(self, form: Form, button=None, *, twice: bool = False, **typed) -> Answer:
        """The answer of one click, or of two at the same time, which have to agree."""
        here = frozenset({form.page.path, urlsplit(form.address).path})
        if not twice:
            page = self.sent(form, button, typed)
            return Answer(page, tuple(page.messages), here)
        try:
            page, second = self.browser.submit_twice(form, button, **typed)
        except NoAnswer as lost:
            self.wait_for_clinic(lost)
            page = second = self.sent(form, button, {})
        return self.agreed(page, second, here)

    def agreed(self, page: Page, second: Page, here: frozenset) -> Answer:
        """Both clicks lead to one place; only a clinic that is too busy may turn one away.

        Where both are refused, a colleague may have moved the sheet on between the two answers.
        """
        busy = [one for one in (page, second) if is_busy(one)]
        if second.led_to != page.led_to and len(busy) == 1:
            self.day.book.remark(self.who, f"one of two clicks found {page.path} busy")
            good = second if busy[0] is page else page
            return Answer(good, tuple(good.messages), here)
        if second.led_to != page.led_to and not (page.refuses and second.refuses):
            self.complain(f"a double click led to {page.led_to} and {second.led_to}")
        return Answer(page, (*page.messages, *second.messages), here)

    def sent(self, form: Form, button, typed: dict) -> Page:
        """Pressed, and pressed again where no answer came: the form's token makes it one deed."""
        for _try in range(AGAIN):
            try:
                return self.browser.submit(form, button, **typed)
            except NoAnswer as lost:
                self.wait_for_clinic(lost)
        return self.browser.submit(form, button, **typed)

    def wait_for_clinic(self, lost: NoAnswer) -> None:
        """Until the page is reloaded; what the application itself failed at is told at once."""
        page = getattr(lost, "page", None)
        if page is not None and page.status == FAILED:
            raise lost
        self.day.book.remark(self.who, f"pressed again: {lost}")
        if not self.day.clock.pause(RELOAD):
            raise lost

    def mistype(self, what: str, form: Form, button=None, **typed) -> Page:
        """A wrong entry: its page comes again, says what is wrong, and has kept what was typed.

        Where somebody else has done it meanwhile the page is another one, which says that.
        """
        there = form.page.name
        with self.doing("mistype", what=what) as deed:
            page = self.browser.submit(form, button, **typed)
            if page.name not in (there, form.name) and page.refuses:
                deed.refused(*(one.words for one in page.messages if one.level == "error"))
                return page
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
        now: dict[str, set] = {}
        for form in shown:  # a list may have one such form in each row
            for name, values in form.fields.items():
                now.setdefault(name, set()).update(values)
        for control in sent.controls:
            name = control.get("name") or ""
            if (
                control.get("type") == "hidden"
                or any(word in name for word in SECRETS)
                or name not in sent.fields
            ):
                continue
            typed = [value for value in sent.fields[name] if value.strip()]
            if typed and name in now and not set(typed) <= now[name]:
                self.complain(f"{what}: {name} was {typed} and is {sorted(now[name])}")

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

    def do_due(self) -> bool:
        """The next work whose time has come; once more where the clinic did not answer."""
        if not self.plan or self.plan[0][0] > self.day.clock.now:
            return False
        minute, work = self.plan.pop(0)
        try:
            work()
        except NoAnswer:
            self.plan.insert(0, (minute, work))
            raise
        return True

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
        """The end of the day has not come for everybody, or only just."""
        return time.monotonic() < self.day.last + OVERTIME
