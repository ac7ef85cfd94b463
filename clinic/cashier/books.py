"""Does the money agree? Looks at every kept sum, changes nothing (R-165, as check_stock does).

Lines make receipts and bills, payments make receipts, bills and the ledger of the till, the ledger
makes the shifts. Amounts are compared as whole numbers: SQLite would add floats.
"""

import re
from collections import defaultdict
from decimal import Decimal

from django.db.models import F, Model, Q, Sum
from django.db.models.functions import Coalesce

from clinic.cashier import handed, shifts
from clinic.cashier.models import (
    Bill,
    BillLine,
    Deferral,
    Payment,
    Receipt,
    Shift,
    ShiftLine,
    TillEntry,
    Way,
)
from clinic.core.paging import paged
from pharmacy.money import in_parts, line_total, yuan

PAGE = 5000  # small rows, and perhaps millions of them
NUMBER = re.compile(r"(.+)-(\d+)")


def check() -> list[str]:
    """One sentence per contradiction; an empty list when everything agrees.

    Asked twice where something is wrong: a payment may have come in between two of the questions.
    """
    first = _look()
    again = set(_look()) if first else set()
    return [problem for problem in first if problem in again]


def _look() -> list[str]:
    looks = [_receipts, _bills, _belonging, _lines, _charged_once, _counters, _given_back]
    looks += [_drugs, _entries, _ledger, _shifts, _numbers]
    return [problem for look in looks for problem in look()]


def _differing(model: type[Model], kept: str, added: str):
    """(row, kept, sum) where the kept sum is not what `added` comes to."""
    rows = model.objects.annotate(
        told=in_parts(kept), total=Coalesce(Sum(in_parts(added)), 0)
    ).exclude(total=F("told"))
    for row in rows.order_by("pk"):
        yield row, yuan(row.told), yuan(row.total)


def _receipts():
    for row, kept, total in _differing(Receipt, "charged", "lines__amount"):
        yield f"Receipt {row.number} charges {kept:.2f}, but its lines add up to {total:.2f}."
    for row, kept, total in _differing(Receipt, "paid", "payments__amount"):
        yield f"Receipt {row.number} says {kept:.2f} paid, but its payments are {total:.2f}."


def _bills():
    for row, kept, total in _differing(Bill, "charged", "lines__amount"):
        yield f"Bill {row.pk} charges {kept:.2f}, but its lines add up to {total:.2f}."
    for row, kept, total in _differing(Bill, "paid", "receipts__payments__amount"):
        yield f"Bill {row.pk} says {kept:.2f} paid, but its payments are {total:.2f}."
    for row in Bill.objects.filter(paid__gt=F("charged")).order_by("pk"):
        yield f"Bill {row.pk} was paid {row.paid:.2f} for {row.charged:.2f}."


def _belonging():
    """A line stands on a receipt of its own bill; a bill is of its visit's patient."""
    for row in BillLine.objects.exclude(bill=F("receipt__bill")).order_by("pk"):
        yield f"Line {row.pk} belongs to another bill than its receipt {row.receipt_id}."
    for row in Bill.objects.exclude(patient=F("registration__patient")).order_by("pk"):
        yield f"Bill {row.pk} names another patient than its visit."


def _lines():
    """What was charged is price times quantity, rounded once at the line (R-115, R-122)."""
    rows = BillLine.objects.filter(counter_of__isnull=True)
    fields = ("pk", "price", "quantity", "per", "full")
    for row in paged(rows.values_list(*fields, named=True), "pk", PAGE):
        right = line_total(row.price, row.quantity, row.per)
        if row.full != right:
            yield f"Line {row.pk} charges {row.full:.2f} before reductions instead of {right:.2f}."


def _charged_once():
    """Of one source at most one charge stands; an earlier one was taken back as a whole."""
    standing: dict[str, list[int]] = defaultdict(list)
    rows = BillLine.objects.filter(counter_of__isnull=True).annotate(
        back=Coalesce(Sum("counters__quantity"), 0)
    )
    for pk, source, left in (
        rows.filter(quantity__gt=-F("back")).values_list("pk", "source", F("quantity") + F("back"))
    ).order_by("pk"):
        standing[source].append(pk)
        if len(standing[source]) > 1:
            yield f"{source} is charged twice, by the lines {standing[source]} ({left} left)."


def _counters():
    """A counter-entry takes back what it names, on a refund of that receipt, and never more."""
    rows = BillLine.objects.filter(counter_of__isnull=False)
    right = Q(receipt__kind=Receipt.Kind.REFUND, receipt__refunds=F("counter_of__receipt"))
    right &= Q(source=F("counter_of__source"), kind=F("counter_of__kind"))
    for row in rows.exclude(right).order_by("pk"):
        yield f"Line {row.pk} does not take back line {row.counter_of_id} as its refund says."
    taken = BillLine.objects.filter(counters__isnull=False).annotate(
        back=Sum("counters__quantity"),
        back_amount=Sum(in_parts("counters__amount")),
        whole=in_parts("amount"),
    )
    too_much = Q(quantity__lt=-F("back")) | Q(whole__lt=-F("back_amount"))
    for row in taken.filter(too_much).order_by("pk"):
        yield f"More of line {row.pk} was taken back than it charged."


def _given_back():
    """No receipt gives back more than was paid for its bill until then."""
    fields = ("pk", "number", "bill_id", "paid", "made_at")
    sums: dict = defaultdict(Decimal)
    rows = Receipt.objects.order_by("bill_id", "made_at", "number").values_list(*fields, named=True)
    for row in rows:
        sums[row.bill_id] += row.paid
        if sums[row.bill_id] < 0:
            yield f"Receipt {row.number} gives back more than was paid."


def _drugs():
    """What the patient has of a row that was charged is paid for: drugs back before money (R-117).

    A row that was put off and is charged in no part is a debt instead.
    """
    rows = (
        BillLine.objects.filter(prescription_item__isnull=False)
        .values_list("prescription_item", "source", "prescription_item__dispensed")
        .annotate(charged=Sum("quantity"))
        .filter(charged__lt=F("prescription_item__dispensed"))
        .order_by("prescription_item")
    )
    rows = list(rows)  # few: what came back, in part or whole
    if not rows:
        return
    put_off = {s for sources in Deferral.objects.values_list("sources", flat=True) for s in sources}
    has = handed.with_patients(row[0] for row in rows)
    for item, source, _dispensed, charged in rows:
        if charged < has.get(item, 0) and (charged or source not in put_off):
            yield f"Item {item}: {has[item]} are with the patient, but only {charged} stay charged."


def _entries():
    for row in Payment.objects.filter(entry__isnull=True).order_by("pk"):
        yield f"Payment {row.pk} of {row.receipt_id} is not in the ledger of the till."
    same = Q(way=F("payment__way"), shift=F("payment__receipt__shift"), amount=F("payment__amount"))
    for row in TillEntry.objects.exclude(same).order_by("pk"):
        yield f"Entry {row.pk} of the till is not what payment {row.payment_id} says."


def _ledger():
    """Places without holes, running balances, and the sums that are kept of them."""
    ends: dict[tuple[int, str], tuple[int, Decimal]] = {}
    rows = TillEntry.objects.order_by("shift", "way", "place", "pk")
    for pk, shift, way, place, amount, balance in rows.values_list(
        "pk", "shift_id", "way", "place", "amount", "balance"
    ):
        count, total = ends.get((shift, way), (0, Decimal(0)))
        if place != count + 1:
            yield f"Entry {pk} of the till has place {place} after {count}: there is a hole."
        if balance != total + amount:
            yield f"Entry {pk} of the till says a balance of {balance}, not {total + amount}."
        ends[shift, way] = (place, balance)
    kept = {(row.shift_id, row.way): (row.count, row.balance) for row in ShiftLine.objects.all()}
    for shift, way in sorted({*ends, *kept}):
        told, found = kept.get((shift, way)), ends.get((shift, way), (0, Decimal(0)))
        if told != found:
            yield f"Shift {shift} keeps {told} of {way}, but its ledger comes to {found}."


def _shifts():
    """A shift that was handed over says what its ledger says, and nothing came in afterwards."""
    cash = dict(ShiftLine.objects.filter(way=Way.CASH).values_list("shift_id", "balance"))
    for row in Shift.objects.filter(closed_at__isnull=False).order_by("pk"):
        right = row.counted - row.floating - cash.get(row.pk, Decimal(0))
        if row.difference != right:
            yield f"Shift {row.number} says a difference of {row.difference} instead of {right}."
        if row.coins and shifts.in_coins(row.coins) != row.counted:
            yield f"Shift {row.number} counted {row.counted}, but its notes and coins differ."
    late = Q(shift__closed_at__isnull=False, made_at__gt=F("shift__closed_at"))
    late |= Q(made_at__lt=F("shift__opened_at"))
    for row in Receipt.objects.filter(late).order_by("pk"):
        yield f"Receipt {row.number} was written while its shift {row.shift_id} did not run."


def _numbers():
    """Each day's receipts are numbered from 1 without a hole."""
    series: dict[str, list[int]] = defaultdict(list)
    for number in Receipt.objects.values_list("number", flat=True):
        parts = NUMBER.fullmatch(number)
        if parts is None:
            yield f"Receipt {number} has no number of the day."
        else:
            series[parts[1]].append(int(parts[2]))
    for name, numbers in sorted(series.items()):
        missing = sorted(set(range(1, max(numbers) + 1)) - set(numbers))
        if missing:
            yield f"Receipts of {name}: {', '.join(map(str, missing[:10]))} are missing."
