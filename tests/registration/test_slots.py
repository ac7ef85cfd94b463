"""Slots cut a session's hours and share its places out."""

import datetime

import pytest

from registration.models import Session
from registration.slots import slot_at, slots_of


def session(starts="08:00", ends="12:00", quota=30, minutes=30):
    hours = (datetime.time.fromisoformat(each) for each in (starts, ends))
    starts, ends = hours
    return Session(starts=starts, ends=ends, quota=quota, slot_minutes=minutes)


@pytest.mark.parametrize(
    ("quota", "minutes", "ends"),
    [(30, 30, "12:00"), (7, 10, "12:00"), (0, 60, "11:50"), (5, 240, "09:00")],
)
def test_slots_cover_the_hours_and_their_places_are_the_quota_R99(quota, minutes, ends):
    slots = slots_of(session(quota=quota, minutes=minutes, ends=ends))

    assert slots[0].starts == datetime.time(8)
    assert slots[-1].ends == datetime.time.fromisoformat(ends)
    assert all(one.ends == two.starts for one, two in zip(slots, slots[1:], strict=False))
    assert sum(slot.places for slot in slots) == quota
    assert max(slot.places for slot in slots) - min(slot.places for slot in slots) <= 1


def test_a_time_belongs_to_the_slot_that_begins_with_it():
    assert slot_at(session(), datetime.time(8, 30)).starts == datetime.time(8, 30)
    assert slot_at(session(), datetime.time(8, 29)).starts == datetime.time(8)
    assert slot_at(session(), datetime.time(12)) is None
