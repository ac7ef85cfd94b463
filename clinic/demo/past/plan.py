"""Who comes on which day, at what time, and to whom: out of the seed alone.

Of a day 22 % arrive in the first hour, 17 % in the second, and more again after noon; a quarter has
an appointment, of these some don't come.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from patients.age import age_years

OPENS = 7 * 60 + 30
NOON, AGAIN = 12 * 60, 13 * 60
# Share of the day's arrivals in each hour from the opening on; at noon hardly anybody.
HOURS = (22, 17, 12, 7, 2, 5, 12, 10, 7, 4, 2)
WEEKDAYS = (1.14, 1.05, 1.0, 1.0, 1.02, 0.95, 0.66)  # Monday first
VISITS_OF = 1 / 30  # visits on a usual day for each patient on file
FEWEST = 8
BOOKED, ABSENT = 0.25, 0.05
SLOT = 30
REFILLS = ((14, 25), (21, 25), (28, 50))  # days from one supply to the next, and how often
LAST_ARRIVAL = 17 * 60 + 30
CHILD = 14
# How likely somebody of that age falls ill, up to these years.
ILL = ((6, 2.6), (13, 1.8), (29, 0.7), (44, 0.9), (59, 1.0), (200, 1.3))
# By disease (the template's main code): how many of a hundred have it, up to these years of age.
CHRONIC = {
    "I10": ((34, 0), (44, 6), (54, 17), (64, 31), (74, 41), (200, 44)),
    "E11.9": ((34, 0), (44, 3), (54, 8), (64, 13), (200, 16)),
    "I25.1": ((54, 0), (64, 7), (200, 15)),
    "E78.2": ((39, 0), (54, 6), (75, 9), (200, 0)),
    "N40": ((54, 0), (69, 9), (200, 16)),
    "I69.3": ((59, 0), (74, 4), (200, 9)),
    "E03.9": ((29, 0), (70, 2), (200, 0)),
    "J44.9": ((54, 0), (69, 3), (200, 7)),
    "M17.9": ((49, 0), (200, 8)),
}
MOST_AT_ONCE = 2  # diseases for which one person is supplied


@dataclass(frozen=True)
class Person:
    """A patient, as far as the plan asks."""

    pk: object
    sex: str
    born: date
    index: int
    diseases: tuple[str, ...] = ()
    every: int = 28
    first: int = 0


@dataclass(frozen=True)
class Coming:
    """One number of one day."""

    person: Person
    clinician: object
    arrives: int  # minutes of the day
    disease: str = ""  # what he is supplied for; else something new
    slot: int | None = None
    booked_ahead: int = 0  # days before, where a time was promised
    absent: bool = False
    starts: int = 0
    ends: int = 0


@dataclass
class Plan:
    """Everybody of the clinic and the first day of its history."""

    seed: int
    people: list[Person]
    clinicians: list
    first: date
    last_seen: dict = field(default_factory=dict)
    late: dict = field(default_factory=dict)  # supplies that found no place yet


def share(table, years: int) -> float:
    return next(value for upto, value in table if years <= upto)


def person_of(index: int, pk, sex: str, born: date, today: date, seed: int) -> Person:
    """With the long illnesses that this seed gives somebody of that age."""
    chance = chance_of(seed, "person", index)
    years = age_years(born, today)
    found = []
    for code, table in CHRONIC.items():
        is_ill = chance.random() * 100 < share(table, years)
        if is_ill and not (code == "N40" and sex != "1"):
            found.append(code)
    every = chance.choices([days for days, _of in REFILLS], [of for _days, of in REFILLS])[0]
    return Person(pk, sex, born, index, tuple(found[:MOST_AT_ONCE]), every, chance.randrange(every))


def days_of(plan: Plan, count: int):
    """(day, who comes) of each day in turn; always the same for the same plan."""
    for number in range(count):
        day = plan.first + timedelta(days=number)
        yield day, _served(_day(plan, day, number))


def on_duty(clinicians: list, day: date) -> list:
    """Of several general practitioners one has a day off in turn; on Sundays only they work."""
    general = [one for one in clinicians if not one.department.paediatric]
    if len(general) < 3:
        return clinicians
    off = general[day.toordinal() % len(general)]
    sunday = day.weekday() == 6
    return [one for one in clinicians if one != off and not (sunday and one.department.paediatric)]


def chance_of(*parts) -> random.Random:
    """Always the same chances for the same words."""
    return random.Random("/".join(map(str, parts)))  # noqa: S311  # nosec B311 # made-up data


def _day(plan: Plan, day: date, number: int) -> list[Coming]:
    chance = chance_of(plan.seed, "day", day)
    usual = max(FEWEST, len(plan.people) * VISITS_OF)
    count = round(usual * WEEKDAYS[day.weekday()] * chance.uniform(0.9, 1.1))
    supplied = _supplied(plan, number, most=round(count * 0.62))
    chosen = [*supplied, *_ill(plan, day, count - len(supplied), chance, supplied)]
    chance.shuffle(chosen)
    for person, _disease in chosen:
        plan.last_seen[person.index] = number
    numbers: Counter = Counter()
    return [_coming(plan, person, disease, day, chance, numbers) for person, disease in chosen]


def _supplied(plan: Plan, number: int, most: int) -> list[tuple[Person, str]]:
    """Whose drugs end about now; who finds no place comes a day later."""
    due = list(plan.late.items())
    due += [(one, 0) for one in plan.people if one.diseases and _is_due(one, number)]
    plan.late = dict(due[most:])
    return [(one, one.diseases[0]) for one, _since in due[:most]]


def _is_due(person: Person, number: int) -> bool:
    """About when the drugs end: nobody comes on the very day each time."""
    turn, day = divmod(number, person.every)
    shift = chance_of("turn", person.index, turn).choice((-2, -1, 0, 0, 0, 1, 1))
    return day == min(person.every - 1, max(0, person.first + shift))


def _ill(plan: Plan, day, count: int, chance, besides) -> list[tuple[Person, str]]:
    gone = {person.index for person, _disease in besides}
    weights = [share(ILL, age_years(one.born, day)) for one in plan.people]
    number, found = (day - plan.first).days, []
    for one in chance.choices(plan.people, weights, k=count * 6):
        last = plan.last_seen.get(one.index)
        if one.index in gone or (last is not None and number - last < 5):
            continue
        gone.add(one.index)
        found.append((one, ""))
        if len(found) >= count:
            break
    return found


def _coming(plan: Plan, person, disease: str, day: date, chance, numbers) -> Coming:
    hour = chance.choices(range(len(HOURS)), HOURS)[0]
    arrives = min(OPENS + hour * 60 + chance.randrange(60), LAST_ARRIVAL)
    slot, ahead = None, 0
    if chance.random() < BOOKED:
        slot = max(OPENS, arrives // SLOT * SLOT)
        slot = AGAIN if NOON - SLOT < slot < AGAIN else slot
        ahead = person.every if disease and chance.random() < 0.6 else chance.randint(1, 4)
        arrives = max(OPENS - 15, slot - chance.randint(-6, 20))
    absent = slot is not None and chance.random() < ABSENT
    doctor = _doctor(plan, person, day, hour, numbers)
    return Coming(person, doctor, arrives, disease, slot, ahead, absent)


def _doctor(plan: Plan, person: Person, day: date, hour: int, numbers: Counter):
    """Who has the fewest in that hour; children go to the children's doctor where there is one."""
    here = on_duty(plan.clinicians, day)
    is_child = age_years(person.born, day) < CHILD
    fitting = [one for one in here if one.department.paediatric == is_child]
    doctor = min(fitting or here, key=lambda one: (numbers[one.pk, hour], numbers[one.pk], one.pk))
    numbers[doctor.pk, hour] += 1
    numbers[doctor.pk] += 1
    return doctor


def _served(comings: list[Coming]) -> list[Coming]:
    """When each is called and leaves: one after the other with each doctor, in order of arrival."""
    free: dict = {}
    served = []
    for one in sorted(comings, key=lambda coming: (coming.arrives, coming.person.index)):
        chance = chance_of(one.person.index, one.arrives, one.disease)
        if one.absent:
            served.append(one)
            continue
        starts = max(one.arrives + chance.randint(1, 3), free.get(one.clinician.pk, OPENS))
        if NOON <= starts < AGAIN and one.arrives > NOON - 40:
            starts = AGAIN + chance.randint(0, 4)
        middle = 9.5 if one.disease else 12.5
        lasts = min(38, max(4, round(chance.lognormvariate(0, 0.36) * middle)))
        free[one.clinician.pk] = starts + lasts
        served.append(Coming(**{**one.__dict__, "starts": starts, "ends": starts + lasts}))
    return served
