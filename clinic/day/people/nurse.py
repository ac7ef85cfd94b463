"""The nurse: measures and asks those who wait, on the triage page."""

from clinic.day.engine import Actor
from clinic.day.page import Page

SOME = 0.75  # of those who wait are measured; the others see the doctor sooner
QUIET = 4.0  # seconds at the own page while nobody is to be measured


def people(day) -> list:
    return [Nurse(day, name) for name in day.cast.get("nurse", ())]


class Nurse(Actor):
    """One short form for each patient; the next comes by itself."""

    role = "nurse"

    def step(self) -> None:
        page = self.browser.open("triage")
        if page.name != "triage_visit":
            self.watch(self.browser.open("desk"), QUIET)
            return
        if self.chance.random() >= SOME:
            self.later(page)
        else:
            self.measure(page)

    def later(self, page: Page) -> None:
        """Somebody else first; this one goes in to the doctor as they are."""
        later = page.find("//a[@accesskey='n']")
        if later:
            self.measure(self.browser.get(later[0].get("href")))
        else:
            self.day.clock.pause(QUIET / 2)

    def measure(self, page: Page) -> None:
        if page.name != "triage_visit":
            return
        visit = page.key
        plan = self.day.plans.of(visit=visit)
        if plan is not None:
            self.check_allergy(page, plan)
        self.busy("vitals")
        form = page.form("triage_visit", has="temperature")
        vitals = plan.case.vitals if plan else (("temperature", "36.6"), ("pulse", "76"))
        typed = {name: value for name, value in vitals if name in form}
        if plan is not None and plan.case.weight and "weight" in form:
            typed["weight"] = plan.case.weight
        if page.classed("allergy-ask"):
            typed["allergy"] = "denied"
        if plan is not None and plan.wrong == "temperature":
            form = self.mistype(page, form, typed)
        with self.doing("triage", visit=visit) as deed:
            page = self.click(form, twice=plan is not None and "triage" in plan.double, **typed)
            if page.name == "triage_visit" and page.key == visit:
                self.came_back(page, deed)
            else:
                deed.done(said=[one.words for one in page.messages])

    def mistype(self, page: Page, form, typed: dict):
        """366 instead of 36.6: asked about, and nothing else that was typed is lost."""
        with self.doing("mistype", visit=page.key, field="temperature") as deed:
            page = self.browser.submit(form, **(typed | {"temperature": "366"}))
            if page.name != "triage_visit" or not page.has_form("triage_visit", has="temperature"):
                self.complain("a temperature of 366 was taken")
            again = page.form("triage_visit", has="temperature")
            kept = [name for name in typed if name != "temperature" and name != "allergy"]
            if any(again[name] != typed[name] for name in kept):
                self.complain("vital signs are lost after a wrong temperature")
            deed.refused(*page.errors)
        return again

    def came_back(self, page: Page, deed) -> None:
        """Asked whether an unusual value is right; or the doctor was faster."""
        boxes = list(page.form("triage_visit", has="temperature").fields)
        confirm = [name for name in boxes if name.startswith("confirm")]
        if confirm:
            form = page.form("triage_visit", has="temperature")
            for name in confirm:
                form.fill({name: [value for value, _words in form.choices(name)]})
            page = self.browser.submit(form)
        deed.refused(*page.errors, *[one.words for one in page.messages])
