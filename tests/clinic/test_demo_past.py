"""The demo clinic's past: real enough to look at, by the rules, the same for the same seed."""

import random
from collections import Counter
from datetime import date

import pytest
from django.utils import timezone

from clinic.demo import crowd, names
from clinic.demo.past.plan import Plan, days_of, person_of
from clinic.demo.past.shelf import Changed, Shelf
from patients.identity import check_digit, read_number
from patients.models import IdType
from patients.pinyin import full_pinyin, units
from tests.factories.pharmacy import stocked_drug

DAY = date(2026, 11, 29)


class Doctor:
    """As far as a plan asks."""

    def __init__(self, pk, paediatric=False):
        self.pk, self.department = pk, self
        self.paediatric = paediatric


def crowd_of(count):
    chance = random.Random(7)
    return [crowd.person(chance, serial, DAY) for serial in range(count)]


def test_numbers_of_invented_people_are_valid_and_of_a_place_that_does_not_exist_R76():
    rows = crowd_of(1500)

    for row in rows:
        told = read_number(IdType.RESIDENT, row["id_number"], DAY)
        assert (told.birth_date.isoformat(), told.sex) == (row["birth_date"], row["sex"])
        assert row["id_number"][:4] == "3299" and check_digit(row["id_number"][:17])
    assert len({row["id_number"] for row in rows}) == 1500


def test_invented_people_are_of_a_clinics_ages_and_bear_the_names_of_their_age():
    rows = crowd_of(1500)

    ages = [(DAY - date.fromisoformat(row["birth_date"])).days / 365.25 for row in rows]
    assert sum(age >= 60 for age in ages) > 400 and sum(age < 14 for age in ages) > 230
    assert max(ages) < 96
    for row, age in zip(rows, ages, strict=True):
        assert age > 13.99 or (row["contact_name"] and row["contact_phone"]), row
    old = {row["name"][1:] for row, age in zip(rows, ages, strict=True) if age > 78}
    assert not old & set(names.FASHIONS[-1][1].split())


@pytest.mark.parametrize(
    "name, reading",
    [("单秀英", "shanxiuying"), ("仇建国", "qiujianguo"), ("解磊", "xielei"),
     ("曾桂兰", "zengguilan"), ("查敏", "zhamin"), ("欧阳静", "ouyangjing"),
     ("皇甫浩然", "huangfuhaoran")],
)  # fmt: skip
def test_surnames_are_read_as_surnames_R83(name, reading):
    assert full_pinyin(name) == reading


def test_given_names_are_read_in_one_way_only():
    letters = {
        letter for _y, men, women in names.FASHIONS for word in f"{men} {women}".split()
        for letter in word
    }  # fmt: skip
    several = {
        letter for letter in letters for _text, readings in units(f"王{letter}")[1:]
        if len(readings) > 1
    }  # fmt: skip

    assert several <= {"朝"}  # 援朝: always chao in given names


@pytest.mark.django_db
def test_two_sheets_of_one_piece_never_get_the_same_last_pack():
    drug, today = stocked_drug(10), timezone.localdate()
    shelf = Shelf()
    shelf.promise(drug.pk, 8)

    left = shelf.left(drug.pk, today)

    assert left == 2
    assert [units for _batch, units in shelf.take(drug.pk, 8, today)] == [8]
    with pytest.raises(Changed):
        shelf.take(drug.pk, 3, today)


def test_people_arrive_as_in_clinics_and_the_same_seed_brings_the_same_days():
    def days():
        people = [
            person_of(n, n, row["sex"], date.fromisoformat(row["birth_date"]), DAY, 7)
            for n, row in enumerate(crowd_of(900))
        ]
        doctors = [Doctor(1), Doctor(2, True), Doctor(3), Doctor(4)]
        return [
            [(one.person.index, one.clinician.pk, one.arrives, one.ends, one.absent, one.slot)
             for one in visits]
            for _day, visits in days_of(Plan(7, people, doctors, date(2026, 10, 1)), 30)
        ]  # fmt: skip

    first, second = days(), days()

    came = [one for day in first for one in day if not one[4]]
    hours = Counter((arrives - 450) // 60 for _p, _d, arrives, *_rest in came)
    share = {hour: 100 * count / len(came) for hour, count in hours.items()}
    assert first == second
    assert 18 < share[0] < 27 and 13 < share[1] < 22 and share[6] > share[4] * 2
    booked = [one for day in first for one in day if one[5] is not None]
    assert 0.2 < len(booked) / len(came) < 0.3
    assert 0.02 < sum(one[4] for one in booked) / len(booked) < 0.09
    assert all(ends < 20 * 60 for *_rest, ends, _absent, _slot in came)
    assert any(one.diseases for one in [person_of(1, 1, "1", date(1950, 1, 1), DAY, s)
                                        for s in range(9)])  # fmt: skip
