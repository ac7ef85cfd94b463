"""The same money, added up in ways that share no sum: plain additions of what rows say."""

from decimal import Decimal

from clinic.cashier import books as cash_books
from clinic.cashier.models import BillLine, Payment, Receipt, Shift, TillEntry
from pharmacy import books as stock_books
from pharmacy.models import StockMovement
from pharmacy.money import line_total
from prescriptions.models import DispenseLine, PrescriptionItem
from prescriptions.states import RxState

CENT = Decimal("0.01")


def figures() -> dict:
    """By payments, lines of bills, the till's ledger and the stock's; and whether they agree."""
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
        "agree": bool(agree) and _cash_in_shifts() == _cash_of_closed(),
    }


def _added(rows) -> dict:
    sums: dict = {}
    for key, amount in rows:
        sums[key] = sums.get(key, Decimal(0)) + amount
    return dict(sorted(sums.items()))


def _payments() -> dict:
    return _added(Payment.objects.values_list("way", "amount"))


def _lines() -> dict:
    return _added(BillLine.objects.values_list("kind", "amount"))


def _ledger() -> dict:
    """The last balance of each way in each shift."""
    last = {}
    rows = TillEntry.objects.order_by("place").values_list("shift", "way", "balance")
    for shift, way, balance in rows:
        last[shift, way] = balance
    return _added((way, balance) for (_shift, way), balance in last.items())


def _cash_of_closed() -> Decimal:
    """Cash of the shifts that were handed over, by their payments."""
    closed = Payment.objects.filter(way="cash", receipt__shift__closed_at__isnull=False)
    return sum(closed.values_list("amount", flat=True), Decimal(0))


def _cash_in_shifts() -> Decimal:
    """What people counted in the evening, less the change money and what was missing."""
    rows = Shift.objects.filter(closed_at__isnull=False)
    rows = rows.values_list("counted", "floating", "difference")
    return sum((counted - floating - wrong for counted, floating, wrong in rows), Decimal(0))


def _drugs() -> dict:
    """Drugs charged against what the stock ledger handed out, at the sheet's price of each."""
    kinds = ("western", "patent", "herbal", "material")
    lines = BillLine.objects.filter(kind__in=kinds, prescription_item__isnull=False)
    charged = sum(lines.values_list("amount", flat=True), Decimal(0))
    items = {
        (batch, reference): item
        for item, batch, reference in DispenseLine.objects.filter(
            item__in=lines.values("prescription_item")
        ).values_list("item", "movement__batch", "movement__reference")
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
