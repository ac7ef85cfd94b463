"""The pharmacist: reviews, returns, hands out in full or in part, stands for the second person."""

import re
import threading
from dataclasses import dataclass, field

from clinic.day.coming_back import TakingBack
from clinic.day.page import Form, Page, key_of, words
from clinic.day.plan import Plan
from clinic.day.second import SecondPerson
from clinic.day.worker import Answer

NUMBER = re.compile(r"RX\d{8}-\d+")
AMOUNT = re.compile(r"(\d+)([^\d+\s]+)")  # 4盒, 18g; not 1盒+6片
PART = re.compile(r"part\d+-now")
LATER = 25.0  # minutes after which the rest has come
BACKOFF = 4.0  # minutes after which a sheet that waits for others is looked at again
HOLD = 8.0  # seconds, at the least, for which a sheet is somebody's
DUTIES = 45.0  # minutes between two looks at what waits for a second person
CLASH = 0.01  # of the looks at a sheet that a colleague has
IN_A_ROW = 3  # sheets handed out before the queue for review is looked at again
LEAVES = 0.6  # of the sheets reviewed by oneself, left to a colleague if there is one
OBJECTION = "请核对用法用量与诊断是否相符"
MISSING = "货架上不够，请改用其他药品"


@dataclass
class Window:
    """What those at the window know of each other's work."""

    returned: set[str] = field(default_factory=set)  # numbers
    sent_back: set[str] = field(default_factory=set)
    begun: set[str] = field(default_factory=set)  # a part is with the patient
    gone: set[str] = field(default_factory=set)
    later: dict[str, float] = field(default_factory=dict)  # sheet: not before this minute
    lock: threading.Lock = field(default_factory=threading.Lock)

    def claim(self, sheet: str, now: float, minutes: float) -> bool:
        """ "This one is mine": False where a colleague has it, or it waits for something."""
        with self.lock:
            if self.later.get(sheet, 0) > now:
                return False
            self.later[sheet] = now + minutes
            return True


def people(day) -> list:
    window = Window()
    names = day.cast.get("pharmacist", ())
    return [Pharmacist(day, name, window, names) for name in names]


class Pharmacist(SecondPerson, TakingBack):
    """Reviews what waits, then hands out; both lists are everybody's."""

    role = "pharmacist"
    queue: Page  # the list for review, as it was opened last

    def __init__(self, day, account: str, window: Window, colleagues):
        super().__init__(day, account)
        self.window = window
        self.colleagues = [name for name in colleagues if name != account]
        self.duty = self.chance.uniform(5, DUTIES)
        self.skipped: dict[str, float] = {}  # left to a colleague until this minute

    def step(self) -> None:
        if self.day.clock.now >= self.duty:
            self.duty = self.day.clock.now + DUTIES
            self.stand_for_second()
            return
        worked = self.take_back_due() or self.review_all() or self.hand_out_all()
        if not worked:
            self.watch(self.queue, self.soon())

    def number_of(self, page: Page) -> str:
        found = NUMBER.search(page.said("rx-type"))
        return found[0] if found else page.key

    def plan_of(self, page: Page) -> Plan | None:
        number = self.number_of(page)
        return self.day.plans.of(sheet=number, rx=page.key)

    # -- review --

    def review_all(self) -> bool:
        """The queue to its end; after each decision the next sheet comes by itself."""
        page = self.queue = self.browser.open("review_list")
        waiting = dict.fromkeys(page.links("review"))
        first = next((one for one in waiting if self.claims(key_of(one))), None)
        if first is None:
            return False
        page = self.review(self.browser.get(first))
        while page.name == "review" and self.is_needed and self.claims(page.key):
            page = self.review(page)
        return True

    def claims(self, sheet: str) -> bool:
        """Mostly people say which one they take; now and then two take the same."""
        now, hold = self.day.clock.now, max(BACKOFF, HOLD / 60 * self.day.clock.factor)
        if self.skipped.get(sheet, 0) > now:
            return False
        return self.window.claim(sheet, now, hold) or self.chance.random() < CLASH

    def put_off(self, sheet: str, minutes: float = BACKOFF) -> None:
        self.window.later[sheet] = self.day.clock.now + minutes

    def review(self, page: Page) -> Page:
        if page.name != "review":  # a colleague was faster
            return page
        self.busy("review")
        number, plan = self.number_of(page), self.plan_of(page)
        form = page.form("review_approve")
        is_held = any(one.get("aria-disabled") == "true" for one in form.buttons())
        objects = plan is not None and plan.returned and number not in self.window.returned
        if objects or (is_held and number not in self.window.returned):
            return self.give_back(page, number)
        if is_held:  # for somebody else: a countersignature, a colleague
            self.put_off(page.key)
            return self.browser.open("review_list")
        with self.doing("approve", sheet=number, rx=page.key) as deed:
            answer = self.press(form, twice=self.is_double())
            if self.settled(deed, answer, answer.page.path != page.path):
                self.put_off(page.key, 0)
        return answer.page

    def give_back(self, page: Page, number: str) -> Page:
        self.busy("return_sheet")
        if self.is_wrong():
            page = self.mistype(
                "a return without a reason", page.form("review_return", has="reason")
            )
            if not page.has_form("review_return", has="reason"):
                return page  # a colleague was faster
        with self.doing("return_sheet", sheet=number, rx=page.key) as deed:
            form = page.form("review_return", has="reason")
            answer = self.press(form, twice=self.is_double(), reason=OBJECTION)
            if self.settled(deed, answer, answer.page.path != page.path):
                self.window.returned.add(number)
                self.put_off(page.key, 0)
        return answer.page

    # -- handing out --

    def hand_out_all(self) -> bool:
        """Each sheet at the window that can go now; False where there was none."""
        page = self.browser.open("dispense_list")
        done = 0
        for address in dict.fromkeys(page.links("dispense")):
            if done < IN_A_ROW and self.claims(key_of(address)):
                self.hand_out(address)
                done += 1
        return bool(done)

    def hand_out(self, address: str) -> None:
        page = self.browser.get(address)
        if page.name != "dispense":
            return  # a colleague was faster
        number, form = self.number_of(page), page.form("dispense", has="version")
        if any(one.get("value") == "close" for one in form.buttons()):
            self.close(page, form, number)
        elif "password" in form and self.colleagues and self.chance.random() < LEAVES:
            self.skipped[page.key] = self.day.clock.now + BACKOFF
            self.put_off(page.key, 0)
        elif page.has_form("dispense_collector") and self.is_held(form):
            self.browser.submit(page.form("dispense_collector"))
            self.put_off(page.key, 0)
        elif page.errors and self.is_held(form):
            self.send_back(page, form, number)
        elif not self.is_held(form):
            self.busy("dispense")
            self.go(page, form, number)

    def is_held(self, form: Form) -> bool:
        return any(one.get("aria-disabled") == "true" for one in form.buttons())

    def go(self, page: Page, form: Form, number: str) -> None:
        """All of it, or as the plan is a part first; what is wrong comes back once."""
        plan, part = self.plan_of(page), ""
        if plan is not None and plan.partial and number not in self.window.begun:
            part = self.part_of(page, form)
        if part or self.is_wrong():
            form = self.too_much(page, form) or form
        typed = self.signatures(form)
        if part:
            name, half = part
            typed[name] = half
        is_rest = number in self.window.begun
        with self.doing(
            "dispense", sheet=number, rx=page.key, part=bool(part), rest=is_rest
        ) as deed:
            answer = self.press(form, twice=self.is_double(), **typed)
            if not self.settled(deed, answer, answer.page.name == "dispense_list"):
                self.not_now(answer, number)
                return
        if part:
            self.window.begun.add(number)
            self.put_off(page.key, LATER)
            return
        self.window.gone.add(number)
        self.may_come_back(page.key, plan)
        if plan is not None and set(plan.sheets) <= self.window.gone:
            plan.finish("served")

    def signatures(self, form: Form) -> dict:
        """Of oneself once more, or of the colleague who has checked with one."""
        typed = {}
        if "password" in form:
            typed["password"] = self.day.password
        if "witness_name" in form:
            typed["witness_name"] = self.chance.choice(self.colleagues or [self.account])
            typed["witness_password"] = self.day.password
        return typed

    def amounts(self, page: Page, form: Form) -> dict[str, tuple[int, str]]:
        """What is to go now of each row where that is one number: part1-now: (4, 盒)."""
        found = {}
        for name in filter(PART.fullmatch, form.fields):
            shown = page.find(
                "//*[@name=$name]/ancestor::div[contains(@class,'batch')]"
                "//*[contains(@class,'rx-now')]/*[1]",
                name=name,
            )
            amount = AMOUNT.fullmatch(words(shown[0])) if shown else None
            if amount:
                found[name] = int(amount[1]), amount[2]
        return found

    def part_of(self, page: Page, form: Form) -> tuple[str, str] | str:
        """Half of the first row that can be halved."""
        for name, (number, unit) in self.amounts(page, form).items():
            if number > 1:
                return name, f"{number // 2}{unit}"
        return ""

    def too_much(self, page: Page, form: Form) -> Form | None:
        """More than was prescribed is not handed out."""
        for name, (number, unit) in self.amounts(page, form).items():
            typed = {name: f"{number + 1}{unit}", **self.signatures(form)}
            page = self.mistype("more than was prescribed", form, **typed)
            if page.name != "dispense":
                return None
            form = page.form("dispense", has="version")
            form.fill({name: ""})
            return form
        return None

    def not_now(self, answer: Answer, number: str) -> None:
        """Refused: a colleague was faster, or something is missing on the shelf."""
        page = answer.page
        if page.name != "dispense":
            return
        if page.classed("field-error") and number not in self.window.begun:
            self.send_back(page, page.form("dispense", has="version"), number)

    def send_back(self, page: Page, form: Form, number: str) -> None:
        plan = self.plan_of(page)
        if number in self.window.sent_back:
            self.day.book.remark(self.who, f"{number} is missing again: {page.errors}")
            self.put_off(page.key, LATER)
            if plan is not None and self.day.clock.is_closing:
                plan.finish("not on the shelf")
            return
        button = next((one for one in form.buttons() if one.get("formaction")), None)
        if button is None:
            return
        with self.doing("send_back", sheet=number, rx=page.key) as deed:
            answer = self.press(form, button, reason=MISSING)
            if self.settled(deed, answer, answer.page.name == "dispense_list"):
                self.window.sent_back.add(number)

    def close(self, page: Page, form: Form, number: str) -> None:
        """Of an earlier day: its last day has passed."""
        with self.doing("close_expired", sheet=number, rx=page.key) as deed:
            answer = self.press(form, form.button("step", "close"), twice=self.is_double())
            self.settled(deed, answer, answer.page.name == "dispense_list")
