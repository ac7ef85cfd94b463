"""Writing a receipt: its lines, its payments and the till in one go.

Called by the verbs that hold the bill's lock. Lock order: bill, prescription and treatment, shift,
sums of the shift, counter of receipts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from clinic.cashier import shifts
from clinic.cashier.models import (
    Bill,
    BillLine,
    Payment,
    Receipt,
    ReceiptPrint,
    ShiftLine,
    TillEntry,
    Way,
)
from clinic.core.numbers import next_number
from clinic.core.transactions import atomic_retry, lock

NOUGHT = Decimal("0.00")


@dataclass(frozen=True)
class Paid:
    """What moves by one way; of cash also what was handed over the counter."""

    way: str
    amount: Decimal
    given: Decimal | None = None
    reference: str = ""


@atomic_retry
def write(
    *, bill: Bill, kind: str, lines: Iterable[BillLine], ways: Iterable[Paid], by, **told
) -> Receipt:
    """The receipt with the next number of its day; `told`: refunds, cause, reason."""
    lines, ways = list(lines), list(ways)
    shift = shifts.running(by=by)
    sums = {way.way: _sum_of(shift, way.way) for way in _in_order(ways)}
    now = timezone.now()
    receipt = Receipt.objects.create(
        number=_next(now),
        kind=kind,
        bill=bill,
        shift=shift,
        charged=sum((line.amount for line in lines), NOUGHT),
        paid=sum((way.amount for way in ways), NOUGHT),
        made_at=now,
        made_by=by,
        **told,
    )
    for rank, line in enumerate(lines, 1):
        line.bill, line.receipt, line.rank = bill, receipt, rank
    BillLine.objects.bulk_create(lines)
    for way in _in_order(ways):
        _pay(receipt, way, sums[way.way])
    bill.charged += receipt.charged
    bill.paid += receipt.paid
    bill.save(update_fields=["charged", "paid", "has_debt"])
    return receipt


def _in_order(ways: list[Paid]) -> list[Paid]:
    """One order for everybody, in which the sums are locked."""
    return sorted(ways, key=lambda way: Way.values.index(way.way))


def _sum_of(shift, way: str) -> ShiftLine:
    line, _new = ShiftLine.objects.get_or_create(shift=shift, way=way)
    return lock(ShiftLine.objects.filter(pk=line.pk)).get()


def _next(now) -> str:
    series = f"S{timezone.localdate(now):%Y%m%d}"
    return f"{series}-{next_number(f'receipt:{series}'):04}"


def _pay(receipt: Receipt, way: Paid, kept: ShiftLine) -> None:
    payment = Payment.objects.create(
        receipt=receipt,
        way=way.way,
        amount=way.amount,
        given=way.given,
        change=way.given - way.amount if way.given is not None else NOUGHT,
        reference=way.reference or None,
    )
    kept.count += 1
    kept.balance += way.amount
    kept.save(update_fields=["count", "balance"])
    TillEntry.objects.create(
        shift=receipt.shift,
        way=way.way,
        place=kept.count,
        payment=payment,
        amount=way.amount,
        balance=kept.balance,
        made_at=receipt.made_at,
    )


@atomic_retry
def note_print(*, receipt: Receipt, paper: str, by) -> ReceiptPrint:
    """One more print of it; all after the first say so."""
    return ReceiptPrint.objects.create(receipt=receipt, paper=paper, made_by=by)
