"""The storekeeper: deliveries, the count of a shelf, refrigerators, what is to be written off."""

import re
import time
from datetime import date, timedelta

from clinic.day.page import Form, NotOnPage, Page, words
from clinic.day.takes import FIRST, SECOND, Counting

DELIVERIES = (60.0, 210.0, 330.0, 450.0)  # minutes after opening
TAKES = (120.0, 390.0)
REFRIGERATORS = (15.0, 300.0)
WRITE_OFFS = (90.0,)
GO_ON = 25.0  # minutes between two looks at the open counts
LINES = (2, 6)  # of a delivery
COUNTED = 4  # drugs of a count
TRIES = 3
WRONGS = ("lot", "expires_on", "packs")
NEXT = re.compile(r"line-(\d+)-drug_text")


def people(day) -> list:
    return [Storekeeper(day, name) for name in day.cast.get("storekeeper", ())]


class Storekeeper(Counting):
    """Has a list of things to do and does each about its time."""

    role = "storekeeper"
    explains = True

    def __init__(self, day, account: str):
        super().__init__(day, account)
        self.rounds = (FIRST,) if day.cast.get("technician") else (FIRST, SECOND)
        plans = {
            self.receive: DELIVERIES,
            self.begin_take: TAKES,
            self.read_refrigerators: REFRIGERATORS,
            self.write_off: WRITE_OFFS,
        }
        self.plan = sorted(
            (
                (minute + self.chance.uniform(-10, 10), work)
                for work in plans
                for minute in plans[work]
            ),
            key=lambda row: row[0],
        )
        self.next_look = GO_ON

    def step(self) -> None:
        now = self.day.clock.now
        if self.do_due():
            return
        if now >= self.next_look:
            self.next_look = now + GO_ON
            self.go_on_with_takes()
        else:
            self.day.clock.pause(self.soon())

    # -- what lies there --

    def some_drugs(self, count: int) -> list[tuple[str, str]]:
        """(name, pack) of drugs on the first page of the stock without a special mark."""
        page = self.browser.open("stock", query={"sort": "expiry"} if self.is_double() else None)
        plain = [row for row in page.rows() if not row.findall("td")[0].xpath(".//*[@class='tag']")]
        chosen = self.chance.sample(plain, min(count, len(plain)))
        return [self.of_drug(row) for row in chosen]

    # -- deliveries --

    def receive(self) -> None:
        """Several lines, each as the pack says; one is mistyped first now and then."""
        page = self.browser.open("stock_receive")
        if self.has_lines(page):  # left over from before: thrown away
            old = page.form("stock_receive", has="supplier")
            page = self.browser.submit(old, old.button("do", "discard"))
        form = page.form("stock_receive", has="supplier")
        supplier = [value for value, _words in form.choices("supplier") if value][0]
        note = f"SH{time.time_ns() // 10**6 % 10**9:09}"  # a number is taken in once only
        form.fill(supplier=supplier, delivery_note=note)
        drugs, taken = self.some_drugs(self.chance.randint(*LINES)), []
        for number, drug in enumerate(drugs):
            line = self.fill_line(form, drug)
            if line is None:
                continue
            taken.append(line)
            if number + 1 < len(drugs):
                self.busy("walk_in")
                page = self.browser.submit(form, form.button("do", "add"))
                form = page.form("stock_receive", has="supplier")
        if taken:
            self.take_in(form, note, taken)

    def has_lines(self, page: Page) -> bool:
        form = page.form("stock_receive", has="supplier")
        return any(form[name] for name in form.fields if NEXT.fullmatch(name))

    def blank(self, form: Form) -> str:
        """The line that is empty: "line-2"."""
        for name in form.fields:
            if NEXT.fullmatch(name) and not form[name]:
                return name.removesuffix("-drug_text")
        raise NotOnPage(f"{form.page.path}: no empty line")

    def fill_line(self, form: Form, drug: tuple[str, str]) -> dict | None:
        line = self.blank(form)
        offered = self.browser.suggest(form, f"{line}-drug_text", drug[0])
        label = " ".join(drug)
        rows = offered.find("//*[@role='option'][@data-value]")
        row = next((one for one in rows if one.get("data-label") == label), None)
        if row is None:
            return None
        lot = f"D{self.chance.randrange(10**8):08}"
        expires = date.today() + timedelta(days=self.chance.randint(500, 900))
        packs = self.chance.randint(5, 40)
        form.fill(
            {
                f"{line}-drug": row.get("data-value"),
                f"{line}-drug_text": label,
                f"{line}-lot": lot,
                f"{line}-expires_on": expires.isoformat(),
                f"{line}-packs": packs,
                f"{line}-cost": row.get("data-fill-cost") or "8.60",
            }
        )
        return {"drug": label, "lot": lot, "expires_on": expires.isoformat(), "packs": packs}

    def take_in(self, form: Form, note: str, lines: list[dict]) -> None:
        self.busy("stock")
        line = self.last(form)
        if self.is_wrong():
            form = self.wrong_line(form, line)
        with self.doing("receive", note=note, lines=lines) as deed:
            answer = self.press(form, form.button("do", "save"), twice=self.is_double())
            page = answer.page
            if not self.settled(deed, answer, page.name == "stock_document", document=page.key):
                self.complain(f"the delivery {note} was not taken in: {answer.why}")
                return
        for one in lines:
            if page.row(one["lot"]) is None:
                self.complain(f"{page.key}: lot {one['lot']} of {note} is not on the document")

    def last(self, form: Form) -> str:
        """The line that stands open."""
        lines = [name for name in form.fields if NEXT.fullmatch(name) and form[name]]
        return lines[-1].removesuffix("-drug_text")

    def wrong_line(self, form: Form, line: str) -> Form:
        """A missing lot, an expiry in the past, a quantity that is too large."""
        field = f"{line}-{self.chance.choice(WRONGS)}"
        right = form[field]
        wrong = {"lot": "", "expires_on": "2024-05", "packs": "9999999"}[field.split("-")[-1]]
        page = self.mistype(
            f"a delivery with {field.split('-')[-1]} {wrong!r}",
            form,
            form.button("do", "save"),
            **{field: wrong},
        )
        form = page.form("stock_receive", has="supplier")
        return form.fill({field: right})

    # -- counting --

    def begin_take(self) -> None:
        """What is on another open list is left to that one."""
        for _try in range(TRIES):
            page = self.start_take(self.some_drugs(COUNTED))
            if page is not None:
                self.go_on(page)
                return

    def start_take(self, drugs: list) -> Page | None:
        page = self.browser.open("stock_take_new")
        form = page.form("stock_take_new", has="scope")
        names = "\n".join(" ".join(drug) for drug in drugs)
        if self.is_wrong():
            page = self.mistype("a count of no drugs", form, scope="drugs", drugs="")
            form = page.form("stock_take_new", has="scope")
        with self.doing("take_start", drugs=[" ".join(drug) for drug in drugs]) as deed:
            answer = self.press(form, twice=self.is_double(), scope="drugs", drugs=names)
            page = answer.page
            is_begun = self.settled(deed, answer, page.name == "stock_take", take=page.key)
        return page if is_begun else None

    # -- refrigerators --

    def read_refrigerators(self) -> None:
        """Each that is not read yet; one that is read may have been read wrongly."""
        page = self.browser.open("cold_list")
        for number in range(len([one for one in page.forms if one.name == "cold_read"])):
            forms = [one for one in page.forms if one.name == "cold_read"]
            if not forms:
                break
            page = self.read(page, forms[0], number)
        links = page.links("cold_correct")
        if links and self.is_wrong():
            self.correct(self.browser.get(links[0]))

    def read(self, page: Page, form: Form, number: int) -> Page:
        unit, slot = form.address, form["slot"]
        if number == 0 or self.is_wrong():
            page = self.mistype("a temperature that no thermometer shows", form, celsius="99.9")
            form = next(one for one in page.forms if one.address == unit and one["slot"] == slot)
        celsius = f"{self.chance.uniform(3, 6):.1f}"
        with self.doing("read_temperature", unit=unit.split("/")[-3], slot=slot) as deed:
            note = "交接班时登记"
            answer = self.press(form, twice=self.is_double(), celsius=celsius, note=note)
            self.settled(deed, answer, not answer.why, celsius=celsius)
        return answer.page

    def correct(self, page: Page) -> None:
        form = page.form("cold_correct", has="celsius")
        celsius = f"{self.chance.uniform(3, 6):.1f}"
        with self.doing("correct_temperature", reading=page.key) as deed:
            answer = self.press(form, twice=self.is_double(), celsius=celsius, note="看错一格")
            self.settled(deed, answer, answer.page.name != "cold_correct", celsius=celsius)

    # -- what is expired --

    def write_off(self) -> None:
        """A lot that lies there expired and is on no book: onto the book, then off the shelf."""
        drug = self.some_drugs(1)[0]
        lot = f"G{self.chance.randrange(10**8):08}"
        if self.put_on_book(drug, lot):
            self.write_off_expired(lot)

    def put_on_book(self, drug: tuple[str, str], lot: str) -> bool:
        page = self.browser.open("stock_paper_new", "opening")
        page = self.browser.submit(page.form("stock_paper_new", has="note"), note="清理货架时发现")
        form = page.form("stock_paper_edit", has="lines")
        line = self.fill_line(form, drug)
        if line is None:
            return False
        row = self.last(form)
        past = (date.today() - timedelta(days=20)).isoformat()
        form.fill({f"{row}-lot": lot, f"{row}-expires_on": past, f"{row}-packs": 3})
        page = self.browser.submit(form, form.button("do", "add"))
        form = page.form("stock_paper_edit", has="version")
        page = self.browser.submit(form, form.button("do", "keep"))
        if page.name != "stock_document" or not page.has_form("stock_paper_post"):
            self.complain(f"the expired lot {lot} could not be written down: {page.errors}")
            return False
        with self.doing("post_paper", document=page.key, lot=lot) as deed:
            answer = self.press(page.form("stock_paper_post"), twice=self.is_double())
            is_posted = not answer.page.has_form("stock_paper_post")
            return self.settled(deed, answer, is_posted)

    def write_off_expired(self, lot: str) -> None:
        """The draft; a colleague who looks at the goods posts it."""
        page = self.browser.open("stock_paper_new", "write_off", query={"only": "expired"})
        page = self.browser.submit(
            page.form("stock_paper_new", has="note"), cause="expired", note="到期"
        )
        form = page.form("stock_paper_edit", has="version")
        row = next((one for one in page.rows() if lot in words(one)), None)
        if row is None:
            self.complain(f"the expired lot {lot} is not offered for writing off")
            return
        box = row.xpath(".//input[contains(@name,'-packs')]")[0].get("name")
        if self.is_wrong():
            page = self.mistype(
                "more than lies there", form, form.button("do", "add"), **{box: "400"}
            )
            form = page.form("stock_paper_edit", has="version")
        with self.doing("write_off", lot=lot) as deed:
            answer = self.press(form, form.button("do", "add"), **{box: "3"})
            form = answer.page.form("stock_paper_edit", has="version")
            answer = self.press(form, form.button("do", "keep"), twice=self.is_double())
            page = answer.page
            is_there = page.row(lot) is not None
            self.settled(
                deed, answer, page.name == "stock_document" and is_there, document=page.key
            )
