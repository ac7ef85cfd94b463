"""Counting the shelf: each does their part of a stock-take, as its page says where it stands.

What really lies there is what the clinic's pages say lies there, but for a pack that is lost here
and there; both counters find the same.
"""

import re

from clinic.day import profile
from clinic.day.page import Form, Page, words
from clinic.day.worker import Worker

LOST = 0.15  # of the batches, one pack is not there
UNITS = re.compile(r"(\d+)([^\d+\s]+)")  # 3盒+5粒
PACKS = re.compile(r"\d+-packs")
MOST_STEPS = 12
FIRST, SECOND = "first", "second"


class Counting(Worker):
    """Goes on with the open stock-takes as far as it is this person's part."""

    rounds: tuple[str, ...] = ()  # which counts this person makes
    explains = confirms = False

    def go_on_with_takes(self) -> None:
        page = self.browser.open("stock_takes")
        for table in page.find("//table[ancestor::div[@aria-labelledby='open']]")[:1]:
            for address in dict.fromkeys(page.links("stock_take", table)):
                self.go_on(self.browser.get(address))

    def go_on(self, page: Page) -> None:
        """One take, until it waits for somebody else."""
        for _step in range(MOST_STEPS):
            following = self.next_step(page)
            if following is None:
                return
            page = self.browser.open("stock_take", following.key)

    def next_step(self, page: Page) -> Page | None:
        count = self.round_of(page)
        if count:
            if count not in self.rounds:
                return None
            bays = page.links("stock_take_count", page.first("//*[@class='actions']"))
            return self.count(self.browser.get(bays[0]), count) if bays else self.close(page, count)
        if page.has_form("stock_take_reasons"):
            return self.end(page)
        return None

    def round_of(self, page: Page) -> str:
        """Only the first count may add what is not listed; empty when nothing is counted."""
        if not page.links("stock_take_sheet"):
            return ""
        return FIRST if page.links("stock_take_found") else SECOND

    # -- counting --

    def count(self, page: Page, which: str) -> Page | None:
        """One page of lines, as they lie on the shelf."""
        form = page.form("stock_take_count", has="line")
        seen = self.look_at_shelf(page)
        typed = {name: value for name, value in seen.items() if name in form}
        self.busy("stock")
        boxes = [name for name in typed if PACKS.fullmatch(name)]
        if boxes and self.is_wrong():
            wrong = {boxes[0]: "12盒半", **dict.fromkeys(boxes[1:], "")}
            page = self.mistype("a count that is no number", form, **wrong)
            form = page.form("stock_take_count", has="line")
            typed = {name: value for name, value in typed.items() if name in form}
        with self.doing("count", take=page.key, round=which, lines=typed) as deed:
            answer = self.press(form, twice=self.is_double(), **typed)
            is_done = self.settled(deed, answer, not answer.page.classed("is-invalid"))
        return answer.page if is_done else None

    def look_at_shelf(self, page: Page) -> dict[str, str]:
        """What lies there of each line: 17-packs: 3, 17-pieces: 5."""
        found: dict[str, str] = {}
        known: dict[str, dict[str, str]] = {}
        for row in page.rows():
            cells = row.findall("td")
            if not row.xpath(".//input[@name='line']"):
                continue
            name, pack = words(cells[1].find("b")), words(cells[1].find("span"))
            drug = f"{name} {pack}"
            if drug not in known:
                known[drug] = self.lots_of(name, pack)
            text = known[drug].get(words(cells[2]))
            if text is not None:
                found |= self.boxes(row, text, page.key, words(cells[2]))
        return found

    def lots_of(self, name: str, pack: str) -> dict[str, str]:
        """Of a drug: what is on hand of each lot."""
        page = self.browser.open("stock", query={"q": name})
        row = next((one for one in page.rows() if self.of_drug(one) == (name, pack)), None)
        if row is None:
            return {}
        page = self.browser.get(page.link("drug_show", row))
        found = {}
        for line in page.find("//ul[@class='mini']/li[b]"):
            lot = line.xpath(".//a/span[@class='visually-hidden']")
            if lot:
                found[words(lot[0])] = words(line.find("b"))
        return found

    def of_drug(self, row) -> tuple[str, str]:
        """Name and pack of a row of the stock, without the marks between them."""
        cell = row.find("td")
        muted = cell.xpath("./span[@class='muted']")
        return words(cell.find("b")), words(muted[0]) if muted else ""

    def boxes(self, row, text: str, take: str, lot: str) -> dict[str, str]:
        """3盒+5粒 into the boxes of a line; nothing lies there where the book has none."""
        amounts = {unit: int(number) for number, unit in UNITS.findall(text)}
        typed = {}
        for box in row.xpath(".//input[not(@type='hidden')]"):
            unit = box.getnext()
            number = amounts.get(words(unit), 0) if unit is not None else 0
            if PACKS.fullmatch(box.get("name")) and number > 1 and self.is_lost(take, lot):
                number -= 1
            typed[box.get("name")] = str(number)
        return typed

    def is_lost(self, take: str, lot: str) -> bool:
        """The same for everybody who counts."""
        return profile.chance_of(self.day.seed, "lost", take, lot).random() < LOST

    def close(self, page: Page, which: str) -> Page | None:
        form = page.form("stock_take_close")
        with self.doing("take_close", take=page.key, round=which) as deed:
            answer = self.press(form, twice=self.is_double())
            is_done = self.settled(deed, answer, not answer.why)
        return answer.page if is_done else None

    # -- the differences --

    def end(self, page: Page) -> Page | None:
        form = page.form("stock_take_reasons", has="once")
        confirm = [one for one in form.buttons() if "/confirm/" in (one.get("formaction") or "")]
        if confirm:
            return self.confirm(page, form, confirm[0]) if self.confirms else None
        return self.explain(page, form) if self.explains else None

    def explain(self, page: Page, form: Form) -> Page | None:
        kinds = [name for name in form.fields if name.endswith("-kind") and not form[name]]
        if not kinds:
            return None
        reasons = [value for value, _words in form.choices(kinds[0]) if value not in ("", "other")]
        if self.is_wrong():
            page = self.mistype("another reason without words", form, **{kinds[0]: "other"})
            form = page.form("stock_take_reasons", has="once")
        typed = {name: self.chance.choice(reasons) for name in kinds}
        with self.doing("take_reasons", take=page.key, reasons=len(typed)) as deed:
            answer = self.press(form, twice=self.is_double(), **typed)
            is_done = self.settled(deed, answer, not answer.why)
        return answer.page if is_done else None

    def confirm(self, page: Page, form: Form, button) -> Page | None:
        self.busy("stock")
        with self.doing("take_confirm", take=page.key) as deed:
            answer = self.press(form, button, twice=self.is_double())
            is_done = self.settled(deed, answer, not answer.why)
        return answer.page if is_done else None
