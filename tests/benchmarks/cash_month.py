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
CENT = Decimal("0.01")
SHORT = Decimal("-0.50")  # what is missing in the till on some evenings


def main() -> int:
    sheets = int(sys.argv[1]) if len(sys.argv) > 1 else 600
    with scratch_database():
        began = time.monotonic()
        make_month(
            sheets, patients=PATIENTS, seed=7, progress=_progress, morning=_open, evening=_evening
        )
        print(f"made in {time.monotonic() - began:.0f} s", file=sys.stderr)
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


# --- the figures --------------------------------------------------------------------------------


def figures() -> dict:
    """The same money, added up in ways that share no sum; plain additions of what rows say."""
    from clinic.cashier import books as cash_books
    from clinic.cashier.models import Receipt, Shift
    from pharmacy import books as stock_books

    payments, lines, ledger = _payments(), _lines(), _ledger()
    drugs = _drugs()
    problems = cash_books.check() + stock_books.check()
    whole = {
        "payments": sum(payments.values()),
        "bill_lines": sum(lines.values()),
        "till_ledger": sum(ledger.values()),
    }
    agree = len(set(whole.values())) == 1 and payments == ledger and not problems
    agree &= abs(drugs["charged"] - drugs["handed_out"] - drugs["still_to_hand_out"]) <= (
        CENT * drugs["refunded_lines"]
    )
    return {
        "receipts": Receipt.objects.filter(kind="payment").count(),
        "refunds": Receipt.objects.filter(kind="refund").count(),
        "shifts": Shift.objects.filter(closed_at__isnull=False).count(),
        "whole": whole,
        "payments_by_way": payments,
        "ledger_by_way": ledger,
        "lines_by_kind": lines,
        "cash_in_shifts": _cash_in_shifts(),
        "drugs": drugs,
        "problems": problems,
        "agree": bool(agree) and _cash_in_shifts() == ledger.get("cash", 0),
    }


def _added(rows) -> dict:
    sums: dict = {}
    for key, amount in rows:
        sums[key] = sums.get(key, Decimal(0)) + amount
    return dict(sorted(sums.items()))


def _payments() -> dict:
    from clinic.cashier.models import Payment

    return _added(Payment.objects.values_list("way", "amount"))


def _lines() -> dict:
    from clinic.cashier.models import BillLine

    return _added(BillLine.objects.values_list("kind", "amount"))


def _ledger() -> dict:
    """The last balance of each way in each shift."""
    from clinic.cashier.models import TillEntry

    last = {}
    rows = TillEntry.objects.order_by("place").values_list("shift", "way", "balance")
    for shift, way, balance in rows:
        last[shift, way] = balance
    return _added((way, balance) for (_shift, way), balance in last.items())


def _cash_in_shifts() -> Decimal:
    """What people counted in the evening, less the change money and what was missing."""
    from clinic.cashier.models import Shift

    rows = Shift.objects.filter(closed_at__isnull=False)
    rows = rows.values_list("counted", "floating", "difference")
    return sum((counted - floating - wrong for counted, floating, wrong in rows), Decimal(0))


def _drugs() -> dict:
    """Drugs charged against what the stock ledger handed out, at the sheet's price of each."""
    from clinic.cashier.models import BillLine
    from pharmacy.models import StockMovement
    from pharmacy.money import line_total
    from prescriptions.models import DispenseLine, PrescriptionItem
    from prescriptions.states import RxState

    kinds = ("western", "patent", "herbal", "material")
    lines = BillLine.objects.filter(kind__in=kinds, prescription_item__isnull=False)
    charged = sum(lines.values_list("amount", flat=True), Decimal(0))
    items = {
        (batch, reference): item
        for item, batch, reference in DispenseLine.objects.values_list(
            "item", "movement__batch", "movement__reference"
        )
    }
    out: dict = {}
    for batch, reference, quantity in StockMovement.objects.values_list(
        "batch", "reference", "quantity"
    ):
        if item := items.get((batch, reference)):
            out[item] = out.get(item, 0) - quantity
    sold = Decimal(0)
    for item in PrescriptionItem.objects.filter(pk__in=out):
        sold += line_total(item.price, out[item.pk], item.units_per_pack)
    waiting = lines.exclude(
        prescription_item__prescription__state__in=[
            RxState.DISPENSED, RxState.PART_RETURNED, RxState.ALL_RETURNED, RxState.ARCHIVED,
        ]
    )  # fmt: skip
    return {
        "charged": charged,
        "handed_out": sold,
        "still_to_hand_out": sum(waiting.values_list("amount", flat=True), Decimal(0)),
        "refunded_lines": lines.filter(counter_of__isnull=False).count(),
    }


if __name__ == "__main__":
    sys.exit(main())
