"""Giving money back: only as a counter-entry of what was charged; the original stays (R-102)."""

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import F, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.cashier import giving_back
from clinic.cashier.bills import hold
from clinic.cashier.giving_back import Back, counter_of
from clinic.cashier.models import Bill, Payment, Receipt, Way
from clinic.cashier.receipts import Paid, write
from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.on_record import on_record
from clinic.core.transactions import atomic_retry, lock
from prescriptions import charging
from prescriptions.models import Prescription
from prescriptions.states import RxState

NOUGHT = Decimal("0.00")
LONGEST_REASON = 200


@atomic_retry
def refund(
    *,
    receipt: Receipt,
    quantities: dict[int, int],
    ways: Iterable[Paid] | None = None,
    reason: str = "",
    by,
) -> Receipt:
    """Take back so much of each line (by its id) and give its money back.

    `ways`: amounts above zero; none: as it was paid. Cash instead of another way needs a reason.
    """
    bill = lock(Bill.objects.filter(pk=receipt.bill_id)).get()
    hold(bill.registration)
    chosen = _chosen(receipt, quantities)
    reason = reason.strip()[:LONGEST_REASON]
    if any(back.cause == Receipt.Cause.MISTAKE for back, _n in chosen) and not reason:
        raise RuleBroken(_("Please write why this is refunded."), field="reason")
    lines = [counter_of(back.line, quantity) for back, quantity in chosen]
    money = _money(bill, -sum((line.amount for line in lines), NOUGHT))
    ways = as_paid(receipt, money) if ways is None else [way for way in ways if way.amount]
    _require_ways(receipt, ways, money, reason)
    _take_back(chosen, reason, by)
    return write(
        bill=bill,
        kind=Receipt.Kind.REFUND,
        lines=lines,
        ways=[Paid(way.way, -way.amount, reference=way.reference) for way in ways],
        by=by,
        refunds=receipt,
        cause=chosen[0][0].cause,
        reason=reason or None,
    )


def ways_left(receipt: Receipt) -> dict[str, Decimal]:
    """How much of the receipt came by each way and was not given back, in their order.

    Of a bill that was paid in parts: of the whole bill, its rest stands on another receipt.
    """
    of_it = Payment.objects.filter(receipt=receipt) | Payment.objects.filter(
        receipt__refunds=receipt
    )
    payments = Receipt.objects.filter(bill=receipt.bill_id, kind=Receipt.Kind.PAYMENT)
    if payments.exclude(paid=F("charged")).exists():
        of_it = Payment.objects.filter(receipt__bill=receipt.bill_id)
    sums = dict(of_it.values_list("way").annotate(Sum("amount")).order_by())
    cents = {way: total.quantize(Decimal("0.01")) for way, total in sums.items()}
    return {way: cents[way] for way in Way.values if cents.get(way, 0) > 0}


def as_paid(receipt: Receipt, money: Decimal) -> list[Paid]:
    """By the ways it came, cash last; what can't go back so goes back in cash."""
    left, found = ways_left(receipt), {}
    for way in sorted(left, key=lambda way: way == Way.CASH):
        found[way] = min(money, left[way])
        money -= found[way]
    if money:
        found[Way.CASH] = found.get(Way.CASH, NOUGHT) + money
    return [Paid(way, amount) for way, amount in found.items() if amount]


def _chosen(receipt: Receipt, quantities: dict[int, int]) -> list[tuple[Back, int]]:
    rows = {back.line.pk: back for back in giving_back.of_receipt(receipt)}
    wanted = {pk: quantity for pk, quantity in quantities.items() if quantity}
    if not wanted:
        raise RuleBroken(_("Please choose at least one line to refund."))
    found = []
    for pk, quantity in sorted(wanted.items()):
        back = rows.get(pk)
        if back is None:
            raise RuleBroken(_("This line is not on the receipt. Please look at it again."))
        if not back.most:
            raise AlreadyDone(
                _("Not refunded: %(name)s. %(why)s") % {"name": back.line.name, "why": back.why},
                rule="R-102",
            )
        if not 1 <= quantity <= back.most or (back.is_whole and quantity != back.most):
            raise RuleBroken(
                _("Of %(name)s %(most)s can be refunded. Please correct the number.")
                % {"name": back.line.name, "most": back.most}
            )
        found.append((back, quantity))
    return found


def _money(bill: Bill, amount: Decimal) -> Decimal:
    """What goes back of it: not what was never paid."""
    return max(NOUGHT, bill.paid - (bill.charged - amount))


def _require_ways(receipt: Receipt, ways: list[Paid], money: Decimal, reason: str) -> None:
    left = ways_left(receipt)
    if any(way.amount < 0 for way in ways) or sum((w.amount for w in ways), NOUGHT) != money:
        raise RuleBroken(
            _("The amounts have to come to ¥%(money)s. Please correct them.") % {"money": money}
        )
    for way in ways:
        if way.amount <= left.get(way.way, NOUGHT):
            continue
        label = Way(way.way).label
        if way.way != Way.CASH:
            raise RuleBroken(
                _("By %(way)s only ¥%(left)s were paid. The rest goes back in cash.")
                % {"way": label, "left": left.get(way.way, NOUGHT)},
                field=way.way,
            )
        insured = left.get(Way.INSURANCE, NOUGHT)
        if way.amount > sum(left.values(), NOUGHT) - insured:
            raise RuleBroken(
                _("¥%(insured)s came from the insurance and go back to it, not in cash.")
                % {"insured": insured},
                field=Way.CASH,
                rule="R-102",
            )
        if not reason:
            raise RuleBroken(
                _("More cash goes back than was paid in cash. Please write the reason."),
                field="reason",
            )


def _take_back(chosen: list[tuple[Back, int]], reason: str, by) -> None:
    """Sheets that were only paid wait again; of treatments nobody carries out what was refunded."""
    sheets: dict = {}
    for back, quantity in chosen:
        if back.line.prescription_item_id:
            sheets[back.line.prescription_item.prescription_id] = True
        elif back.line.treatment_id:
            if charging.unsettle_treatment(treatment=back.line.treatment, by=by) != quantity:
                raise AlreadyDone(_("The treatment changed meanwhile. Please look at it again."))
    for sheet in Prescription.objects.filter(pk__in=sheets, state=RxState.PAID).order_by("pk"):
        charging.unsettle(
            prescription=sheet, reason=reason or on_record(gettext_lazy("Refunded")), by=by
        )
