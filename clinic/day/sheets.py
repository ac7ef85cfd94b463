"""The doctor's part of a prescription: rows, alerts, submission, correction of what came back."""

import re

from clinic.day.page import NotOnPage, Page, has_class, key_of
from clinic.day.plan import Plan

NUMBER = re.compile(r"RX\d{8}-\d{4,}")
MOST_ALERTS = 14  # settled on one sheet, before something is wrong with the settling
ASSESSED = "慢性病长期用药，病情稳定，已评估"


class Writing:
    """For an Actor who prescribes."""

    def prescribe(self, page: Page, plan: Plan) -> Page:
        """From the visit's page to a submitted sheet and back; a sheet without rows is voided."""
        visit = page.path
        form = page.form("consultation", has="complaint")
        with self.doing("sheet", plan=plan.number, record=plan.record) as deed:
            page = self.browser.submit(form, form.button("panel", "prescription"))
            if page.name != "prescription_edit":
                deed.refused(*page.errors)
                raise NotOnPage(f"no sheet for {plan.ticket}: {page.path} {page.errors}")
            number = NUMBER.search(page.text)[0]
            deed.done(rx=page.key, sheet=number)
        self.busy("prescribe")
        page = self.write_rows(page, plan)
        self.complete(page, plan)
        return self.browser.get(visit)

    def go_on(self, page: Page, address: str, plan: Plan) -> Page:
        """A sheet of this visit was begun, when the answer was lost."""
        visit = page.path
        page = self.browser.get(address)
        if not self.rows(page):
            page = self.write_rows(page, plan)
        self.complete(page, plan)
        return self.browser.get(visit)

    def complete(self, page: Page, plan: Plan) -> None:
        """Alerts dealt with, then handed in; a sheet without rows is taken back."""
        number = NUMBER.search(page.text)[0]
        page = self.settle(page)
        if not self.rows(page):
            self.void(page, plan, number)
        else:
            self.day.plans.note(plan, sheet=number, rx=page.key)
            self.hand_in(page, plan, number)

    # -- rows --

    def rows(self, page: Page) -> list:
        """The buttons that remove a row, one per row."""
        tools = page.find(f"//*[{has_class('rx-tools')}]")
        return [page.within(one, "prescription_item_remove") for one in tools]

    def write_rows(self, page: Page, plan: Plan) -> Page:
        if plan.refill and page.has_form("prescription_copy_last"):
            with self.doing("refill", plan=plan.number, rx=page.key) as deed:
                page = self.browser.submit(page.form("prescription_copy_last"))
                deed.done(said=[one.words for one in page.messages])
            if self.rows(page):
                return page
        for place, drug in enumerate(plan.case.drugs):
            if plan.wrong == "days" and not place:
                page = self.mistype_days(page, drug, plan)
            page = self.add_row(page, drug, plan)
        return page

    def mistype_days(self, page: Page, drug, plan: Plan) -> Page:
        """Days that are no number come back with the rest of the row, and no row is there."""
        form = page.form("prescription_edit", has="drug_text")
        if self.browser.choose(form, "drug_text", drug.initials, drug.name) is None:
            return page
        form.fill(dose=drug.dose, frequency=drug.frequency, route=drug.route, days="三四")
        with self.doing("mistype", plan=plan.number, field="days") as deed:
            page = self.browser.submit(form, "save")
            again = page.form("prescription_edit", has="drug_text")
            if self.rows(page) or not page.errors:
                self.complain("days that are no number were taken")
            if again["dose"] != drug.dose or not again["drug"]:
                self.complain("the row is lost after wrong days")
            deed.refused(*page.errors)
        return page

    def add_row(self, page: Page, drug, plan: Plan) -> Page:
        before = len(self.rows(page))
        form = page.form("prescription_edit", has="drug_text")
        if self.browser.choose(form, "drug_text", drug.initials, drug.name) is None:
            self.day.book.remark(self.who, f"{drug.name} is not offered")
            return page
        form.fill(dose=drug.dose, frequency=drug.frequency, route=drug.route, days=drug.days)
        if drug.quantity:
            form.fill(quantity=drug.quantity)
        with self.doing("row", plan=plan.number, rx=page.key, drug=drug.name) as deed:
            page = self.browser.submit(form, "save")
            if page.errors and page.form("prescription_edit", has="drug_text")["drug"]:
                deed.refused(*page.errors)
                return self.mend_row(page, drug, plan)
            if len(self.rows(page)) <= before:
                deed.refused(*page.errors, *[one.words for one in page.messages])
                return self.browser.open("prescription_edit", page.key)
            deed.done()
        return page

    def mend_row(self, page: Page, drug, plan: Plan) -> Page:
        """The row came back with a question, mostly for the quantity; answered once."""
        form = page.form("prescription_edit", has="drug_text")
        form.fill(quantity=drug.quantity or "1")
        with self.doing("row", plan=plan.number, rx=page.key, drug=drug.name) as deed:
            again = self.browser.submit(form, "save")
            if again.form("prescription_edit", has="drug_text")["drug"]:
                deed.refused(*again.errors)
                self.day.book.remark(self.who, f"{drug.name} was left out: {again.errors}")
                return self.browser.open("prescription_edit", page.key)
            deed.done()
        return again

    # -- alerts --

    def settle(self, page: Page) -> Page:
        """Every alert is dealt with as the page offers it: signed again, or the row goes."""
        for _alert in range(MOST_ALERTS):
            answered = self.answer(page)
            if answered is None:
                return page
            page = answered
        raise NotOnPage(f"{page.path}: the alerts do not come to an end")

    def answer(self, page: Page) -> Page | None:
        """The first open alert answered; None when there is none."""
        for alert in page.find(f"//section[{has_class('decide')} or {has_class('stop')}]"):
            names = {form.name: form for form in map(page.of, alert.iter("form"))}
            title = " ".join(alert.text_content().split())[:80]
            sign = names.get("prescription_override")
            if sign is not None and self.chance.random() < 0.8:
                reason = [value for value, _words in sign.choices("reason") if value]
                with self.doing("sign", rx=page.key, alert=title) as deed:
                    page = self.browser.submit(sign, reason=reason[0], password=self.day.password)
                    deed.done()
                return page
            remove = names.get("prescription_item_remove") or self.row_of(page, alert, names)
            if remove is not None:
                with self.doing("remove_row", rx=page.key, alert=title) as deed:
                    page = self.browser.submit(remove)
                    deed.done()
                return page
        return None

    def row_of(self, page: Page, alert, names: dict):
        """The button that removes the row under which an alert stands."""
        if not self.rows(page):
            return None
        test = names.get("skin_test")
        if test is not None:
            item = key_of(test.action)
            return next((one for one in self.rows(page) if item in one.action), None)
        inset = alert.xpath(f"ancestor::*[{has_class('rx-under')}]/preceding-sibling::*[1]")
        if inset:
            return page.within(inset[0], "prescription_item_remove")
        return self.rows(page)[-1]

    # -- handing in --

    def hand_in(self, page: Page, plan: Plan, number: str, verb: str = "submit") -> Page:
        form = page.form("prescription_submit")
        if page.find("//details[@id='terms'][@open]") and "assessment" in form:
            form.fill(assessment=form["assessment"] or ASSESSED, patient_agreed="on")
        with self.doing(verb, plan=plan.number, rx=page.key, sheet=number) as deed:
            page = self.click(form, twice="submit" in plan.double)
            if page.name == "prescription_show":
                deed.done()
                return page
            words = [*page.errors, *[one.words for one in page.messages]]
            deed.refused(*words)
            if verb == "correct" or not any(CAME_BACK in one for one in words):
                raise NotOnPage(f"{number} was not submitted: {page.errors} {page.said('muted')}")
        # The answer to the first one was lost, and it came back before this page was read again.
        self.correct(page.key)
        return page

    def void(self, page: Page, plan: Plan, number: str) -> None:
        plan.voided.append(number)
        with self.doing("void", plan=plan.number, rx=page.key, sheet=number) as deed:
            page = self.browser.submit(page.form("prescription_void"), reason="更换方案")
            deed.done(said=[one.words for one in page.messages])

    # -- what came back --

    def corrects(self, page: Page) -> bool:
        """A sheet that the pharmacist returned is corrected and handed in again (R-38)."""
        notice = page.links("prescription_list")
        notice = [one for one in notice if "show=returned" in one]
        if not notice:
            return False
        page = self.browser.get(notice[0])
        keys = {key_of(one) for name in SHEETS for one in page.links(name)}
        for key in sorted(keys):
            self.correct(key)
        return bool(keys)

    def correct(self, key: str) -> None:
        page = self.browser.open("prescription_edit", key)
        if page.name != "prescription_edit":
            return
        self.busy("correct")
        plan = self.day.plans.of(rx=key)
        number = NUMBER.search(page.text)[0]
        page = self.change(page)
        page = self.settle(page)
        if plan is None:
            plan = Plan(number=-1, arrives=0, who={"name": "?"})
        if not self.rows(page):
            self.void(page, plan, number)
            plan.finish("seen")
        else:
            self.hand_in(page, plan, number, "correct")

    def change(self, page: Page) -> Page:
        """One row is written otherwise: the drug that the pharmacist proposes, or fewer days."""
        links = [one for one in page.links("prescription_edit") if "item=" in one]
        proposed = [one for one in links if "drug=" in one]
        if not links:
            return page
        page = self.browser.get((proposed or links)[0])
        form = page.form("prescription_edit", has="drug_text")
        days = form["days"]
        form.fill(days=str(int(days) - 1) if days.isdigit() and int(days) > 1 else days)
        form.fill(quantity="" if proposed else form["quantity"], remark=form["remark"] or "遵医嘱")
        with self.doing("change_row", rx=page.key) as deed:
            page = self.browser.submit(form, "save")
            again = page.form("prescription_edit", has="drug_text")
            if again["drug"] or page.errors:
                deed.refused(*page.errors)
                return self.browser.open("prescription_edit", page.key)
            deed.done()
        return page


CAME_BACK = "退回后没有修改"
SHEETS = ("prescription_show", "prescription_edit")
