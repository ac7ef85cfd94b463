"""What those at the shelf, the window and the till of the simulated day do without a clinic."""

from decimal import Decimal
from pathlib import Path
from threading import Thread
from uuid import UUID

import pytest
from lxml import html

from clinic.day.book import Book
from clinic.day.browser import NoAnswer
from clinic.day.clock import Clock
from clinic.day.engine import Day
from clinic.day.page import Page
from clinic.day.people.cashier import Cashier, money
from clinic.day.people.doctor import Doctor
from clinic.day.people.pharmacist import AMOUNT, NUMBER, Pharmacist, Window
from clinic.day.people.public import MOST_TRIES, Public
from clinic.day.people.storekeeper import Storekeeper
from clinic.day.people.technician import Technician
from clinic.day.plan import WALKS_IN, Plan, Plans
from clinic.day.worker import Answer, is_busy

HERE = "https://clinic.test/pharmacy/receive/"
LINE = """<table><tr><td>A1-01</td><td><b>阿莫西林胶囊</b></td><td>2601261</td><td>2027-01-31</td>
<td><input type="hidden" name="line" value="7"><div><input name="7-packs"><span>盒</span>
<input name="7-pieces"><span>粒</span></div></td></tr></table>"""
FORM = """<form method="post"><input type="hidden" name="once" value="{once}">
<input name="lot" value="{lot}"><input name="password" value="{password}"></form>"""
SAID = '<div class="said"><div class="message message-{level}"><span>{words}</span></div></div>'


def a_day(seed: int = 1) -> Day:
    clock, plans = Clock(minutes=1), Plans([])
    return Day("https://clinic.test", Path("ca.crt"), "secret", seed, clock, plans, book=Book())


def page(text: str) -> Page:
    return Page(HERE, 200, f"<html><body>{text}</body></html>")


def shown(lot: str, *, once: str = "1", password: str = "") -> Page:
    return page(FORM.format(lot=lot, once=once, password=password))


# --- the shelf


@pytest.mark.parametrize(
    ("text", "packs", "pieces"), [("3盒+5粒", "3", "5"), ("12盒", "12", "0"), ("9粒", "0", "9")]
)
def test_what_lies_there_goes_into_the_boxes_of_its_units(text, packs, pieces, monkeypatch):
    keeper = Storekeeper(a_day(), "storekeeper")
    monkeypatch.setattr("clinic.day.takes.LOST", 0)

    typed = keeper.boxes(html.fromstring(LINE), text, "PD1", "2601261")

    assert typed == {"7-packs": packs, "7-pieces": pieces}


def test_both_who_count_find_the_same_packs_lost():
    lots = [f"L{number}" for number in range(200)]
    first, second = Storekeeper(a_day(4), "storekeeper"), Technician(a_day(4), "technician")

    lost = [lot for lot in lots if first.is_lost("PD1", lot)]

    assert lost == [lot for lot in lots if second.is_lost("PD1", lot)]
    assert 10 < len(lost) < 60


def test_work_that_got_no_answer_comes_again():
    keeper = Storekeeper(a_day(), "storekeeper")

    def work():
        raise NoAnswer("away")

    keeper.plan = [(0.0, work)]
    keeper.day.clock.start()

    with pytest.raises(NoAnswer):
        keeper.do_due()

    assert keeper.plan == [(0.0, work)]


# --- the window


def test_of_many_who_want_a_sheet_one_has_it():
    window, got = Window(), []
    threads = [
        Thread(target=lambda: got.append(window.claim("RX1", 10.0, 4.0))) for _one in range(20)
    ]

    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert got.count(True) == 1
    assert window.claim("RX1", 14.5, 4.0)


def test_a_sheet_that_a_colleague_decided_during_a_wrong_entry_is_left_alone(monkeypatch):
    sheet = f"https://clinic.test/prescriptions/{UUID(int=7)}/"
    at_review = Page(
        f"{sheet}review/",
        200,
        f'<form method="post" action="{sheet}return/"><input name="reason" value=""></form>',
    )
    gone_on = Page(sheet, 200, SAID.format(level="error", words="处方已经通过审核。"))
    pharmacist = Pharmacist(a_day(), "pharmacist", Window(), [])
    monkeypatch.setattr(pharmacist, "busy", lambda _what: None)
    monkeypatch.setattr(pharmacist, "is_wrong", lambda: True)
    monkeypatch.setattr(pharmacist.browser, "submit", lambda *_form, **_typed: gone_on)
    pharmacist.day.clock.start()

    assert pharmacist.give_back(at_review, "RX20260302-0001") is gone_on

    assert pharmacist.day.book.complaints == []
    assert pharmacist.window.returned == set()


def test_numbers_and_amounts_are_read_where_words_stand_close():
    assert NUMBER.search("按单取药RX20261129-0009 · 先到期先出")[0] == "RX20261129-0009"
    assert AMOUNT.fullmatch("18g").groups() == ("18", "g")
    assert AMOUNT.fullmatch("1盒+6片") is None


# --- the till


def test_cash_is_more_than_the_bill_by_less_than_a_note():
    cashier = Cashier(a_day(), "cashier")

    assert cashier.typed("cash", Decimal("35.60")) == {"cash": Decimal(40)}
    assert cashier.typed("wechat", Decimal("35.60")) == {"wechat": Decimal("35.60")}
    assert money("¥1,398.00") == Decimal("1398.00")


# --- answers


def test_what_is_lost_after_a_wrong_entry_is_a_complaint():
    keeper = Storekeeper(a_day(), "storekeeper")
    sent = shown("A1", password="x").forms[0]

    keeper.compare("a wrong entry", shown("A1", once="2"), sent)
    assert keeper.day.book.complaints == []
    keeper.compare("a wrong entry", shown(""), sent)

    assert len(keeper.day.book.complaints) == 1


def test_two_clicks_lead_to_one_place_unless_one_found_the_clinic_busy():
    keeper = Storekeeper(a_day(), "storekeeper")
    there = Page(f"{HERE}7/", 200, SAID.format(level="ok", words="已入库。"))
    busy = page(SAID.format(level="error", words="没有保存：现在系统忙。"))
    other = page("")

    answer = keeper.agreed(busy, there, frozenset())
    assert (answer.page, keeper.day.book.complaints) == (there, [])
    keeper.agreed(other, there, frozenset())

    assert len(keeper.day.book.complaints) == 1
    assert is_busy(busy)
    assert not is_busy(there)


def test_the_errors_of_another_page_are_no_refusal():
    wrong = page('<p class="field-error">缺 2 盒</p>')

    assert Answer(wrong, (), frozenset({"/pharmacy/receive/"})).why == ["缺 2 盒"]
    assert Answer(wrong, (), frozenset({"/elsewhere/"})).why == []


# --- the phone


def test_who_finds_a_time_gone_between_two_pages_looks_again_and_at_last_comes(monkeypatch):
    day = a_day()
    plan = Plan(number=1, arrives=5.0, who={}, way="online")
    phone = Public(day, "phone1")
    times = Page(
        "https://clinic.test/booking/at/31/",
        200,
        '<form action="/booking/at/31/person/"><input type="radio" name="time"'
        ' value="08:00"></form>',
    )
    gone = Page("https://clinic.test/booking/at/31/person/", 200, "<h1>已不能预约</h1>")
    monkeypatch.setattr(phone, "phone", lambda _plan: phone.browser)
    monkeypatch.setattr(phone, "times", lambda _page: times)
    monkeypatch.setattr(phone.browser, "open", lambda _name: times)
    monkeypatch.setattr(phone.browser, "submit", lambda *_form, **_typed: gone)
    day.clock.start()

    phone.book(plan)
    assert day.line("phone").take(day.clock.now + 1.1) == ("book", plan)
    for _try in range(MOST_TRIES):
        phone.book(plan)

    assert plan.way == WALKS_IN and day.line("desk").take(6.0) == ("arrive", plan)
    assert day.book.complaints == []


# --- the doctor's room


def test_a_number_of_somebody_at_the_desk_is_waited_for_and_a_strangers_is_not(monkeypatch):
    day = a_day()
    plan = Plan(number=1, arrives=0.0, who={}, way=WALKS_IN)
    day.plans.all.append(plan)
    doctor = Doctor(day, "doctor")
    waited = []

    def pause(seconds):
        waited.append(seconds)
        day.plans.note(plan, visit="v")
        return True

    monkeypatch.setattr(day.clock, "pause", pause)
    day.clock.start()

    assert doctor.who_has("v") is plan and len(waited) == 1
    assert doctor.who_has("w") is None and len(waited) == 1
