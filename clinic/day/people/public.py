"""People at home who book online: each by a phone of their own, with nobody signed in."""

import re
from urllib.parse import urlsplit

from django.utils import timezone

from clinic.day.browser import Browser
from clinic.day.engine import Actor
from clinic.day.page import NotOnPage, Page, words
from clinic.day.plan import WALKS_IN, Plan

HANDS = 2  # so many book at the same time
DIGITS = {one: number for number, one in enumerate("零一二三四五六七八九")}
SUM = re.compile(f"([{''.join(DIGITS)}])(加|减)([{''.join(DIGITS)}])")
MOST_TRIES = 3
NEARBY = ("localhost", "127.0.0.1")


def people(day) -> list:
    """They work through one line, whose errands are of the plans that book online."""
    return [Public(day, f"phone{number + 1}") for number in range(HANDS)]


class Public(Actor):
    """Takes the next who wants to book, with a fresh browser."""

    role = "public"

    def begin(self) -> None:
        """Nobody signs in."""

    def step(self) -> None:
        taken = self.day.line("phone").take(self.day.clock.now)
        if taken is None:
            self.day.clock.pause(0.2)
            return
        errand, plan = taken
        try:
            self.book(plan) if errand == "book" else self.cancel(plan)
        except Exception:
            self.again(errand, plan)
            raise

    def again(self, errand: str, plan: Plan) -> None:
        """A minute later, and after some tries without the phone."""
        plan.tries += 1
        if plan.tries <= MOST_TRIES:
            self.day.line("phone").put(self.day.clock.now + 1, errand, plan)
        else:
            self.walks_in(plan)

    def phone(self, plan: Plan) -> Browser:
        """A browser of its own; beside the server also with an address of its own."""
        self.browser.close()
        browser = self.day.browser(self.who)
        if urlsplit(self.day.url).hostname in NEARBY:
            browser.come_from(f"127.1.{plan.number // 250}.{plan.number % 250 + 1}")
        self.browser = browser
        return browser

    def book(self, plan: Plan) -> None:
        page = self.times(self.phone(plan).open("booking"))
        if page is None:
            self.day.book.remark(self.who, "nothing can be booked online today")
            self.walks_in(plan)
            return
        form = page.form("booking_person", has="time")
        times = [value for value, _words in form.choices("time")]
        page = self.browser.submit(form, time=times[0] if self.is_soon else times[-1])
        if not page.has_form("booking_person", has="answer"):
            self.day.book.remark(self.who, f"taken or closed between two pages: {page.path}")
            self.again("book", plan)
            return
        self.busy("desk_other")
        for _try in range(MOST_TRIES):
            page = self.send(page, plan)
            if plan.code:
                break
        if not plan.code:
            self.walks_in(plan)
            return
        self.after(plan)

    @property
    def is_soon(self) -> bool:
        return self.chance.random() < 0.8

    def times(self, page: Page) -> Page | None:
        """The page of a doctor's times today; None: nobody has any."""
        today = timezone.localdate().strftime("%m-%d")
        for department in page.links("booking_doctors"):
            doctors = self.browser.get(department)
            addresses = doctors.links("booking_times")
            self.chance.shuffle(addresses)
            for address in addresses:
                shown = self.browser.get(address)
                for day in shown.classed("tap-day", "a"):
                    if today in words(day) and "is-full" not in day.get("class"):
                        shown = self.browser.get(day.get("href").partition("#")[0])
                        if shown.has_form("booking_person", has="time"):
                            return shown
        return None

    def send(self, page: Page, plan: Plan) -> Page:
        form = page.form("booking_person", has="answer")
        form.fill(
            name=plan.name,
            id_number=plan.who["id_number"],
            phone=plan.who["phone"] or plan.who["contact_phone"],
            answer=answer(words(page.first("//label[@for='id_answer']"))),
        )
        wrong = plan.wrong == "id_number" and not plan.tries
        if wrong:
            plan.tries += 1
            form.fill(id_number=plan.who["id_number"][:-2] + "0")
        with self.doing("book_online", plan=plan.number) as deed:
            page = self.browser.submit(form)
            code = page.said("code")
            if not code:
                deed.refused(*page.errors)
                if wrong and not page.errors:
                    self.complain("a wrong document number was taken online")
                return page
            self.day.plans.note(plan, code=code)
            deed.done(code=code)
        return page

    def after(self, plan: Plan) -> None:
        now = self.day.clock.now
        if not plan.comes:
            plan.finish("did not come")
        elif plan.cancels:
            self.day.line("phone").put(now + 5, "cancel", plan)
        else:
            self.day.line("desk").put(max(plan.arrives, now + 1), "arrive", plan)

    def cancel(self, plan: Plan) -> None:
        """With the code and the end of the phone number."""
        page = self.phone(plan).open("booking_mine")
        number = plan.who["phone"] or plan.who["contact_phone"]
        page = self.browser.submit(page.form("booking_mine"), code=plan.code, last4=number[-4:])
        if not page.has_form("booking_cancel"):
            raise NotOnPage(f"the booking {plan.code} is not shown: {page.errors}")
        with self.doing("cancel_online", plan=plan.number, code=plan.code) as deed:
            page = self.browser.submit(page.form("booking_cancel"))
            if page.errors:
                deed.refused(*page.errors)
            else:
                deed.done()
                plan.finish("cancelled online")

    def walks_in(self, plan: Plan) -> None:
        """No place was free: the patient simply comes."""
        plan.way, plan.comes = WALKS_IN, True
        self.day.line("desk").put(max(plan.arrives, self.day.clock.now), "arrive", plan)


def answer(question: str) -> str:
    """The question that simple programs can't answer; this one can read three characters."""
    found = SUM.search(question)
    if found is None:
        raise NotOnPage(f"a question that nobody understands: {question}")
    first, second = DIGITS[found[1]], DIGITS[found[3]]
    return str(first + second if found[2] == "加" else first - second)
