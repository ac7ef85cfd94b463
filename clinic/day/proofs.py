"""What must hold at the end of a simulated day, asked of the installation's own tables.

Each proof says how much it looked at, so that one that looked at nothing is seen, and what it found
wrong, in words. Nothing is written but seals on the audit log, which the scheduler sets anyway.
What the clinic's pages say is asked in `proof_pages`.
"""

import io
from collections import Counter
from collections.abc import Callable

from django.core.management import CommandError, call_command
from django.db.models import F, Q, Sum

from clinic.day.account import Account, Proof
from clinic.day.proof_deeds import deeds_there_once
from prescriptions.models import Prescription, PrescriptionEvent, PrescriptionItem
from prescriptions.states import RxState
from prescriptions.states import may_move as may_move_sheet
from registration.models import Registration
from registration.queue import MOST_CALLS, MOST_MISSES
from registration.states import VisitState

# The drugs of such a sheet, or a part of them, were handed out.
OUT = [RxState.DISPENSED, RxState.PART_DISPENSED, RxState.ARCHIVED, RxState.PART_RETURNED,
       RxState.ALL_RETURNED]  # fmt: skip
NOWHERE = "nowhere"
# Where a visit may stand when its patient's day ended so; of another end, where it is over.
ENDED = {
    *(VisitState.FINISHED, VisitState.CANCELLED, VisitState.LAPSED, VisitState.MISSED),
    NOWHERE,
}
ENDS = {
    "cancelled": {VisitState.CANCELLED},
    "cancelled online": {NOWHERE},
    "did not come": {VisitState.BOOKED, VisitState.LAPSED, NOWHERE},
    "gone": {VisitState.MISSED, VisitState.LAPSED},
    **dict.fromkeys(
        ("seen", "submitted", "voided", "served", "not on the shelf"), {VisitState.FINISHED}
    ),
}
COMMANDS = ("seal_audit", "verify_audit", "check_stock", "check_cash", "verify_archive")
STEPS = ("registered_at", "checked_in_at", "first_called_at", "started_at", "finished_at")


def prove(account: Account) -> list[Proof]:
    """All of them, in the order in which they are told."""
    return [_safely(one, account) for one in PROOFS]


def _safely(proof: Callable[[Account], Proof], account: Account) -> Proof:
    """A proof that breaks down proves nothing, and that is a fault of its own."""
    try:
        return proof(account)
    except Exception as error:
        return Proof(proof.__name__, faults=[f"broke down: {type(error).__name__}: {error}"])


# --- patients and numbers -------------------------------------------------------------------------


def today(account: Account):
    return Registration.objects.filter(day=account.day)


def visits_of(account: Account):
    """The visits whose patients came while the day was lived."""
    return today(account).filter(
        Q(registered_at__gte=account.since) | Q(checked_in_at__gte=account.since)
    )


def numbers_once(account: Account) -> Proof:
    """Each acknowledged number stands once, for the patient who got it (R-89, R-102)."""
    proof = Proof("queue numbers: one patient, one number, never twice (R-89)")
    rows = {str(row.pk): row for row in today(account).select_related("patient")}
    numbers = Counter(row.number for row in rows.values())
    proof.faults += [f"{number} was given {n} times" for number, n in numbers.items() if n > 1]
    tickets = Counter(one["ticket"] for one in account.patients if one.get("ticket"))
    proof.faults += [f"{n} patients hold the slip {t}" for t, n in tickets.items() if n > 1]
    for one in account.patients:
        if not one.get("visit"):
            continue
        proof.looked += 1
        row = rows.get(one["visit"])
        if row is None:
            proof.faults.append(f"patient {one['number']}: {one['ticket']} is not there")
        elif (row.number, row.patient.name) != (one["ticket"], one["name"]):
            proof.faults.append(f"{one['ticket']} of {one['number']} is {row.number} of another")
    return proof


def everybody_accounted(account: Account) -> Proof:
    """Every plan ended, and its visit stands where such an end leads; nobody is left on the way."""
    proof = Proof("every patient is accounted for", looked=len(account.patients))
    states = {str(pk): state for pk, state in today(account).values_list("pk", "state")}
    ends: Counter = Counter()
    for one in account.patients:
        ends[one["end"] or "nothing"] += 1
        state = states.get(one["visit"], NOWHERE)
        if not one["end"]:
            proof.faults.append(f"patient {one['number']}: no end, last {one['stage']}, {state}")
        elif state not in ENDS.get(one["end"], ENDED):
            proof.faults.append(f"{one['ticket']} ended as {one['end']} and is {state}")
    known = {one["visit"] for one in account.patients}
    files = {one["patient"] for one in account.patients if one.get("patient")}
    made = today(account).filter(registered_at__gte=account.since)
    for pk, number, patient in made.values_list("pk", "number", "patient"):
        if str(pk) not in known and str(patient) not in files:
            proof.faults.append(f"{number} belongs to no patient of the day")
    proof.words = ", ".join(f"{end} {n}" for end, n in sorted(ends.items()))
    return proof


# --- the queue ------------------------------------------------------------------------------------


def order_kept(account: Account) -> Proof:
    """Each call by the rules told a second time (R-91 to R-95, R-167)."""
    proof = Proof("each call was right by the queue's rules (R-87, R-92 to R-94, R-167)")
    replay = account.replay
    proof.looked, proof.faults = replay.calls, replay.faults
    proof.words = f"{replay.steps} steps of the audit log replayed"
    return proof


def times_in_order(account: Account) -> Proof:
    """No visit ends before it begins; nobody is called more often than three times (R-95)."""
    proof = Proof("times of each visit follow one another; at most three calls and misses (R-95)")
    for row in visits_of(account):
        proof.looked += 1
        known = [moment for name in STEPS if (moment := getattr(row, name)) is not None]
        if row.source != Registration.Source.PAPER and known != sorted(known):
            proof.faults.append(f"{row.number}: {[f'{one:%H:%M:%S.%f}' for one in known]}")
        if row.called_times > MOST_CALLS or row.missed_times > MOST_MISSES:
            proof.faults.append(
                f"{row.number}: called {row.called_times}, {row.missed_times} missed"
            )
        is_out = row.missed_times >= MOST_MISSES and row.started_at is None
        if is_out and row.state != VisitState.LAPSED:
            proof.faults.append(f"{row.number}: missed {MOST_MISSES} times and {row.state}")
        if (row.state == VisitState.FINISHED) != (row.finished_at is not None):
            proof.faults.append(f"{row.number}: {row.state}, finished at {row.finished_at}")
    return proof


# --- prescriptions --------------------------------------------------------------------------------


def sheets_of(account: Account):
    return Prescription.objects.filter(created_at__gte=account.since)


def reviewed_by_another(account: Account) -> Proof:
    """R-32, R-33, R-142: and by the events, not only by the column that says so."""
    proof = Proof("what was handed out had been reviewed, by another than its doctor (R-32, R-142)")
    sheets = sheets_of(account).filter(state__in=OUT).prefetch_related("events")
    for sheet in sheets:
        proof.looked += 1
        if sheet.reviewer_id in (None, sheet.prescriber_id):
            proof.faults.append(f"{sheet.number}: reviewer {sheet.reviewer_id}")
        if sheet.dispenser_id is None or sheet.dispenser_id == sheet.prescriber_id:
            proof.faults.append(f"{sheet.number}: handed out by {sheet.dispenser_id}")
        if sheet.dispenser_id == sheet.reviewer_id and sheet.checker_id == sheet.reviewer_id:
            if sheet.double_signed_at is None:
                proof.faults.append(f"{sheet.number}: one person alone, not signed again (R-33)")
        events = list(sheet.events.all())
        passed = [n for n, one in enumerate(events) if one.new == RxState.APPROVED]
        out = [n for n, one in enumerate(events) if one.new in OUT]
        if not passed or not out or passed[-1] > out[0]:
            proof.faults.append(f"{sheet.number}: {[one.new for one in events]}")
        elif events[passed[-1]].made_by_id == sheet.prescriber_id:
            proof.faults.append(f"{sheet.number}: its doctor approved it")
    return proof


def sheets_moved_rightly(account: Account) -> Proof:
    """Each step one that the table allows, and the last one is where the sheet is (R-34)."""
    proof = Proof("each prescription moved as the table allows, and ends where it stands (R-34)")
    last: dict = {}
    events = PrescriptionEvent.objects.filter(prescription__created_at__gte=account.since)
    for event in events.order_by("pk").values("prescription", "old", "new"):
        pk = event["prescription"]
        proof.looked += 1
        before = last.get(pk, RxState.DRAFT)
        is_edit = event["old"] == event["new"]
        if event["old"] and event["old"] != before:
            proof.faults.append(f"{pk}: left {event['old']}, and was {before}")
        if event["old"] and not is_edit and not may_move_sheet(event["old"], event["new"]):
            proof.faults.append(f"{pk}: from {event['old']} to {event['new']}")
        last[pk] = event["new"]
    for pk, number, state in sheets_of(account).values_list("pk", "number", "state"):
        if last.get(pk, RxState.DRAFT) != state:
            proof.faults.append(f"{number} is {state}, its last step led to {last.get(pk)}")
    return proof


def handed_out_once(account: Account) -> Proof:
    """What left the shelf for a row is what the row says, and never more than was prescribed."""
    proof = Proof("each row's drugs left the shelf once, as many as it says (R-107, R-113)")
    items = PrescriptionItem.objects.filter(prescription__created_at__gte=account.since)
    items = items.filter(removed_at__isnull=True)
    for item in items.annotate(went=Sum("lines__quantity")).select_related("prescription"):
        proof.looked += 1
        went, sheet = item.went or 0, item.prescription
        name = f"{sheet.number}/{item.rank}"
        if went != item.dispensed or went > item.quantity:
            proof.faults.append(f"{name}: {went} left, {item.dispensed} of {item.quantity} noted")
        if went and sheet.state not in OUT:
            proof.faults.append(f"{name}: {went} left, and the sheet is {sheet.state}")
    wrong = items.exclude(lines__movement__isnull=True).exclude(
        lines__quantity=F("lines__movement__quantity") * -1
    )
    proof.faults += [f"{one}: a line and its movement differ" for one in wrong]
    return proof


def sheets_accounted(account: Account) -> Proof:
    """Every sheet that a doctor was told of is there, under its number, for that patient."""
    proof = Proof("every prescription is there once, for its patient (R-12, R-13)")
    rows = sheets_of(account).select_related("patient", "consultation")
    rows = {sheet.number: sheet for sheet in rows}
    patients = {one["number"]: one for one in account.patients}
    told = {
        deed["facts"]["sheet"]: patients.get(deed["facts"]["plan"])
        for deed in account.done("sheet")
    }
    for number, one in told.items():
        proof.looked += 1
        sheet = rows.get(number)
        if sheet is None:
            proof.faults.append(f"{number} is not there")
        elif one and str(sheet.consultation.registration_id) != one["visit"]:
            proof.faults.append(f"{number} belongs to another visit than {one['ticket']}")
    for one in account.patients:
        lost = set(one["sheets"]) - set(rows)
        proof.faults += [f"{number} of {one['ticket']} is not there" for number in lost]
    proof.faults += [
        f"{sheet.number} ({sheet.state}) is nobody's"
        for sheet in _unasked(account, rows, set(told))
        if sheet.state != RxState.DRAFT
    ]
    proof.words = ", ".join(
        f"{s} {n}" for s, n in sorted(Counter(r.state for r in rows.values()).items())
    )
    return proof


def _unasked(account: Account, rows: dict, told: set) -> list[Prescription]:
    """Sheets that nobody was told of, but for one of a record for each answer that was lost: that
    sheet may be there or not. Whether it is whole is asked of every sheet."""
    lost = Counter(deed["facts"].get("record") for deed in account.unanswered("sheet"))
    left = []
    for number in sorted(set(rows) - told):
        record = str(rows[number].consultation_id)
        if lost[record]:
            lost[record] -= 1
        else:
            left.append(rows[number])
    return left


# --- the clinic's own checks ----------------------------------------------------------------------


def own_checks(account: Account) -> Proof:
    """The commands that a clinic runs itself: sealed, then verified; stock, money, archive."""
    proof = Proof("seal_audit, verify_audit, check_stock, check_cash, verify_archive are clean")
    said = []
    for command in COMMANDS:
        out = io.StringIO()
        proof.looked += 1
        try:
            call_command(command, stdout=out, stderr=out)
        except CommandError as error:
            lines = out.getvalue().splitlines()[:5]
            proof.faults.append(f"{command}: {error} {'; '.join(lines)}")
        said += out.getvalue().strip().splitlines()[-1:]
    proof.words = "; ".join(said)
    return proof


PROOFS = [
    everybody_accounted,
    numbers_once,
    order_kept,
    times_in_order,
    sheets_accounted,
    sheets_moved_rightly,
    reviewed_by_another,
    handed_out_once,
    deeds_there_once,
    own_checks,
]
