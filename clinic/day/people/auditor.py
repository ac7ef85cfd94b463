"""The auditor: reads who did what, one person's deeds, the week, and takes the table along."""

from clinic.day.page import Page
from clinic.day.worker import Worker

EVERY = 70.0  # minutes between two looks
PAGES = 3


def people(day) -> list:
    return [Auditor(day, name) for name in day.cast.get("auditor", ())[:1]]


class Auditor(Worker):
    """Reads only; what is read is itself on the log."""

    role = "auditor"
    next_look = 30.0

    def step(self) -> None:
        if self.day.clock.now < self.next_look:
            self.day.clock.pause(self.soon())
            return
        self.next_look = self.day.clock.now + EVERY
        self.read_on(self.browser.open("audit_list"))
        self.of_one_person()
        self.browser.open("audit_week")
        self.browser.open("security_daily")

    def read_on(self, page: Page) -> None:
        """The newest entries, and some pages before them."""
        if not page.rows():
            self.complain("the log of a running day is empty")
        for number in range(2, PAGES + 1):
            self.busy("desk_other")
            page = self.browser.open("audit_list", query={"page": number})

    def of_one_person(self) -> None:
        """Each row of the answer is about whoever was asked for."""
        page = self.browser.open("audit_list")
        form = page.form("audit_list", has="who")
        names = {self.name_in(row) for row in page.rows()} - {"", "–"}
        if not names:
            return
        name = self.chance.choice(sorted(names))
        with self.doing("ask_log", about=name) as deed:
            page = self.browser.submit(form, who=name)
            others = {self.name_in(row) for row in page.rows()} - {name}
            if others:
                self.complain(f"asked for {name}, the log shows {others}")
            deed.done(rows=len(page.rows()))

    def name_in(self, row) -> str:
        """Without the role beside it."""
        return (row.findall("td")[1].text or "").strip()
