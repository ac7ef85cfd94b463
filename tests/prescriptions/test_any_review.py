"""Whatever people do with sheets in whatever order, no drug goes out without its review (R-32).

Chance makes up sequences of verbs by the right and the wrong people; after every step the sheet's
course is held against the rules, read from its events alone. The same steps every time.
"""

from collections import Counter
from random import Random

import pytest

from clinic.core.errors import RuleBroken
from prescriptions import countersigning, dispensing, lapsing, no_pharmacist, review, services
from prescriptions.models import Prescription
from prescriptions.states import MOVES, RxState
from registration.models import Clinician
from security.permissions import P
from security.roles import set_roles
from tests.factories.prescriptions import USUAL, draft, row, tablets, visit_of, yesterday
from tests.factories.registration import ClinicianFactory

pytestmark = pytest.mark.django_db
LEAST, MOST, SEED = 120, 600, 5
OUT = {RxState.DISPENSED, RxState.PART_RETURNED, RxState.ALL_RETURNED, RxState.ARCHIVED}
# What somebody sensible does next; the other half of the steps is anything by anybody.
SENSIBLE = {
    "draft": ["submit", "submit", "submit", "void"],
    "submitted": [*["approve"] * 6, "countersign", "return", "refuse"],
    "returned": ["insist", "change", "submit", "submit"],
    "paid": ["pick", "hand out", "sign twice", "sign twice"],
    "picking": ["hand out", "sign twice", "sign twice"],
}
ADMIN = {"declare", "end"}
AUTHOR = {"submit", "insist", "change", "void"}


class Work:
    """A clinic in which everybody may press everything."""

    def __init__(self, people: dict, assistant, doctor):
        self.people, self.drug = people, tablets(stock=50_000)
        self.senior = people["senior"]
        self.pharmacists = [people[name] for name in ("one", "two", "remote", "second")]
        self.visits = {doctor: visit_of(doctor)}
        self.visits[assistant] = visit_of(assistant, title=Clinician.Title.ASSISTANT)
        self.sheets: list[Prescription] = []
        self.done: Counter = Counter()

    def new(self, chance: Random) -> Prescription:
        author = chance.choice(list(self.visits))
        sheet = draft(author, record=self.visits[author])
        if not sheet.items.exists():
            row(sheet, self.drug)
        self.sheets.append(sheet)
        return sheet

    def do(self, chance: Random) -> None:
        if not self.sheets or chance.random() < 0.12:
            self.new(chance)
        sheet = Prescription.objects.get(pk=chance.choice(self.sheets[-4:]).pk)
        name = chance.choice(list(self.verbs()))
        by = self.people["admin" if name in ADMIN else chance.choice(list(self.people))]
        if name not in ADMIN and chance.random() < 0.75:
            name = chance.choice(SENSIBLE.get(sheet.state, [name]))
            by = sheet.prescriber if name in AUTHOR else chance.choice(self.pharmacists)
            if name == "countersign" or sheet.countersign_in_id and name == "approve":
                name, by = "countersign", self.senior
        try:
            self.verbs()[name](sheet, by)
        except RuleBroken:
            return
        self.done[name] += 1
        self.require_right(Prescription.objects.get(pk=sheet.pk))

    def verbs(self) -> dict:
        hand_out, give_back = dispensing.dispense, review.return_
        return {
            "submit": lambda s, by: services.submit(prescription=s, by=by),
            "insist": lambda s, by: services.submit(prescription=s, insist="既往有效", by=by),
            "change": self.change,
            "void": lambda s, by: services.void(prescription=s, reason="错", by=by),
            "approve": lambda s, by: review.approve(prescription=s, by=by),
            "return": lambda s, by: give_back(prescription=s, codes=["2-7"], by=by),
            "refuse": lambda s, by: give_back(prescription=s, reason="险", refuse=True, by=by),
            "countersign": lambda s, by: countersigning.countersign(prescription=s, by=by),
            "pick": lambda s, by: dispensing.pick(prescription=s, by=by),
            "hand out": lambda s, by: hand_out(prescription=s, by=by),
            "sign twice": lambda s, by: hand_out(prescription=s, signed_again=True, by=by),
            "send back": lambda s, by: dispensing.send_back(prescription=s, reason="缺", by=by),
            "lapse": self.lapse,
            "declare": lambda s, by: no_pharmacist.declare(reason="无", licence="文", by=by),
            "end": lambda s, by: no_pharmacist.end(by=by),
        }

    def change(self, sheet, by):
        item = sheet.items.get()
        usage = {**USUAL, "days": item.days % 6 + 1}
        services.change_item(item=item, drug=item.drug, by=by, **usage)

    def lapse(self, sheet, _by):
        if sheet.valid_until and sheet.state not in OUT:
            yesterday(sheet)
            lapsing.lapse_expired()

    def saw_all(self) -> bool:
        out = Prescription.objects.filter(state__in=OUT)
        countersigned = out.exclude(countersigner=None)
        return set(self.done) == set(self.verbs()) and out.count() > 4 and countersigned.exists()

    def require_right(self, sheet: Prescription) -> None:
        events = list(sheet.events.order_by("made_at", "pk"))
        for event in events:
            assert RxState(event.new) in MOVES[RxState(event.old)]
        assert [event.old for event in events[1:]] == [event.new for event in events[:-1]]
        assert not events or events[-1].new == sheet.state
        if sheet.state in OUT:
            self.require_reviewed(sheet, [event.new for event in events], events)

    def require_reviewed(self, sheet, states: list[str], events) -> None:
        last = len(states) - 1 - states[::-1].index("submitted")
        passed = [event for event in events[last:] if event.new == "approved"]
        assert len(passed) == 1 and "returned" not in states[last:]
        reviewer = passed[0].made_by
        assert reviewer != sheet.prescriber and reviewer == sheet.reviewer
        assert sheet.reviewed_as == {
            reviewer.has_perm(P.REVIEW_PRESCRIPTION): "",
            reviewer.has_perm(P.REVIEW_REMOTELY): "remote",
            reviewer.has_perm(P.CHECK_PRESCRIPTION): "second",
        }.get(True)
        assert sheet.dispenser != reviewer or sheet.double_signed_at
        if sheet.prescriber.clinician.title == Clinician.Title.ASSISTANT:
            assert sheet.countersigner not in (None, sheet.prescriber)


def test_no_sequence_of_verbs_hands_out_what_another_person_did_not_review_R32(
    doctor,
    other_doctor,
    nurse,
    pharmacist,
    other_pharmacist,
    technician,
    remote_pharmacist,
    second_checker,
    administrator,
):
    both = set_roles(user=doctor, roles={"doctor", "pharmacist"}, by=None)
    senior = ClinicianFactory(user=nurse).user
    people = {"both": both, "assistant": other_doctor, "senior": senior, "one": pharmacist}
    people |= {"two": other_pharmacist, "technician": technician, "admin": administrator}
    people |= {"remote": remote_pharmacist, "second": second_checker}
    work = Work(people, assistant=other_doctor, doctor=both)
    chance = Random(SEED)

    for step in range(MOST):
        work.do(chance)
        if step > LEAST and work.saw_all():
            return
    raise AssertionError(f"some verbs never worked, or too little went out: {work.done}")
