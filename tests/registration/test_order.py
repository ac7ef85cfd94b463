"""The order of a queue as a pure function: what holds for any queue, drawn by lot (R-91 to R-93,
R-167). The seed is fixed: a failure comes back.
"""

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from registration.models import Registration
from registration.order import (
    AFTER,
    BOOKED,
    EMERGENCY,
    NORMAL,
    PRIORITY,
    RETURNED,
    SESSION,
    SLOT,
    USUAL,
    WHERE,
    Called,
    Person,
    Rules,
    class_of,
    order,
)

EIGHT = datetime(2026, 11, 23, 8, 0)
NOON = EIGHT + timedelta(hours=4)
NEVER = timedelta(days=1)
CASES = range(150)


def at(minutes: float) -> datetime:
    return EIGHT + timedelta(minutes=minutes)


def person(key, came=0, priority=NORMAL, **fields) -> Person:
    return Person(key=key, number=f"A{key:03d}", priority=priority, came=at(came), **fields)


def booked(key, came, slot, **fields) -> Person:
    times = {"slot": at(slot), "slot_ends": at(slot + 30), "until": at(came - came % 30 + 30)}
    return person(key, came, BOOKED, **times, **fields)


def keys(line) -> list:
    return [one.key for one in line]


def called(one: Person, when: datetime) -> Called:
    return Called(one.key, one.priority, one.joined, when, one.returned)


def draw(rng: random.Random, *, emergencies: bool = True, size: int = 14) -> list[Person]:
    """A queue in the middle of a morning, with everybody who can stand in it."""
    people = []
    for key in range(rng.randint(0, size)):
        came = rng.randint(0, 120)
        kind = rng.choice(["usual", "usual", "booked", "first", "recalled", "returned", "urgent"])
        if kind == "booked":
            people.append(booked(key, came, 30 * rng.randint(0, 5)))
        elif kind in {"recalled", "returned"}:
            back = at(came + rng.randint(1, 60))
            fields = {"back": back, "returned": kind == "returned", "until": back}
            people.append(person(key, came, rng.choice([NORMAL, PRIORITY]), **fields))
        else:
            priority = {"usual": NORMAL, "first": PRIORITY, "urgent": EMERGENCY}[kind]
            is_left_out = kind == "urgent" and not emergencies
            people.append(person(key, came, NORMAL if is_left_out else priority))
    return people


def draw_rules(rng: random.Random, **fields) -> Rules:
    return Rules(
        late=rng.choice(WHERE),
        back=rng.choice(WHERE),
        late_after=rng.randint(0, 4),
        back_after=rng.randint(0, 4),
        booked_first=rng.random() < 0.7,
        **fields,
    )


@pytest.fixture
def rng() -> random.Random:
    return random.Random(20261123)


def is_usual(one: Person, rules: Rules) -> bool:
    return USUAL == (rules.back if one.back else rules.late if one.is_late else USUAL)


def test_the_classes_are_those_of_the_visits():
    priority = Registration.Priority

    assert [NORMAL, BOOKED, PRIORITY, RETURNED, EMERGENCY] == priority.values


# -- any queue --


def test_everybody_stands_in_it_once_and_the_order_of_the_rows_does_not_matter(rng):
    for _ in CASES:
        people, rules = draw(rng), draw_rules(rng)
        line = order(people, rules=rules, now=NOON)

        again = order(rng.sample(people, len(people)), rules=rules, now=NOON)

        assert again == line and sorted(keys(line)) == sorted(keys(people))


def test_emergencies_come_first_whatever_happened_before_R92(rng):
    for _ in CASES:
        people, rules = draw(rng), draw_rules(rng)
        calls = [called(person(99 + n, 0, PRIORITY), NOON) for n in range(2)]

        line = order(people, rules=rules, now=NOON, calls=calls)

        urgent = [one.priority == EMERGENCY for one in line]
        assert urgent == sorted(urgent, reverse=True)


def test_no_inversion_of_classes_nor_inside_a_class_R167(rng):
    for _ in CASES:
        people, rules = draw(rng), draw_rules(rng)

        line = order(people, rules=rules, now=EIGHT)

        usual = [one for one in line if is_usual(one, rules) and one.priority != EMERGENCY]
        ranks = [(-class_of(one, rules), one.slot or one.came, one.came) for one in usual]
        assert ranks == sorted(ranks)


def test_being_late_or_missing_a_call_never_gives_a_better_place(rng):
    for _ in CASES:
        people, rules = draw(rng), draw_rules(rng)
        honest = replace(rules, late=USUAL, back=USUAL)

        line = keys(order(people, rules=rules, now=EIGHT))

        usual = keys(order(people, rules=honest, now=EIGHT))
        for one in people:
            if not is_usual(one, rules):
                overtaken = set(usual[: usual.index(one.key)]) - set(line[: line.index(one.key)])
                assert all(not is_usual(p, rules) for p in people if p.key in overtaken)


def test_a_call_reshuffles_nobody(rng):
    for _ in CASES:
        people = draw(rng)
        rules = draw_rules(rng, fair_wait=NEVER)
        line, calls = order(people, rules=rules, now=NOON), []

        for minute, first in enumerate(line[:-1]):
            calls.append(called(first, NOON + timedelta(minutes=minute)))
            rest = line[minute + 1 :]

            assert order(rest, rules=rules, now=NOON, calls=calls) == rest


def test_a_newcomer_reshuffles_nobody(rng):
    """Where late and recalled ones go in by the same rule; of two rules one has to give way."""
    for _ in CASES:
        people, rules = draw(rng), draw_rules(rng, fair_wait=NEVER)
        rules = replace(rules, late=rng.choice([rules.back, USUAL]))
        before = order(people, rules=rules, now=NOON)
        newcomer = person(99, 230, rng.choice([NORMAL, PRIORITY, EMERGENCY]))

        line = order([*people, newcomer], rules=rules, now=NOON)

        assert [one for one in line if one is not newcomer] == before


# -- late and recalled --


@pytest.mark.parametrize("count", [0, 1, 2, 5])
@pytest.mark.parametrize("others", [0, 1, 2, 6])
def test_the_recalled_go_in_behind_exactly_so_many_or_at_the_end_R167(count, others):
    back = person(9, 0, back=at(60))
    line = [person(n, 10 + n) for n in range(others)]

    found = order([back, *line], rules=Rules(back_after=count), now=at(61))

    assert keys(found).index(9) == min(count, others)


def test_the_late_go_in_behind_the_next_two_of_whatever_class_R91():
    late = booked(9, came=65, slot=0)
    line = [booked(1, 20, 60), booked(2, 20, 90), person(3, 5), person(4, 6)]

    assert keys(order([late, *line], rules=Rules(), now=at(66))) == [1, 2, 9, 3, 4]


def test_who_comes_after_the_recalled_does_not_count_among_the_two():
    back = person(9, 0, back=at(60))
    line = [person(1, 10), person(2, 11), person(3, 12)]
    newcomers = [person(4, 61, PRIORITY), person(5, 62)]

    assert keys(order([back, *line, *newcomers], rules=Rules(), now=at(63))) == [4, 1, 2, 9, 3, 5]


@pytest.mark.parametrize(
    "where, expected", [(AFTER, [1, 2, 9, 3]), (SLOT, [1, 9, 2, 3]), (SESSION, [1, 2, 3, 9])]
)
def test_where_the_late_go_in_is_the_sites_choice_R90(where, expected):
    late = booked(9, came=35, slot=0)
    line = [booked(1, 20, 30), booked(2, 20, 60), booked(3, 20, 90)]

    assert keys(order([late, *line], rules=Rules(late=where), now=at(36))) == expected


def test_a_site_may_treat_the_late_as_if_they_had_come_in_time_R90():
    late = booked(9, came=35, slot=0)

    line = order([late, booked(1, 20, 30)], rules=Rules(late=USUAL), now=at(36))

    assert keys(line) == [9, 1]


def test_a_site_may_call_the_returned_before_the_priority_ones_R92():
    returned = person(9, 0, back=at(60), returned=True)

    line = order([person(1, 5, PRIORITY), returned], rules=Rules(back=USUAL), now=at(61))

    assert keys(line) == [9, 1]


def test_who_comes_in_the_last_minute_of_the_slot_is_not_late():
    assert not booked(1, came=30, slot=0).is_late
    assert booked(1, came=30.1, slot=0).is_late


@pytest.mark.parametrize("booked_first, expected", [(True, [2, 1]), (False, [1, 2])])
def test_booked_first_is_the_sites_choice_R90(booked_first, expected):
    line = [person(1, 5), booked(2, 10, slot=30)]

    assert keys(order(line, rules=Rules(booked_first=booked_first), now=at(11))) == expected


# -- fairness --


def test_two_priority_calls_then_one_who_waits_long_comes_next_R93(rng):
    """Played to the end with priority patients coming without pause: nobody starves."""
    rules = Rules()
    waiting = [person(n, n) for n in range(8)]
    calls, seen = [], []
    for minute in range(31, 31 + 24):
        waiting.append(person(100 + minute, minute, PRIORITY))
        first = order(waiting, rules=rules, now=at(50 + minute), calls=calls)[0]
        waiting.remove(first)
        calls.append(called(first, at(50 + minute)))
        seen.append(first.priority)

    assert seen == [PRIORITY, PRIORITY, NORMAL] * 8
    assert [call.key for call in calls if call.priority == NORMAL] == list(range(8))


def test_nobody_is_overtaken_without_end(rng):
    """Everybody who waits is called within three times as many calls as usual ones wait."""
    for _ in range(30):
        people = draw(rng, emergencies=False)
        calls, waiting, minute = [], list(people), 240
        for turn in range(3 * len(people) + 3):
            waiting.append(person(200 + turn, minute, PRIORITY))
            first = order(waiting, rules=draw_rules(rng), now=at(minute), calls=calls)[0]
            waiting.remove(first)
            calls.append(called(first, at(minute)))
            minute += 5

        usual = {one.key for one in people if one.priority == NORMAL and not one.returned}
        assert not usual & {one.key for one in waiting if one.back is None}


def test_fairness_waits_for_half_an_hour_and_never_goes_before_an_emergency_R93():
    calls = [called(person(n, 0, PRIORITY), at(50 + n)) for n in (50, 51)]
    line = [person(1, 60), person(2, 70, PRIORITY), person(3, 80, EMERGENCY)]

    soon = order(line, rules=Rules(), now=at(90), calls=calls)
    later = order(line, rules=Rules(), now=at(90.1), calls=calls)

    assert (keys(soon), keys(later)) == ([3, 2, 1], [3, 1, 2])


@pytest.mark.parametrize(
    "last, is_usual_next",
    [
        ([PRIORITY, PRIORITY], True),
        ([PRIORITY, BOOKED], True),  # appointments count as priority calls
        ([PRIORITY], False),  # one call is not two
        ([NORMAL, PRIORITY], False),
        ([PRIORITY, NORMAL], False),
        ([PRIORITY, EMERGENCY, PRIORITY], True),  # neither count nor reset
        ([NORMAL, EMERGENCY, PRIORITY], False),
        ([], False),
    ],
)
def test_only_two_priority_calls_in_a_row_bring_a_usual_one_forward_R93(last, is_usual_next):
    calls = [called(person(50 + n, 0, p), at(70 + n)) for n, p in enumerate(last)]
    line = [person(1, 0), person(2, 60, PRIORITY)]

    assert (order(line, rules=Rules(), now=at(90), calls=calls)[0].key == 1) == is_usual_next
