"""A busy day through HTTP: each call is checked by an independent telling of the rules."""

from collections import Counter
from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from clinic.day.order_rules import (
    BOOKED,
    EMERGENCY,
    NORMAL,
    PRIORITY,
    Room,
    Waiter,
)
from registration.models import Registration
from registration.queue import lapse_old
from security.permissions import Role
from tests.conftest import person
from tests.factories.registration import open_session
from tests.registration import busy_day
from tests.registration.busy_day import BusyDay, arrivals, at


@pytest.fixture
def clock(monkeypatch):
    """Django's clock shows the moment it was last given."""

    def show(moment: datetime) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    return show


@pytest.fixture
def day(clock, db, frontdesk, doctor, other_doctor, bronchitis, as_):
    clock(at(7, 30))
    doctors = [doctor, other_doctor, person("doctor3", "程医生", Role.DOCTOR)]
    hours = {"starts": busy_day.OPENS, "ends": time(17, 30), "quota": 120}
    rooms = {open_session(one, **hours): as_(one) for one in doctors}
    return BusyDay(seed=165, clock=clock, desk=as_(frontdesk), rooms=rooms)


def test_a_day_of_120_patients_keeps_the_order_at_every_call(day, clock, as_, frontdesk):
    day.run()

    assert day.wrong == []
    assert day.told["called"] >= 110 and day.told["late"] == busy_day.LATE
    assert day.told["passed over"] >= 5 and day.told["recalled"] >= 5
    if day.has_more:
        assert day.told["examined"] >= 5
        assert day.told["paused"] == day.told["handed over"] == 1
    # Everybody is accounted for: by those who played them, and in the clinic's own books.
    fates = Counter(guest.fate for guest in day.guests)
    assert set(fates) <= {"finished", "cancelled", "lapsed", "absent"}
    assert fates["finished"] >= 100 and fates["cancelled"] and fates["absent"] == busy_day.ABSENT
    clock(at(8) + timedelta(days=1))
    lapse_old()
    states = Counter(Registration.objects.values_list("state", flat=True))
    lapsed = fates["lapsed"] + fates["absent"]
    known = {"finished": fates["finished"], "cancelled": fates["cancelled"], "lapsed": lapsed}
    assert states == known and sum(states.values()) == busy_day.PEOPLE
    numbers = set(Registration.objects.values_list("number", flat=True))
    assert len(numbers) == busy_day.PEOPLE
    # The day's paper says the same.
    query = f"?since={busy_day.DAY}&until={busy_day.DAY}"
    total = as_(frontdesk).get(f"/registration/reports/{query}").context["table"].total
    assert total[2] == busy_day.PEOPLE and total[7] == fates["finished"]
    assert total[8:] == [0, fates["cancelled"], lapsed]


def test_people_come_as_they_come_to_clinics():
    moments = arrivals(busy_day.random.Random(1), 120)

    hours = Counter(timezone.localtime(moment).hour for moment in moments)

    assert hours[8] / 120 == pytest.approx(0.22, abs=0.03)
    assert hours[9] / 120 == pytest.approx(0.17, abs=0.02)
    assert hours[12] < hours[13]


# -- the checker itself sees what is wrong --


def waiter(name: str, priority: int, minute: int, **more) -> Waiter:
    return Waiter(name, priority, at(9, minute), **more)


@pytest.mark.parametrize(
    ("waiting", "called", "before", "rule"),
    [
        ([(NORMAL, 0), (EMERGENCY, 5)], 0, [], "R-92"),
        ([(EMERGENCY, 0), (EMERGENCY, 5)], 1, [], "R-167"),
        ([(NORMAL, 0), (PRIORITY, 5)], 0, [], "R-92"),
        ([(NORMAL, 0), (NORMAL, 5)], 1, [], "R-167"),
        ([(NORMAL, 0), (BOOKED, 35)], 1, [PRIORITY, BOOKED], "R-93"),
        ([(NORMAL, 20), (BOOKED, 35)], 0, [PRIORITY, BOOKED], "R-92"),
    ],
)
def test_the_checker_sees_a_wrong_call(waiting, called, before, rule):
    room = Room(called=before)
    people = [waiter(str(n), *facts) for n, facts in enumerate(waiting)]
    for one in people:
        room.joins(one)

    wrong = room.calls(people[called], at(9, 40))

    assert rule in wrong[0]


def test_the_checker_sees_who_came_back_too_early():
    room = Room()
    first, back = waiter("first", NORMAL, 0), waiter("back", PRIORITY, 0)
    room.joins(first)
    back.back = at(9, 10)
    room.joins(back)

    (words,) = room.calls(back, at(9, 12))

    assert "R-91" in words
