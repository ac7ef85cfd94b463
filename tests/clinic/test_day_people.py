"""The parts of the simulated day that need no clinic: arrivals, plans, pages, the book, time."""

import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from clinic.day import profile
from clinic.day.book import Book
from clinic.day.clock import Clock
from clinic.day.lines import Line
from clinic.day.page import NotOnPage, Page
from clinic.day.people.public import answer
from clinic.day.plan import DESK_BOOKED, WALKS_IN, Plan, Plans, draw
from patients.identity import check_digit

TODAY = date(2026, 11, 29)
PAGE = """
<html><body><aside class="practice">x</aside>
<div class="said"><div class="message message-ok"><svg></svg><span>已保存</span>
<form method="post" action="/registration/queue/next/"></form></div></div>
<form id="record" method="post" action="/registration/queue/pause/">
  <input type="hidden" name="csrfmiddlewaretoken" value="abc"><input name="q" value="a&amp;b">
  <textarea name="text">
eins
zwei</textarea>
  <select name="kind"><option value="1">A</option><option value="2" selected>B</option></select>
  <input type="radio" name="sex" id="s1" value="1"><label for="s1">男</label>
  <input type="radio" name="sex" id="s2" value="2" checked><label for="s2">女</label>
  <input type="checkbox" name="tick" value="on"><input name="off" value="x" disabled>
  <div class="field-error">请写天数</div>
  <button name="save" value="1">S</button>
</form>
<button type="submit" form="record" name="call" value="2"
  formaction="/registration/queue/resume/">C</button>
<section data-refresh-url="/registration/queue/rows/" data-seconds="3" data-etag='"e"'></section>
</body></html>
"""


def page() -> Page:
    return Page("https://clinic.test/registration/queue/", 200, PAGE)


# --- arrivals and service times


def test_arrivals_follow_the_stated_shares():
    times = profile.arrivals(1000, profile.chance_of(1, "test"))

    hours = [sum(60 * n <= time < 60 * (n + 1) for time in times) for n in range(10)]
    assert hours == [220, 170, 110, 80, 50, 60, 110, 90, 70, 40]
    assert times == sorted(times)


def test_few_arrivals_are_exactly_as_many():
    assert [len(profile.arrivals(n, profile.chance_of(n))) for n in range(9)] == list(range(9))


def test_gaps_inside_an_hour_are_near_exponential():
    """Their mean is their standard deviation, as of no other waiting time."""
    times = [t for t in profile.arrivals(20_000, profile.chance_of(3)) if t < 60]

    gaps = [b - a for a, b in zip(times, times[1:], strict=False)]
    mean = sum(gaps) / len(gaps)
    deviation = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert 0.95 < deviation / mean < 1.05


def test_service_times_have_the_stated_median():
    chance = profile.chance_of(5)
    for kind, (median, _sigma) in profile.SERVICE.items():
        drawn = sorted(profile.service(kind, chance) for _one in range(2001))

        assert drawn[1000] == pytest.approx(median, rel=0.1)
        assert drawn[-1] <= median * profile.LONGEST


# --- plans


def test_the_same_seed_gives_the_same_day():
    assert draw(40, seed=7, today=TODAY) == draw(40, seed=7, today=TODAY)
    assert draw(40, seed=7, today=TODAY) != draw(40, seed=8, today=TODAY)


def test_shares_of_those_who_stay_away():
    plans = draw(3000, seed=2, today=TODAY)

    booked = [plan for plan in plans if plan.way != WALKS_IN]
    assert 0.20 < sum(not plan.comes for plan in booked) / len(booked) < 0.30
    assert 0.04 < sum(plan.vanishes for plan in plans) / len(plans) < 0.06
    assert all(plan.comes for plan in plans if plan.way == WALKS_IN)


def test_everybody_has_a_document_of_their_own_that_is_valid():
    numbers = [plan.who["id_number"] for plan in draw(800, seed=1, today=TODAY)]

    assert len(set(numbers)) == len(numbers)
    assert all(number[-1] == check_digit(number[:-1]) for number in numbers)


def test_a_plan_is_found_by_what_a_page_shows():
    plans = Plans(draw(3, seed=1, today=TODAY))
    plans.note(plans.all[1], visit="v", ticket="A001", sheet="RX1", rx="r")

    found = [plans.of(visit="v"), plans.of(rx="r"), plans.of(sheet="RX1"), plans.of(visit="w")]
    assert found == [plans.all[1], plans.all[1], plans.all[1], None]
    assert plans.all[1].sheets == ["RX1"]


def test_somebody_without_a_number_stands_at_the_desk_until_there_is_one_or_the_day_is_over():
    plans = Plans([Plan(number=n, arrives=n, who={}, way=DESK_BOOKED) for n in range(4)])
    stays_away, numbered, gone, waits = plans.all
    stays_away.comes = False
    plans.note(numbered, visit="v")
    gone.finish("refused")

    assert plans.at_the_desk(2.5) == []
    assert plans.at_the_desk(3.0) == [waits]


def test_who_came_first_is_served_first():
    line = Line()
    first, second = (Plan(number=n, arrives=0, who={}, way=DESK_BOOKED) for n in (1, 2))
    line.put(5.0, "arrive", second)
    line.put(2.0, "arrive", first)

    taken = [line.take(1.0), line.take(6.0), line.take(6.0), line.take(6.0)]
    assert [one and one[1].number for one in taken] == [None, 1, 2, None]


# --- pages


def test_a_press_sends_what_the_form_holds_and_what_was_typed():
    form = page().form("queue_pause").fill(q="c")

    address, data = form.pressed(form.button("call"))
    assert address == "https://clinic.test/registration/queue/resume/"
    assert data == [
        ("csrfmiddlewaretoken", "abc"),
        ("q", "c"),
        ("text", "eins\nzwei"),
        ("kind", "2"),
        ("sex", "2"),
        ("call", "2"),
    ]


def test_nobody_types_into_a_field_that_is_not_there():
    with pytest.raises(NotOnPage):
        page().form("queue_pause").fill(nothing="x")


def test_a_page_tells_its_messages_errors_choices_and_parts():
    shown = page()

    assert [(one.level, one.words, one.undo.name) for one in shown.messages] == [
        ("ok", "已保存", "call_next")
    ]
    assert shown.errors == ["请写天数"]
    assert shown.form("queue_pause").choices("sex") == [("1", "男"), ("2", "女")]
    assert [(part.address, part.seconds, part.etag) for part in shown.parts] == [
        ("https://clinic.test/registration/queue/rows/", 3.0, '"e"')
    ]
    assert shown.is_practice


def test_the_question_of_the_booking_page_is_answered():
    assert (answer("三加一等于几？ 必填"), answer("八减五等于几？")) == ("4", "3")


# --- the book and time


def test_a_deed_is_written_before_and_after(tmp_path):
    book = Book(tmp_path / "journal.jsonl")
    with book.doing("desk", "register", plan=3) as deed:
        deed.done(ticket="A001")
    with pytest.raises(OSError, match="gone"), book.doing("desk", "cancel", plan=4):
        raise OSError("gone")
    book.shut()

    text = (tmp_path / "journal.jsonl").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(line["is"], line["verb"]) for line in lines] == [
        ("begin", "register"),
        ("done", "register"),
        ("begin", "cancel"),
        ("unknown", "cancel"),
    ]
    assert book.counts() == {"cancel": {"unknown": 1}, "register": {"done": 1}}


def test_a_working_day_takes_as_many_minutes_as_were_said():
    clock = Clock(minutes=60)

    assert (clock.factor, clock.seconds(10), clock.words(30)) == (10, 60, "08:00")


# --- the command


def test_only_a_practice_clinic_is_simulated_in(settings):
    settings.CLINIC_PRACTICE = False

    with pytest.raises(CommandError, match="no practice clinic"):
        call_command("simulate_day", "--password", "x", "--prepare")
