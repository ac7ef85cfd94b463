"""Drugs that a patient brings back: whole packs, for one of the stated reasons."""

from clinic.day.page import Page
from clinic.day.plan import Plan
from clinic.day.worker import Worker

BROUGHT = 0.05  # of the sheets that were handed out whole
WAY_HOME = 20.0  # minutes after which the patient stands at the window again
TO_TILL = 3.0  # minutes from the window to the till
REASON = "error"  # the wrong one was handed out: whole, it may lie on the shelf again


class TakingBack(Worker):
    """Looks at what comes back; the money is the cashier's."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.brought: list[tuple[float, str, Plan | None]] = []  # minute, sheet, whose

    def may_come_back(self, sheet: str, plan: Plan | None) -> None:
        if self.chance.random() < BROUGHT:
            self.brought.append((self.day.clock.now + WAY_HOME, sheet, plan))

    def take_back_due(self) -> bool:
        """Whoever has come back with a pack; False where nobody has."""
        if not self.brought or self.brought[0][0] > self.day.clock.now:
            return False
        _minute, sheet, plan = self.brought.pop(0)
        page = self.browser.open("prescription_show", sheet)
        links = page.links("prescription_return")
        if links:
            self.take_back(self.browser.get(links[0]), plan)
        return True

    def take_back(self, page: Page, plan: Plan | None) -> None:
        form = page.form("prescription_return", has="reason")
        packs = [name for name in form.fields if name.endswith("-packs")]
        if not packs:
            return  # parts of packs stay with the patient
        self.busy("dispense")
        if self.is_wrong():
            wrong = {packs[0]: "99", "reason": REASON}
            page = self.mistype("more packs than were handed out", form, **wrong)
            form = page.form("prescription_return", has="reason")
        typed = {packs[0]: "1", "reason": REASON, "words": "发错规格，药品完好"}
        with self.doing("take_back", rx=page.key, packs=1) as deed:
            answer = self.press(form, twice=self.is_double(), **typed)
            is_done = self.settled(deed, answer, answer.page.name == "prescription_show")
        if is_done and plan is not None and self.day.has("cashier"):
            self.day.line("till").put(self.day.clock.now + TO_TILL, "refund", plan)
