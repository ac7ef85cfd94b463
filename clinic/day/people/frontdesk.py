"""The front desk: finds or opens files, registers, checks in, cancels, recalls."""

from django.utils import timezone

from clinic.day.browser import NoAnswer
from clinic.day.engine import Actor
from clinic.day.page import NotOnPage, Page, key_of, words
from clinic.day.plan import DESK_BOOKED, ONLINE_BOOKED, WALKS_IN, Plan

CANCEL_AFTER = 7.0  # minutes after the slip
MOST_TRIES = 3
MISTYPED = ("id_number", "name", "allergy")


def people(day) -> list:
    return [FrontDesk(day, name) for name in day.cast.get("frontdesk", ())]


class FrontDesk(Actor):
    """One window; whoever stands in the line comes to the next one that is free."""

    role = "frontdesk"
    page: Page | None = None

    @property
    def line(self):
        return self.day.line("desk")

    def step(self) -> None:
        taken = self.line.take(self.day.clock.now)
        if taken is None:
            self.look()
            return
        errand, plan = taken
        try:
            getattr(self, f"do_{errand}")(plan)
        except NoAnswer:
            plan.unsure = True  # people look before they do it again
            self.line.put(self.day.clock.now, errand, plan)
            raise
        except Exception:
            if not plan.end:
                self.again(errand, plan)
            raise

    def look(self) -> None:
        """Nobody is here: the own page, kept fresh, until somebody comes."""
        if self.page is None or self.page.name != "desk":
            self.page = self.browser.open("desk")
        due = self.line.next_at()
        wait = 2.0 if due is None else self.day.clock.seconds(due - self.day.clock.now)
        self.watch(self.page, min(max(wait, 0.05), 2.0))

    def again(self, errand: str, plan: Plan) -> None:
        """Something went wrong: the person still stands there, up to three times."""
        plan.tries += 1
        if plan.tries > MOST_TRIES:
            plan.finish("gave up")
            self.complain(f"patient {plan.number} gave up at {errand}")
        else:
            self.line.put(self.day.clock.now + 1, errand, plan)

    # -- errands --

    def do_arrive(self, plan: Plan) -> None:
        if plan.way == ONLINE_BOOKED and plan.code:
            self.check_in_online(plan)
        elif plan.way == DESK_BOOKED and plan.visit:
            self.check_in(plan)
        else:
            self.register(plan, self.find(plan))

    def do_book(self, plan: Plan) -> None:
        """By telephone: a time later today."""
        self.busy("desk_other")
        if plan.unsure and self.is_booked(plan):
            return
        page = self.find(plan)
        today = timezone.localdate().isoformat()
        page = self.browser.get(page.link("registration_later") + f"?day={today}")
        form = page.form("registration_later", has="place")
        times = [value for value, _words in form.choices("place") if not value.endswith("@")]
        if not times:
            self.walks_in(plan)
            return
        with self.doing("book", plan=plan.number) as deed:
            page = self.browser.submit(form, place=times[0])
            if page.name == "registration_later":
                deed.refused(*page.errors)
                self.walks_in(plan)
                return
            deed.done(visit=self.noted_visit(page, plan), ticket=plan.ticket)
        self.page = None
        self.booked(plan)

    def is_booked(self, plan: Plan) -> bool:
        """Whether the list of today has a booked number of this patient, unknown so far."""
        page = self.browser.open("desk")
        parts = [one.get("href") for one in page.find("//nav[@class='counts']/a")]
        for part in parts:
            row = self.browser.get(part).row(plan.name)
            if row is None:
                continue
            for form in row.iter("form"):
                if page.of(form).name == "registration_check_in":
                    key = key_of(form.get("action"))
                    self.day.plans.note(plan, visit=key, ticket=words(row[0]))
                    self.booked(plan)
                    return True
        return False

    def booked(self, plan: Plan) -> None:
        if plan.comes:
            self.line.put(max(plan.arrives, self.day.clock.now + 1), "arrive", plan)
        else:
            plan.finish("did not come")

    def walks_in(self, plan: Plan) -> None:
        """No time was free: the patient simply comes."""
        plan.way, plan.comes = WALKS_IN, True
        self.line.put(max(plan.arrives, self.day.clock.now), "arrive", plan)

    def do_cancel(self, plan: Plan) -> None:
        if plan.stage != "waiting":
            return
        page = self.browser.open("registration_cancel", plan.visit)
        self.busy("desk_other")
        if not any("reason" in form for form in page.forms):
            if plan.unsure:  # cancelled, before the answer was lost
                plan.finish("cancelled")
            return  # else the doctor was faster
        form = page.form("registration_cancel", has="reason")
        reason = [value for value, _words in form.choices("reason") if value]
        with self.doing("cancel", plan=plan.number, visit=plan.visit) as deed:
            page = self.browser.submit(form, reason=reason[0] if reason else "临时有事")
            if page.name == "registration_cancel":
                deed.refused(*page.errors)
                return
            deed.done()
            plan.finish("cancelled")

    def do_recall(self, plan: Plan) -> None:
        """Back at the desk: passed over, or from the examination."""
        form = self.on_list(plan, "registration_recall")
        if form is None and plan.unsure:  # is back, or never left
            plan.late, plan.stage = False, "waiting"
            return
        if form is None:
            self.complain(f"no recall for {plan.ticket} on the desk's list")
            plan.finish("lost")
            return
        self.busy("desk_other")
        plan.late, plan.stage = False, "waiting"
        with self.doing("recall", plan=plan.number, visit=plan.visit) as deed:
            page = self.browser.submit(form)
            deed.done(said=[one.words for one in page.messages])

    def on_list(self, plan: Plan, name: str):
        """The button beside this patient: on the list as it comes, else by where they are."""
        page = self.browser.open("desk")
        form = self.of_row(page, plan, name)
        parts = [one.get("href") for one in page.find("//nav[@class='counts']/a")]
        for part in parts if form is None else ():
            form = form or self.of_row(self.browser.get(part), plan, name)
        return form

    def of_row(self, page: Page, plan: Plan, name: str):
        for form in page.forms:
            if form.name == name and plan.visit in form.action:
                return form
        return None

    # -- finding a file, opening one --

    def find(self, plan: Plan) -> Page:
        """The registration page of this person: the file is found, or a new one is opened."""
        if self.page is None or not self.page.has_form("patient_search", has="q"):
            self.page = self.browser.open("desk")
        if plan.patient:
            return self.browser.open("registration_new", plan.patient)
        form = self.page.form("patient_search", has="q")
        if plan.wrong == "search" and not plan.unsure:
            form = self.mistype_search(form, plan)
        typed, is_number = self.question(plan)
        chosen = self.browser.choose(form, "q", typed)
        if chosen is not None and chosen.goes and is_number and plan.name in chosen.label:
            return self.browser.get(chosen.goes)
        page = self.browser.submit(form, q=typed)
        row = page.row(plan.name)
        if row is not None and page.links("registration_new", row):
            return self.browser.get(page.link("registration_new", row))
        return self.open_file(page, plan)

    def mistype_search(self, form, plan: Plan):
        """A number with a slip of the finger finds nobody, and the page says so."""
        number = plan.who["id_number"]
        wrong = number[:-4] + number[-2:] + number[-4:-2]
        if wrong == number:
            return form
        with self.doing("mistype", plan=plan.number, field="search") as deed:
            page = self.browser.submit(form, q=wrong)
            if plan.name in " ".join(words(row) for row in page.rows()):
                self.complain(f"a wrong number found {plan.name}")
            deed.refused(page.said("empty"))
        return page.form("patient_search", has="q")

    def question(self, plan: Plan) -> tuple[str, bool]:
        way = self.chance.random()
        if way < 0.45:
            return f"{plan.name} {plan.who['birth_date']}", False
        return plan.who["id_number"], True

    def open_file(self, page: Page, plan: Plan) -> Page:
        """A new file; what was mistyped is shown in words, and nothing typed is lost."""
        begin = [one for one in page.forms if one.name == "patient_new"]
        page = self.browser.submit(begin[0]) if begin else self.browser.open("patient_new")
        self.busy("new_file")
        typed = self.typed(plan)
        if plan.wrong in MISTYPED and not plan.unsure:
            page = self.mistype(page, plan, typed)
        form = page.form("patient_new", has="id_number").fill(typed)
        button = form.button("then", "register")
        with self.doing("new_file", plan=plan.number, name=plan.name) as deed:
            page = self.click(form, button, twice="new_file" in plan.double)
            if page.has_form("patient_new", has="seen"):  # somebody like this is on file
                form = page.form("patient_new", has="seen")
                page = self.browser.submit(form, form.button("different"))
            if page.name != "registration_new":
                deed.refused(*page.errors)
                raise NotOnPage(f"the file of {plan.number} was not opened: {page.errors}")
            self.day.plans.note(plan, patient=page.key)
            deed.done(patient=page.key)
        return page

    def typed(self, plan: Plan) -> dict:
        who = plan.who
        typed = {
            "id_number": who["id_number"],
            "name": who["name"],
            "phone": who["phone"],
            "contact_name": who["contact_name"],
            "contact_relation": who["contact_relation_text"],
            "contact_phone": who["contact_phone"],
            "address": who["address"],
            "payment": who["payment"],
            "notice_given": "on",
            "allergy_status": "denied",
        }
        if plan.allergy:
            drug, reaction, severity = plan.allergy
            typed |= {"allergy_status": "has", "allergy0-substance": drug}
            typed |= {"allergy0-reaction": reaction, "allergy0-severity": severity}
        elif who["allergy"] == "not_asked":
            typed["allergy_status"] = "not_asked"
        return typed

    def mistype(self, page: Page, plan: Plan, typed: dict) -> Page:
        """Sent once with a mistake: the form comes back, says so, and has kept the rest."""
        wrong = dict(typed)
        if plan.wrong == "id_number":
            number = typed["id_number"]
            wrong["id_number"] = number[:-1] + ("1" if number[-1] != "1" else "2")
        elif plan.wrong == "name":
            wrong["name"] = ""
        else:
            wrong["allergy_status"] = []
        form = page.form("patient_new", has="id_number").fill(wrong)
        with self.doing("mistype", plan=plan.number, field=plan.wrong) as deed:
            page = self.browser.submit(form, form.button("then", "register"))
            if page.name != "patient_new" or not page.errors:
                self.complain(f"a wrong {plan.wrong} was taken: {page.path} {page.errors}")
                return page
            kept = page.form("patient_new", has="id_number")
            if kept["address"] != typed["address"]:
                self.complain(f"what was typed is lost after a wrong {plan.wrong}")
            deed.refused(*page.errors)
        self.busy("desk_other")
        return page

    # -- numbers --

    def register(self, plan: Plan, page: Page, closed: str = "") -> None:
        """`closed` is the session that took nobody more when it was chosen first."""
        self.day.plans.note(plan, patient=page.key)
        self.check_allergy(page, plan)
        held = [form for form in page.forms if form.name == "slip" and form.is_again]
        if plan.unsure and held:
            self.has_one(plan, held[0])
            return
        self.busy("register")
        form = page.form("registration_new", has="session")
        offers = [one for one in form.choices("session") if one[0] != closed]
        if not form["session"] or form["session"] == closed:
            form.fill(session=self.chance.choice(offers)[0])
        if form["session"] in [value for value, text in offers if text.endswith("余 0")]:
            form.fill(added="on")
        with self.doing("register", plan=plan.number, patient=plan.patient) as deed:
            page = self.click(form, twice="register" in plan.double)
            if page.name != "slip":
                deed.refused(*page.errors)
            else:
                deed.done(visit=self.noted_visit(page, plan), ticket=plan.ticket)
        if page.name != "slip":
            self.refused(plan, page, form["session"], is_last=bool(closed))
            return
        self.waits(plan)
        self.page = None

    def has_one(self, plan: Plan, form) -> None:
        """The number was given before the answer was lost: its slip is printed again."""
        with self.doing("slip_again", plan=plan.number) as deed:
            page = self.browser.submit(form)
            deed.done(visit=self.noted_visit(page, plan), ticket=plan.ticket)
        self.waits(plan)
        self.page = None

    def refused(self, plan: Plan, page: Page, session: str, is_last: bool) -> None:
        """A doctor has closed between the page and the press: another one, as the page says."""
        if page.has_form("registration_new", has="session") and not is_last:
            offers = page.form("registration_new", has="session").choices("session")
            if any(value != session for value, _text in offers):
                self.register(plan, page, closed=session)
                return
        plan.finish("refused")
        self.complain(f"patient {plan.number} was not registered: {page.errors}")

    def noted_visit(self, page: Page, plan: Plan) -> str:
        """The slip: its number, and where the patient looks how many are ahead."""
        visit = page.key
        self.day.plans.note(plan, visit=visit, ticket=page.said("big"))
        return visit

    def waits(self, plan: Plan) -> None:
        plan.stage = "waiting"
        if plan.cancels:
            self.line.put(self.day.clock.now + CANCEL_AFTER, "cancel", plan)

    def check_in(self, plan: Plan) -> None:
        """Booked at the desk: the row of the list has the button."""
        form = self.on_list(plan, "registration_check_in")
        if form is None and plan.unsure:  # done, before the answer was lost
            self.waits(plan)
            return
        if form is None:
            raise NotOnPage(f"no check-in for {plan.ticket}")
        self.busy("check_in")
        with self.doing("check_in", plan=plan.number, visit=plan.visit) as deed:
            page = self.click(form, twice="check_in" in plan.double)
            deed.done(said=[one.words for one in page.messages])
        self.waits(plan)
        self.page = None

    def check_in_online(self, plan: Plan) -> None:
        """Booked online: found by the code; a file is opened with what was typed online."""
        page = self.browser.open("desk_bookings")
        page = self.browser.submit(page.form("desk_bookings", has="q"), q=plan.code)
        found = page.links("desk_booking")
        if page.name != "desk_booking":
            if not found and plan.unsure:  # checked in, before the answer was lost
                self.register(plan, self.find(plan))
                return
            if not found:
                raise NotOnPage(f"no booking for {plan.code}: {page.errors}")
            page = self.browser.get(found[0])
        if page.has_form("patient_new"):
            page = self.open_booked(page, plan)
        self.busy("check_in")
        with self.doing("check_in_online", plan=plan.number, code=plan.code) as deed:
            page = self.browser.submit(page.form("desk_booking", has="once"))
            if page.name != "slip":
                deed.refused(*page.errors, *[one.words for one in page.messages])
                raise NotOnPage(f"booking {plan.code} was not checked in: {page.errors}")
            deed.done(visit=self.noted_visit(page, plan), ticket=plan.ticket)
        self.waits(plan)
        self.page = None

    def open_booked(self, page: Page, plan: Plan) -> Page:
        page = self.browser.submit(page.form("patient_new"))
        self.busy("new_file")
        form = page.form("patient_new", has="id_number").fill(self.typed(plan))
        with self.doing("new_file", plan=plan.number, name=plan.name) as deed:
            page = self.browser.submit(form, form.button("then"))
            if page.has_form("patient_new", has="seen"):
                form = page.form("patient_new", has="seen")
                page = self.browser.submit(form, form.button("different"))
            if page.name != "desk_booking":
                deed.refused(*page.errors)
                raise NotOnPage(f"the file of {plan.number} was not opened: {page.errors}")
            deed.done()
        return page
