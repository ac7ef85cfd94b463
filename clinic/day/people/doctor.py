"""The doctor: calls, records, diagnoses, prescribes, corrects what the pharmacist returned."""

import re

from clinic.day.engine import Actor
from clinic.day.page import NotOnPage, Page, key_of, words
from clinic.day.plan import Plan
from clinic.day.sheets import Writing

CALLS = 3  # in all, then the number is passed over
BACK = 6.0  # minutes after which a late patient comes to the desk
DOUBLE = 0.05  # of the calls: pressed twice
MOST_SEEN = 4  # times that one visit is taken up, before something is wrong with it
EXAM = 12.0  # minutes of an examination
LOOKS, LOOK_SECONDS = 40, 0.5


def people(day) -> list:
    return [Doctor(day, name) for name in day.cast.get("doctor", ())]


class Doctor(Writing, Actor):
    """One room. The own queue tells who comes next; a returned sheet comes before the next call."""

    role = "doctor"
    page: Page | None = None
    current: Plan | None = None  # whose record is open

    def begin(self) -> None:
        super().begin()
        self.page = None

    def step(self) -> None:
        page = self.page
        self.page = None
        if page is None or page.name != "queue":
            page = self.browser.open("queue")
        if self.current is not None and not self.open_records(page):
            self.left(page, self.current)
        if self.corrects(page):
            return
        if page.has_form("start_consultation") and page.has_form("pass_over"):
            self.with_called(page)
        elif inside := self.open_records(page):
            record, visit = inside[0]
            self.consult(self.browser.get(record), self.who_has(visit))
        elif self.waiting(page) and page.has_form("call_next"):
            self.page = self.call(page)
        else:
            self.sit(page)

    def left(self, page: Page, plan: Plan) -> None:
        """The answer to the last press was lost, and the queue shows that it was done."""
        self.current = None
        if plan.stage != "inside":
            return
        sent = [one for one in page.links("consultation") if plan.record in one]
        if sent and plan.exam:
            self.went(plan)
        else:
            self.seen(plan)

    def sit(self, page: Page) -> None:
        """Nobody waits: the column is kept fresh until somebody does, or a sheet comes back."""
        fresh = self.watch(page, 5.0)
        if fresh is None:
            self.page = page
        elif self.waiting(fresh) and page.has_form("call_next"):
            self.page = self.call(page)
        elif not self.corrects(fresh):
            self.page = page if page.has_form("call_next") else None

    # -- what the queue shows --

    def waiting(self, page: Page) -> int:
        """How many the column says are waiting."""
        for one in page.find("//div[contains(@class,'panel-head')]/h2"):
            found = re.fullmatch(r"\D*(\d+)\D*", words(one))
            if found:
                return int(found[1])
        return 0

    def open_records(self, page: Page) -> list[tuple[str, str]]:
        """(address of the record, visit) of those who are begun and not sent away."""
        return [
            (page.link("consultation", row), key_of(page.within(row, "visit_exam").action))
            for row in page.find("//section[@aria-labelledby='now']//li")
            if page.links("consultation", row)
        ]

    # -- calling --

    def call(self, page: Page) -> Page:
        form = page.form("call_next")
        with self.doing("call") as deed:
            page = self.click(form, twice=self.chance.random() < DOUBLE)
            if page.has_form("pass_over"):
                visit = key_of(page.form("pass_over").action)
                plan = self.day.plans.of(visit=visit)
                deed.done(visit=visit, plan=None if plan is None else plan.number)
            else:
                deed.refused(*[one.words for one in page.messages])
        return page

    def with_called(self, page: Page) -> None:
        """Whoever was called comes in, or does not."""
        visit = key_of(page.form("pass_over").action)
        plan = self.who_has(visit)
        if plan is not None and (plan.vanishes or plan.late) and plan.stage == "waiting":
            self.nobody_comes(page, plan)
            return
        self.busy("walk_in")
        form = page.form("start_consultation", key=visit)
        with self.doing("start", visit=visit) as deed:
            page = self.click(form, twice=plan is not None and "start" in plan.double)
            if page.name != "consultation":
                deed.refused(*[one.words for one in page.messages])
                return
            deed.done(record=page.key)
        self.consult(page, plan)

    def who_has(self, visit: str) -> Plan | None:
        """Whose number this is; the desk may have given it just now, and not said so yet.

        Where nobody stands at the desk it is a stranger's, and nobody waits for a word of it.
        """
        for _look in range(LOOKS):
            asked = self.day.plans.at_the_desk(self.day.clock.now)
            plan = self.day.plans.of(visit=visit)
            if plan is not None or not asked or not self.day.clock.pause(LOOK_SECONDS):
                return plan
        return None

    def nobody_comes(self, page: Page, plan: Plan) -> None:
        """Called up to three times, then passed over; who is only late goes to the desk."""
        for _call in range(1, CALLS):
            self.busy("walk_in")
            if not page.has_form("call_again"):
                break
            with self.doing("call_again", visit=plan.visit) as deed:
                page = self.browser.submit(page.form("call_again"))
                deed.done()
        if not page.has_form("pass_over", key=plan.visit):
            return
        with self.doing("pass_over", visit=plan.visit, plan=plan.number) as deed:
            self.page = self.browser.submit(page.form("pass_over", key=plan.visit))
            deed.done()
        plan.stage = "missed"
        if plan.late:
            self.day.line("desk").put(self.day.clock.now + BACK, "recall", plan)
        else:
            plan.finish("gone")

    # -- the visit --

    def consult(self, page: Page, plan: Plan | None = None) -> None:
        """From the open record to the end of the visit."""
        plan = plan or self.day.plans.of(record=page.key)
        if plan is None or plan.end:
            self.see_stranger(page)
            return
        plan.seen += 1
        if plan.seen > MOST_SEEN:
            plan.finish("gave up")
            self.complain(f"patient {plan.number} gave up with the doctor")
        self.day.plans.note(plan, record=page.key, doctor=self.account)
        self.current, plan.stage = plan, "inside"
        self.check_allergy(page, plan)
        if page.classed("allergy-ask"):
            page = self.ask_allergies(page, plan)
        self.busy("consult")
        page = self.write_record(page, plan)
        if plan.exam:
            self.send_away(page, plan)
            return
        unfinished = [one for one in page.links("prescription_edit") if "item=" not in one]
        if unfinished:
            page = self.go_on(page, unfinished[0], plan)
        elif plan.wants_drugs and not plan.sheets and not plan.voided:
            page = self.prescribe(page, plan)
        self.finish(page, plan)

    def see_stranger(self, page: Page) -> None:
        """Somebody who is not of the simulated: left from an earlier day, or the demo's own."""
        form = page.form("consultation", has="complaint")
        if not page.classed("chip"):
            chosen = self.browser.choose(form, "dx", "J06.9")
            page = self.browser.submit(form, chosen.button, complaint="复诊")
            form = page.form("consultation", has="complaint")
        page = self.browser.submit(form, "only")
        if page.name != "queue":
            raise NotOnPage(f"the record of a stranger was not finished: {page.errors}")

    def ask_allergies(self, page: Page, plan: Plan) -> Page:
        """Nobody has asked yet; without the answer nothing is prescribed (R-44)."""
        back = page.path
        page = self.browser.get(page.link("patient_allergies"))
        for form in page.forms:
            for button in form.buttons():
                if button.get("name") == "do" and button.get("value") == "denied":
                    with self.doing("ask_allergies", plan=plan.number) as deed:
                        self.browser.submit(form, button)
                        deed.done()
                    return self.browser.get(back)
        raise NotOnPage(f"{page.path}: nowhere to say that there is no allergy")

    def write_record(self, page: Page, plan: Plan) -> Page:
        case = plan.case
        form = page.form("consultation", has="complaint")
        typed = {
            "complaint": case.complaint,
            "present_illness": case.illness,
            "examination": case.examination,
            "advice": case.advice,
        }
        # What the nurse has measured stands there as text.
        measured = (*case.vitals, ("weight", case.weight))
        typed |= {name: value for name, value in measured if name in form and not form[name]}
        form.fill(typed)
        has_one = case.diagnosis in page.said("chips")
        chosen = None if has_one else self.browser.choose(form, "dx", case.diagnosis)
        with self.doing("record", plan=plan.number, record=plan.record) as deed:
            page = self.browser.submit(form, chosen.button if chosen else "save")
            if case.diagnosis not in page.said("chips"):
                deed.refused(*page.errors)
                raise NotOnPage(f"{case.diagnosis} is not on the record: {page.errors}")
            deed.done(diagnosis=case.diagnosis)
        return page

    def send_away(self, page: Page, plan: Plan) -> None:
        form = page.form("consultation", has="complaint")
        with self.doing("exam", visit=plan.visit, plan=plan.number) as deed:
            page = self.browser.submit(form, "exam")
            if page.name != "queue":
                deed.refused(*page.errors)
                raise NotOnPage(f"{plan.ticket} was not sent for an examination: {page.errors}")
            deed.done()
        self.went(plan)

    def went(self, plan: Plan) -> None:
        self.current, plan.exam, plan.stage = None, False, "exam"
        self.day.line("desk").put(self.day.clock.now + EXAM, "recall", plan)

    def finish(self, page: Page, plan: Plan) -> None:
        """The visit ends; mostly the same press calls the next one."""
        form = page.form("consultation", has="complaint")
        calls = self.chance.random() < 0.6 and not self.day.clock.is_closing
        with self.doing("finish", visit=plan.visit, plan=plan.number) as deed:
            button = form.button("call" if calls else "only")
            page = self.click(form, button, twice="finish" in plan.double)
            if page.name != "queue":
                deed.refused(*page.errors)
                raise NotOnPage(f"the visit {plan.ticket} was not finished: {page.errors}")
            deed.done()
        self.seen(plan)
        self.page = page

    def seen(self, plan: Plan) -> None:
        self.current = None
        if plan.stage == "inside":
            plan.stage = "seen"
        if not plan.sheets:
            plan.finish("seen")
        elif not self.day.has("pharmacist"):
            plan.finish("submitted")
