"""A month at a clinic where patients pay: do the figures add up in independent ways?

    python -m tests.benchmarks.cash_month 600     sheets

Every visit is registered, seen, paid for and handed out through the verbs, with the clock set to
its day; some drugs come back, some sheets and numbers are given up, some bills are put off and paid
later; each evening the shift is counted and handed over. Then the money is added up by payments, by
lines of bills, by the ledger of the till, and by what the stock ledger says was handed out.
"""

import json
import random
import sys
import time
from decimal import Decimal

from tests.benchmarks.ground import scratch_database
from tests.benchmarks.rx_month import make_month

PATIENTS = 400
SHORT = Decimal("-0.50")  # what is missing in the till on some evenings


def main() -> int:
    sheets = int(sys.argv[1]) if len(sys.argv) > 1 else 600
    with scratch_database():
        began = time.monotonic()
        make_month(
            sheets, patients=PATIENTS, seed=7, progress=_progress, morning=_open, evening=_evening
        )
        print(f"made in {time.monotonic() - began:.0f} s", file=sys.stderr)
        from tests.factories.sums import figures

        told = figures()
    print(json.dumps(told, ensure_ascii=False, indent=1, default=str))
    return 0 if told["agree"] else 1


def _progress(done: int) -> None:
    print(done, end=" ", file=sys.stderr, flush=True)


# --- the days -----------------------------------------------------------------------------------


def _open(people: dict) -> None:
    from clinic.demo import till

    till.open_till(by=people["cashier"])


def _evening(people: dict, chance: random.Random) -> None:
    """What else happens at a till, then the handover."""
    _drug_back(people, chance)
    _sheet_given_up(people, chance)
    _number_given_up(people)
    _put_off_and_paid(people)
    _hand_over(people, chance)


def _drug_back(people: dict, chance: random.Random) -> None:
    """A whole row that was handed out today comes back intact, then its money (R-117)."""
    from clinic.cashier.giving_back import of_receipt
    from clinic.cashier.models import BillLine
    from clinic.cashier.refunds import refund
    from clinic.core.errors import RuleBroken
    from prescriptions import returning
    from prescriptions.states import RxState

    lines = BillLine.objects.filter(
        receipt__shift__open_key=people["cashier"],
        prescription_item__prescription__state=RxState.DISPENSED,
    )
    lines = list(lines.order_by("pk")[:100])
    if not lines or chance.random() < 0.5:
        return
    line = chance.choice(lines)
    sheet = line.prescription_item.prescription
    outs = [out for out in returning.out_of(sheet) if out.left][:1]
    rows = [(out.movement, max(1, out.left // 2), True) for out in outs]
    try:
        returning.take_back(
            prescription=sheet, rows=rows, reason="quality", by=people["pharmacist"]
        )
    except RuleBroken:  # from the refrigerator, for one
        return
    _refund(line.receipt, of_receipt, refund, people)


def _refund(receipt, of_receipt, refund, people: dict) -> None:
    back = {row.line.pk: row.most for row in of_receipt(receipt) if row.due and row.most}
    if back:
        refund(receipt=receipt, quantities=back, reason="退药", by=people["cashier"])


def _sheet_given_up(people: dict, chance: random.Random) -> None:
    """A sheet was paid for and is not wanted any more before anything was picked."""
    from clinic.cashier.giving_back import of_receipt
    from clinic.cashier.models import BillLine
    from clinic.cashier.refunds import refund
    from prescriptions.states import RxState

    line = BillLine.objects.filter(
        receipt__shift__open_key=people["cashier"],
        counter_of__isnull=True,
        prescription_item__prescription__state=RxState.PAID,
    ).first()
    if line is not None and chance.random() < 0.5:
        back = {row.line.pk: row.most for row in of_receipt(line.receipt) if row.most}
        refund(receipt=line.receipt, quantities=back, reason="患者放弃", by=people["cashier"])


def _visit(people: dict):
    """Somebody who only took a number; None when every doctor has had everybody today."""
    from django.utils import timezone

    from clinic.demo.visits import session_for
    from patients.models import Patient
    from registration import booking
    from registration.models import Clinician, Registration

    seen = Registration.objects.filter(day=timezone.localdate()).values("patient")
    patient = Patient.objects.exclude(pk__in=seen).order_by("-record_no").first()
    session = session_for(Clinician.objects.select_related("user").order_by("pk").first())
    if patient is None or session is None:
        return None
    return booking.register_visit(patient=patient, session=session, by=people["frontdesk"])


def _number_given_up(people: dict) -> None:
    """退号: the number is cancelled first, then its fee goes back."""
    from clinic.cashier.giving_back import of_receipt
    from clinic.cashier.refunds import refund
    from clinic.demo import till
    from clinic.demo.visits import Cast
    from registration import booking

    visit = _visit(people)
    if visit is None:
        return
    receipt = till.settle(visit, Cast.of(people))
    booking.cancel_visit(registration=visit, reason="left", by=people["frontdesk"])
    _refund(receipt, of_receipt, refund, people)


def _put_off_and_paid(people: dict) -> None:
    """Put off in an emergency, paid an hour later."""
    from clinic.cashier import bills
    from clinic.cashier.due import of_visit
    from clinic.demo import till
    from clinic.demo.visits import Cast

    visit = _visit(people)
    if visit is None:
        return
    due = of_visit(visit)
    bills.put_off(visit=visit, seen=due.digest, reason="emergency", by=people["cashier"])
    till.settle(visit, Cast.of(people))


def _hand_over(people: dict, chance: random.Random) -> None:
    from clinic.cashier import shifts
    from clinic.demo.till import FLOATING

    shift = shifts.running(by=people["cashier"])
    short = SHORT if chance.random() < 0.2 else Decimal(0)
    shifts.hand_over(
        shift=shift,
        seen=shifts.entries(shift),
        counted=shifts.cash_due(shift) + short,
        coins={},
        reason="找零有误" if short else "",
        handed_to=people["admin"],
        by=people["cashier"],
    )
    shifts.begin(floating=FLOATING, by=people["cashier"])


if __name__ == "__main__":
    sys.exit(main())
