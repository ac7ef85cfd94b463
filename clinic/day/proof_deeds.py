"""Every acknowledged deed is there exactly once; one without an answer is there once or not at all.

The day's book says what somebody did to which record; the audit log and the prescriptions' events
say what happened to it. Compared record by record: more steps than deeds would be a double click
that counted twice, fewer a deed that was acknowledged and lost.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from clinic.day.account import Account, Proof
from patients.models import Patient
from prescriptions.models import PrescriptionEvent
from prescriptions.states import RxState as Rx
from registration.states import VisitState as V

DONE, UNKNOWN = "done", "unknown"


@dataclass(frozen=True)
class Step:
    """What a verb makes of a record: from one of these states to one of those."""

    old: frozenset
    new: frozenset

    def counts(self, moves: Counter) -> int:
        return sum(n for (old, new), n in moves.items() if old in self.old and new in self.new)


def step(old: Iterable[str] | str, new: Iterable[str] | str) -> Step:
    sides = [frozenset([side] if isinstance(side, str) else side) for side in (old, new)]
    return Step(*sides)


LIVE = {V.BOOKED, V.WAITING, V.CALLED, V.MISSED, V.IN_CONSULTATION, V.EXAM}
VISITS = {
    "register": step("", V.WAITING),
    "book": step("", V.BOOKED),
    "check_in_online": step("", V.WAITING),
    "check_in": step(V.BOOKED, V.WAITING),
    "cancel": step(LIVE, V.CANCELLED),
    "recall": step({V.MISSED, V.EXAM}, V.WAITING),
    "start": step(V.CALLED, V.IN_CONSULTATION),
    "pass_over": step(V.CALLED, {V.MISSED, V.EXAM, V.LAPSED}),
    "exam": step(V.IN_CONSULTATION, V.EXAM),
    "finish": step({V.IN_CONSULTATION, V.EXAM}, V.FINISHED),
}
# Several verbs of one group lead to the same step; they are added up.
SHEETS = {
    ("submit", "correct"): step({Rx.DRAFT, Rx.RETURNED}, Rx.SUBMITTED),
    # The pharmacist's objection, and what the window can't hand out.
    ("return_sheet", "send_back"): step(Rx.SUBMITTED, Rx.RETURNED),
    ("void",): step({Rx.DRAFT, Rx.RETURNED, Rx.SUBMITTED, Rx.UNPAID, Rx.PAID}, Rx.VOIDED),
    ("approve",): step(Rx.SUBMITTED, Rx.APPROVED),
    ("send_back",): step({Rx.PAID, Rx.PICKING}, Rx.SUBMITTED),
    ("dispense",): step({Rx.PICKING, Rx.PART_DISPENSED}, {Rx.DISPENSED, Rx.PART_DISPENSED}),
}


def deeds_there_once(account: Account) -> Proof:
    """Of visits, files and prescriptions; stock and money agree by the clinic's own checks."""
    proof = Proof("every acknowledged deed is there exactly once")
    moves = account.replay.moves
    for verb, one in VISITS.items():
        _compare(proof, account, (verb,), "visit", one, moves)
    events = _events(account)
    for verbs, one in SHEETS.items():
        _compare(proof, account, verbs, "rx", one, events)
    _files(proof, account)
    proof.words = ", ".join(f"{verb} {n}" for verb, n in sorted(_ends(account, DONE).items()))
    return proof


def _compare(proof: Proof, account: Account, verbs: tuple, key: str, one: Step, moves) -> None:
    done, unknown = Counter(), Counter()
    for deed in account.deeds:
        if deed["verb"] in verbs and deed["end"] in (DONE, UNKNOWN):
            (done if deed["end"] == DONE else unknown)[deed["facts"].get(key, "")] += 1
    proof.looked += done.total()
    for record in {*done, *unknown} - {""}:
        there = one.counts(moves.get(record, Counter()))
        if not done[record] <= there <= done[record] + unknown[record]:
            proof.faults.append(
                f"{'/'.join(verbs)} of {record}: {done[record]} acknowledged, "
                f"{unknown[record]} without an answer, {there} there"
            )
    if done[""]:
        proof.faults.append(f"{'/'.join(verbs)}: {done['']} deeds name no {key}")


def _events(account: Account) -> dict[str, Counter]:
    found: dict[str, Counter] = defaultdict(Counter)
    rows = PrescriptionEvent.objects.filter(made_at__gte=account.since)
    for pk, old, new in rows.values_list("prescription", "old", "new"):
        found[str(pk)][old or Rx.DRAFT, new] += 1
    return found


def _files(proof: Proof, account: Account) -> None:
    """A file that was opened is there once, under its person's name."""
    opened = [d for d in account.deeds if d["verb"] == "new_file" and d["end"] == DONE]
    told = {d["facts"]["patient"]: d["facts"]["name"] for d in opened if d["facts"].get("patient")}
    made = Patient.objects.filter(created_at__gte=account.since)
    rows = {str(one.pk): one.name for one in made}
    proof.looked += len(opened)
    for pk, name in told.items():
        if rows.get(pk) != name:
            proof.faults.append(f"the file of {name} is not there")
    names = Counter(rows.values())
    wanted = Counter(deed["facts"]["name"] for deed in opened)
    wanted += Counter(
        d["facts"]["name"] for d in account.deeds if d["verb"] == "new_file" and d["end"] == UNKNOWN
    )
    for name, n in names.items():
        if n > wanted[name]:
            proof.faults.append(f"{n} files of {name} were opened, {wanted[name]} acknowledged")


def _ends(account: Account, end: str) -> Counter:
    return Counter(deed["verb"] for deed in account.deeds if deed["end"] == end)
