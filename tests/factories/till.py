"""Money at the till as the books want it, written row by row: no verb's own sums are trusted."""

from collections.abc import Callable
from decimal import Decimal

from django.utils import timezone

from clinic.cashier import shifts
from clinic.cashier.models import (
    Bill,
    BillLine,
    FeeItem,
    FeePrice,
    Payment,
    Receipt,
    Shift,
    ShiftLine,
    TillEntry,
)
from clinic.core.numbers import next_number
from clinic.core.transactions import atomic_retry
from tests.factories.registration import open_session, waiting_visit


def fee(name: str = "诊查费", price: str = "10.00", **fields) -> FeeItem:
    """An item with its price in force."""
    code = f"F{next_number('test:fee'):03}"
    item = FeeItem.objects.create(**{"code": code, "name": name, "kind": "consultation"} | fields)
    FeePrice.objects.create(
        item=item, price=Decimal(price), since=timezone.now(), document="测试文件"
    )
    return item


def bill_of(doctor, frontdesk, session=None) -> Bill:
    """The bill of a new visit."""
    visit = waiting_visit(session or open_session(doctor), frontdesk)
    return Bill.objects.create(registration=visit, patient=visit.patient)


@atomic_retry
def taken(bill: Bill, *, by, lines: dict | None = None, before: Callable = lambda: None, **ways):
    """A receipt of these amounts by way (`cash="12.50"`), for lines {kind: amount} or one of all.

    `before` is called while the shift is locked: races stretch that moment.
    """
    shift = shifts.running(by=by)
    before()
    total = sum(map(Decimal, ways.values()))
    receipt = Receipt.objects.create(
        number=f"T-{next_number('test:receipt'):05}",
        kind="payment",
        bill=bill,
        shift=shift,
        charged=total,
        paid=total,
        made_at=timezone.now(),
        made_by=by,
    )
    for rank, (kind, amount) in enumerate((lines or {"consultation": total}).items(), 1):
        _line(receipt, rank, kind, Decimal(amount))
    for way, amount in ways.items():
        _payment(receipt, shift, way, Decimal(amount))
    Bill.objects.filter(pk=bill.pk).update(charged=bill.charged + total, paid=bill.paid + total)
    bill.refresh_from_db()
    return receipt


@atomic_retry
def given_back(receipt: Receipt, *, by, way: str = "cash") -> Receipt:
    """The whole receipt, against its lines."""
    shift, bill = shifts.running(by=by), Bill.objects.get(pk=receipt.bill_id)
    back = Receipt.objects.create(
        number=f"T-{next_number('test:receipt'):05}",
        kind="refund",
        bill=bill,
        shift=shift,
        refunds=receipt,
        cause="visit",
        charged=-receipt.charged,
        paid=-receipt.paid,
        made_at=timezone.now(),
        made_by=by,
    )
    for line in receipt.lines.all():
        _line(back, line.rank, line.kind, -line.amount, counter_of=line)
    _payment(back, shift, way, -receipt.paid)
    Bill.objects.filter(pk=bill.pk).update(
        charged=bill.charged - receipt.charged, paid=bill.paid - receipt.paid
    )
    return back


def _line(receipt: Receipt, rank: int, kind: str, amount: Decimal, counter_of=None) -> BillLine:
    visit = receipt.bill.registration
    source = counter_of.source if counter_of else f"test/{receipt.number}/{rank}"
    return BillLine.objects.create(
        bill=receipt.bill,
        receipt=receipt,
        rank=rank,
        kind=kind,
        source=source,
        charge_key=None if counter_of else f"{source}/1",
        counter_of=counter_of,
        department=visit.session.clinician.department,
        name="项目",
        unit="次",
        quantity=-1 if counter_of else 1,
        price=abs(amount),
        full=amount,
        amount=amount,
    )


def _payment(receipt: Receipt, shift: Shift, way: str, amount: Decimal) -> None:
    payment = Payment.objects.create(receipt=receipt, way=way, amount=amount)
    line, _new = ShiftLine.objects.get_or_create(shift=shift, way=way)
    line.count, line.balance = line.count + 1, line.balance + amount
    line.save()
    TillEntry.objects.create(
        shift=shift,
        way=way,
        place=line.count,
        payment=payment,
        amount=amount,
        balance=line.balance,
        made_at=receipt.made_at,
    )
