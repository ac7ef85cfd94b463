"""What will happen to each patient, drawn before the day begins: same seed, same plans.

The staff do not read plans; they act upon what their pages show. A plan is looked up by what the
page shows of the person (visit, record number, prescription) and decides what the person says,
wants and does: the allergy, the complaint, leaving before the call, a mistyped number.
"""

import threading
from dataclasses import dataclass, field
from datetime import date

from clinic.day import cases, profile
from clinic.demo import crowd

# Shares of the patients.
NEW = 0.22
BY_DESK, ONLINE = 0.10, 0.12  # booked ahead, of all
CANCELS = 0.03
LATE = 0.05  # is passed over and comes back
REFILL = 0.18  # of the known
WRONG = 0.10  # something is mistyped at first
DOUBLE = 0.12  # somebody clicks twice
RETURNED = 0.08  # of the prescriptions: the pharmacist returns it
PARTIAL = 0.04  # of the prescriptions: not everything is on the shelf
EXAM = 0.06  # is sent for an examination and comes back
NO_SHEET = 0.12  # leaves without a prescription
FIRST = 30_000  # serial numbers of made-up people, apart from those of the demo clinic
PER_SEED = 3_000

KNOWN, NEWCOMER = "known", "new"
WALKS_IN, DESK_BOOKED, ONLINE_BOOKED = "walk_in", "desk", "online"
WRONGS = {NEWCOMER: ("id_number", "name", "allergy"), KNOWN: ("search", "days", "temperature")}


@dataclass
class Plan:
    """One patient's day."""

    number: int
    arrives: float  # minutes after the doors open
    who: dict  # as clinic.demo.crowd tells a person
    file: str = KNOWN
    way: str = WALKS_IN
    case: cases.Case = None
    comes: bool = True  # False: booked ahead and does not come
    vanishes: bool = False  # takes a number and is gone when called
    late: bool = False  # misses the call and comes back to the desk
    cancels: bool = False  # gives the number back before the call
    refill: bool = False
    wrong: str = ""  # what is mistyped first
    double: frozenset = frozenset()  # verbs that are pressed twice
    returned: bool = False  # the pharmacist returns the sheet once
    partial: bool = False
    exam: bool = False
    # What has happened so far; written by the actors.
    record_no: str = ""
    patient: str = ""  # the file's identifier in addresses
    visit: str = ""  # the registration's identifier in addresses
    ticket: str = ""  # the number on the slip
    doctor: str = ""
    record: str = ""  # the consultation's identifier in addresses
    code: str = ""  # of an online booking
    sheets: list = field(default_factory=list)  # numbers of prescriptions
    tries: int = 0  # errands that went wrong
    unsure: bool = False  # something got no answer; people look before they do it again
    voided: list = field(default_factory=list)  # numbers of sheets that were taken back
    seen: int = 0  # times that a doctor took the visit up
    stage: str = "planned"
    end: str = ""  # why nothing more happens to this patient

    @property
    def name(self) -> str:
        return self.who["name"]

    @property
    def allergy(self) -> tuple[str, str, str] | None:
        """(drug, reaction, severity) of the first allergy; None where it is denied or unasked."""
        text = self.who["allergy"].split(";")[0]
        if "|" not in text:
            return None
        _group, severity, reaction, substance = text.split("|")
        return substance, reaction, severity

    @property
    def wants_drugs(self) -> bool:
        return bool(self.case.drugs) or self.refill

    def finish(self, why: str) -> None:
        self.end = self.end or why


class Plans:
    """All patients of a day; looked up by what pages show. Thread-safe."""

    def __init__(self, plans: list[Plan]):
        self.all = plans
        self.lock = threading.RLock()
        self.by: dict[tuple[str, str], Plan] = {}

    def note(self, plan: Plan, **known: str) -> None:
        """What the clinic has given the patient, to be found again by.

        visit=, patient=, record=, rx= identifiers of addresses; sheet= a prescription's number;
        ticket=, code=, doctor= as they are shown.
        """
        with self.lock:
            for kind, value in known.items():
                self.by[kind, value] = plan
                if kind == "sheet" and value not in plan.sheets:
                    plan.sheets.append(value)
                elif kind not in ("sheet", "rx"):
                    setattr(plan, kind, value)

    def of(self, **shown: str) -> Plan | None:
        """The plan of whoever has this: `plans.of(visit=key)`; None: not one of ours."""
        with self.lock:
            for kind, value in shown.items():
                found = self.by.get((kind, value))
                if found is not None:
                    return found
        return None

    def at_the_desk(self, now: float) -> list[Plan]:
        """Who came by this minute and has no number yet, so far as the desk has said."""
        return [one for one in self.open() if one.comes and one.arrives <= now and not one.visit]

    def open(self) -> list[Plan]:
        """Patients to whom something still happens."""
        return [one for one in self.all if not one.end]


def draw(count: int, *, seed: int, today: date, length: float = 600.0) -> list[Plan]:
    """The plans of a day's `count` patients, in the order in which they come."""
    chance = profile.chance_of(seed, "plans")
    times = profile.arrivals(count, chance, length)
    return [_draw(number, time, seed, today) for number, time in enumerate(times)]


def _draw(number: int, arrives: float, seed: int, today: date) -> Plan:
    chance = profile.chance_of(seed, "plan", number)
    serial = FIRST + (seed % 6) * PER_SEED + number % PER_SEED
    who = crowd.person(profile.chance_of(seed, "person", number), serial, today)
    is_new = chance.random() < NEW
    way = chance.choices(
        (WALKS_IN, DESK_BOOKED, ONLINE_BOOKED), (1 - BY_DESK - ONLINE, BY_DESK, ONLINE)
    )[0]
    plan = Plan(
        number=number,
        arrives=arrives,
        who=who,
        file=NEWCOMER if is_new and way != DESK_BOOKED else KNOWN,
        way=way,
    )
    plan.case = cases.case_for(who, chance, today)
    plan.comes = way == WALKS_IN or chance.random() >= profile.BOOKED_NO_SHOWS
    fate = chance.random()
    plan.vanishes = fate < profile.SAME_DAY_NO_SHOWS
    plan.cancels = profile.SAME_DAY_NO_SHOWS <= fate < profile.SAME_DAY_NO_SHOWS + CANCELS
    plan.late = not plan.vanishes and not plan.cancels and chance.random() < LATE
    plan.refill = plan.file == KNOWN and chance.random() < REFILL
    plan.wrong = chance.choice(WRONGS[plan.file]) if chance.random() < WRONG else ""
    plan.double = frozenset(
        verb
        for verb in (
            "register",
            "new_file",
            "call",
            "start",
            "finish",
            "submit",
            "check_in",
            "dispense",
        )
        if chance.random() < DOUBLE / 2
    )
    if chance.random() < NO_SHEET:
        plan.case = plan.case.without_drugs()
    plan.returned = plan.wants_drugs and chance.random() < RETURNED
    plan.partial = plan.wants_drugs and not plan.returned and chance.random() < PARTIAL
    plan.exam = chance.random() < EXAM
    return plan
