"""The cashier: begins with change money, takes what is due, gives back, hands the till over."""

import re
from decimal import ROUND_CEILING, Decimal

from clinic.day.browser import NoAnswer, Refused
from clinic.day.page import Form, NotOnPage, Page, has_class, words
from clinic.day.worker import Staying

FLOATING = Decimal("200.00")
NOTE = Decimal(10)
NUMBER = re.compile(r"[A-Z]{1,3}\d{8}-\d+")
AMOUNT = re.compile(r"\d[\d,]*\.\d\d")
WAYS = {"cash": 40, "wechat": 34, "alipay": 15, "card": 5, "insurance": 6}
ADDS = 0.05  # of the bills: an item is added by mistake, and its money given back
PRINTS = 0.4
DIFFERS = 0.3  # of the shifts: some money is missing when it is counted


def people(day) -> list:
    return [Cashier(day, name) for name in day.cast.get("cashier", ())]


def money(text: str) -> Decimal:
    return Decimal(AMOUNT.search(text)[0].replace(",", ""))


class Cashier(Staying):
    """One till; stays until nobody waits and the money is handed over."""

    role = "cashier"
    cash: Decimal | None = None  # what should lie in the till; None: not known
    is_open = False

    def step(self) -> None:
        if not self.is_open:
            self.open_till()
            return
        page = self.browser.open("cashier")
        waiting = list(dict.fromkeys(page.links("bill")))
        if waiting:
            self.take(self.browser.get(waiting[0]))
        elif self.day.goes_on:
            self.watch(page, self.soon())
        else:
            self.hand_over()

    def lost(self, error: NoAnswer) -> None:
        self.cash = None  # what was taken last may have been written down or not
        super().lost(error)

    # -- the shift --

    def open_till(self) -> None:
        try:
            page = self.browser.open("shift")
        except Refused:  # nothing is charged here, or not yet
            self.is_home = not self.day.options.get("charges")
            self.day.clock.pause(self.soon())
            return
        if page.has_form("shift", has="counted"):
            self.cash = self.due_in(page)
        else:
            self.begin_shift(page)
        self.is_open = True

    def begin_shift(self, page: Page) -> None:
        form = page.form("shift", has="floating")
        page = self.mistype("change money in words", form, "do", floating="两百")
        form = page.form("shift", has="floating")
        with self.doing("begin_shift", floating=str(FLOATING)) as deed:
            answer = self.press(form, "do", twice=self.is_double(), floating=str(FLOATING))
            there = answer.page.has_form("shift", has="counted")
            self.settled(deed, answer, there)
        self.cash = self.due_in(answer.page)

    def due_in(self, page: Page) -> Decimal:
        """What the page says should lie in the till."""
        return money(words(page.first("//form[@id='close']//dl//b")))

    def hand_over(self) -> None:
        page = self.browser.open("shift")
        form, due = page.form("shift", has="counted"), self.due_in(page)
        if self.cash is not None and due != self.cash:
            self.complain(f"¥{due} should lie in the till, the cashier took ¥{self.cash}")
        who = [value for value, _words in form.choices("handed_to") if value]
        button = form.button("do", "close")
        wrong = {"counted": due + 5, "handed_to": who[0]}
        page = self.mistype("a difference without a reason", form, button, **wrong)
        form = page.form("shift", has="counted")
        short = Decimal("0.50") if due > 1 and self.chance.random() < DIFFERS else Decimal(0)
        typed = {"counted": due - short, "handed_to": who[0]}
        typed["reason"] = "找零差错" if short else ""
        with self.doing("hand_over", due=str(due), counted=str(due - short)) as deed:
            answer = self.press(form, form.button("do", "close"), twice=True, **typed)
            page = answer.page
            self.settled(deed, answer, page.name == "shift_show", shift=page.key)
        self.is_home = page.name == "shift_show"

    # -- a bill --

    def take(self, page: Page) -> None:
        """What is due, after a mistake now and then; sometimes an item too many."""
        page = self.give_back_first(page)
        if not page.has_form("bill", has="cash"):
            return
        added = self.add(page) if self.chance.random() < ADDS else None
        page = added or page
        form = page.form("bill", has="cash")
        total = Decimal(form.element.get("data-total"))
        self.busy("desk_other")
        if total and self.is_wrong():
            page = self.wrong_money(form, total)
            form = page.form("bill", has="cash")
        page = self.pay(page, form, total)
        if page.name != "receipt_show":
            return
        if added is not None:
            page = self.refund(page, "误收")
        if self.chance.random() < PRINTS:
            with self.doing("print_receipt", receipt=self.number(page)) as deed:
                self.press(page.form("receipt_paper"), twice=self.is_double())
                deed.done()

    def pay(self, page: Page, form: Form, total: Decimal) -> Page:
        way = self.chance.choices(list(WAYS), list(WAYS.values()))[0]
        typed = self.typed(way, total) if total else {}
        with self.doing("pay", visit=page.key, total=str(total), way=way) as deed:
            answer = self.press(form, form.button("step", "pay"), twice=self.is_double(), **typed)
            page = answer.page
            if page.name == "cashier" and not total:
                deed.done(receipt="")
                return page
            if not self.settled(deed, answer, page.name == "receipt_show"):
                return page
            receipt, paid = self.number(page), self.paid(page)
            deed.done(receipt=receipt, paid=str(paid))
        if paid != total:
            self.complain(f"{receipt} is about ¥{paid}, the bill was ¥{total}")
        if way == "cash" and self.cash is not None:
            self.cash += total
        return page

    def typed(self, way: str, total: Decimal) -> dict:
        if way == "cash":
            return {"cash": (total / NOTE).to_integral_value(ROUND_CEILING) * NOTE}
        number = {"number": f"YB{self.chance.randrange(10**8):08}"} if way == "insurance" else {}
        return {way: total, **number}

    def wrong_money(self, form: Form, total: Decimal) -> Page:
        """Too little cash, more than the bill by phone, an amount in words."""
        wrong = self.chance.choice(
            [
                {"cash": max(total - 1, Decimal("0.01"))},
                {"wechat": total + 1},
                {"cash": "十元"},
                {"insurance": total, "number": ""},
            ]
        )
        if wrong.get("cash") == total:  # a bill of one cent
            wrong = {"wechat": total + 1}
        page = self.mistype(f"money: {', '.join(wrong)}", form, form.button("step", "pay"), **wrong)
        if page.has_form("bill", has="cash"):
            page.form("bill", has="cash").fill(dict.fromkeys(wrong, ""))
        return page

    def number(self, page: Page) -> str:
        return NUMBER.search(words(page.first("//title")))[0]

    def paid(self, page: Page) -> Decimal:
        """What the receipt says was to pay, or given back."""
        return money(words(page.first(f"//dl[{has_class('cashier-big')}]//dd")))

    # -- what comes back --

    def give_back_first(self, page: Page) -> Page:
        """A prescription was corrected after it was paid for: its old lines are refunded."""
        bill = page.path
        for address in page.links("receipt_refund") if self.is_stale(page) else ():
            refund = self.browser.get(address)
            if any(
                name.startswith("line_")
                for name in refund.form("receipt_refund", has="once").fields
            ):
                self.give_back(refund, "处方已修改", all_lines=False)
        return self.browser.get(bill) if self.is_stale(page) else page

    def is_stale(self, page: Page) -> bool:
        return bool(page.classed("message-warn"))

    def add(self, page: Page) -> Page | None:
        """A material that nobody needed goes on the bill."""
        form = page.form("bill_add", has="item")
        items = [value for value, _words in form.choices("item") if value]
        if not items:
            return None
        if self.is_wrong():
            page = self.mistype("a million syringes", form, item=items[0], quantity="1000000")
            form = page.form("bill_add", has="item")
        with self.doing("bill_add", visit=page.key, item=items[0]) as deed:
            answer = self.press(form, twice=self.is_double(), item=items[0], quantity=1)
            is_on = self.settled(deed, answer, answer.page.name == "bill")
        return answer.page if is_on else None

    def refund(self, page: Page, why: str) -> Page:
        try:
            refund = self.browser.get(page.link("receipt_refund"))
        except NotOnPage:
            return page
        if not any(
            name.startswith("line_") for name in refund.form("receipt_refund", has="once").fields
        ):
            self.complain(f"nothing of {self.number(page)} can be given back")
            return page
        return self.give_back(refund, why, all_lines=True)

    def lines_of(self, page: Page) -> list[str]:
        """The fields of the lines that may go back."""
        form = page.form("receipt_refund", has="once")
        return [name for name in form.fields if name.startswith("line_")]

    def give_back(self, page: Page, why: str, *, all_lines: bool) -> Page:
        """The added item, or what a corrected prescription no longer holds."""
        form = page.form("receipt_refund", has="once")
        lines = self.lines_of(page)
        typed = {lines[-1]: 1} if all_lines else {}
        if all_lines:  # the last line is what was added by hand
            form.fill(dict.fromkeys(lines, ""))
            if self.is_wrong():
                wrong = {lines[-1]: 99}
                page = self.mistype("more back than was paid for", form, **wrong)
                form = page.form("receipt_refund", has="once").fill(dict.fromkeys(lines, ""))
        with self.doing("refund", receipt=page.key) as deed:
            answer = self.press(form, twice=self.is_double(), reason=why, **typed)
            page = answer.page
            if not self.settled(deed, answer, page.name == "receipt_show"):
                return page
            given = self.paid(page)
            deed.done(refund=self.number(page), given_back=str(given))
        if self.cash is not None:
            self.cash -= self.in_cash(page)
        return page

    def in_cash(self, page: Page) -> Decimal:
        """The part of a refund that left the till, by the way's name in either language."""
        for term in page.find(f"//dl[{has_class('cashier-big')}]/div[position()>1]"):
            if words(term.find("dt")) in ("现金", "Cash"):
                return abs(money(words(term.find("dd"))))
        return Decimal(0)
