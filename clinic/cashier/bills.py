"""What the cashier does with a visit's bill: pay, put off, add by hand (R-34, R-101).

Each verb locks the bill, then the sheets and treatments of the visit, and works out anew what is
due: whoever saw something else is told, and nothing is done.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.cashier import due as dues
from clinic.cashier.due import Due, DueLine
from clinic.cashier.models import AddedLine, Bill, BillLine, Deferral, FeeItem, Payer, Receipt, Way
from clinic.cashier.receipts import Paid, write
from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.site import setting
from clinic.core.transactions import atomic_retry, lock
from prescriptions import charging
from prescriptions.models import Prescription, Treatment
from registration.models import Registration

CENT, NOUGHT = Decimal("0.01"), Decimal("0.00")
MOST_OF_AN_ITEM = 999
BY_HAND = (FeeItem.Kind.MATERIAL, FeeItem.Kind.OTHER)


class BillChanged(AlreadyDone):
    """Something else is due than the person saw."""


@atomic_retry
def pay(*, visit: Registration, seen: str, ways: Iterable[Paid], by) -> Receipt | None:
    """Take the money for everything that is due; `seen` is the digest of what the person saw.

    None where nothing had to be charged: a corrected sheet whose rows are all paid for passes.
    """
    bill, due = _held(visit)
    _require_seen(due, seen)
    ways = [way for way in ways if way.amount]
    paid = sum((way.amount for way in ways), NOUGHT)
    _require_sum(due, ways, paid)
    for sheet in due.sheets:
        charging.settle(prescription=sheet, by=by)
    for treatment in _of_treatments(due):
        charging.settle_treatment(treatment=treatment, how=_how(due, treatment), by=by)
    bill.has_debt = paid < due.total
    if not due.lines and not ways:
        bill.save(update_fields=["has_debt"])
        return None
    lines = _bill_lines(due, sum((way.amount for way in ways if way.way == Way.INSURANCE), NOUGHT))
    return write(bill=bill, kind=Receipt.Kind.PAYMENT, lines=lines, ways=ways, by=by)


@atomic_retry
def put_off(*, visit: Registration, seen: str, reason: str, words: str = "", by) -> Deferral:
    """Let everything through that waits; it stays a debt until it is paid (an emergency)."""
    bill, due = _held(visit)
    _require_seen(due, seen)
    if not due.fresh:
        raise AlreadyDone(_("Not put off: nothing of this bill waits for payment."))
    _require_nothing_stale(due)
    if reason not in Deferral.Reason.values:
        raise RuleBroken(_("Please choose why payment is put off."), field="reason")
    if reason == Deferral.Reason.OTHER and not words.strip():
        raise RuleBroken(_("Please write the reason in words."), field="words")
    told = str(Deferral.Reason(reason).label)
    for sheet in due.sheets:
        charging.settle(prescription=sheet, reason=told, by=by)
    for treatment in due.treatments:
        charging.settle_treatment(treatment=treatment, how=Treatment.Settled.LATER, by=by)
    bill.has_debt = True
    bill.save(update_fields=["has_debt"])
    return Deferral.objects.create(
        bill=bill,
        amount=due.total,
        reason=reason,
        words=words.strip() or None,
        sources=[line.source for line in due.lines],
        made_by=by,
    )


@atomic_retry
def add_item(*, visit: Registration, item: FeeItem, quantity: int, by) -> AddedLine:
    """Put a material or another item on the bill; charged with the rest."""
    bill, _due = _held(visit)
    item = FeeItem.objects.get(pk=item.pk)
    if not item.active or item.kind not in BY_HAND:
        raise RuleBroken(
            _("%(item)s can't be put on a bill by hand.") % {"item": item.name}, field="item"
        )
    if not 1 <= quantity <= MOST_OF_AN_ITEM:
        raise RuleBroken(
            _("Please write a number from 1 to %(most)s.") % {"most": MOST_OF_AN_ITEM},
            field="quantity",
        )
    now = timezone.now()
    if not item.prices.filter(since__lte=now).exists():
        raise RuleBroken(_("%(item)s has no price yet.") % {"item": item.name}, field="item")
    return AddedLine.objects.create(bill=bill, fee_item=item, quantity=quantity, added_by=by)


@atomic_retry
def take_off(*, line: AddedLine, by) -> AddedLine:
    """What was added by mistake is no longer due; once charged it can only be refunded."""
    lock(Bill.objects.filter(pk=line.bill_id)).get()
    line = AddedLine.objects.get(pk=line.pk)
    if dues.standing_lines(Q(source=f"add/{line.pk.hex}")):
        raise AlreadyDone(_("Not taken off: it is paid for. It can be refunded."))
    if line.taken_at is None:
        line.taken_at, line.taken_by = timezone.now(), by
        line.save(update_fields=["taken_at", "taken_by"])
    return line


# -- inside --


def bill_of(visit: Registration) -> Bill:
    """The visit's bill, opened when it is first needed; locked until the transaction ends."""
    bill, _new = Bill.objects.get_or_create(
        registration_id=visit.pk, defaults={"patient_id": visit.patient_id}
    )
    return lock(Bill.objects.filter(pk=bill.pk)).get()


def _held(visit: Registration) -> tuple[Bill, Due]:
    if not setting("site.charges"):
        raise RuleBroken(_("Nothing is charged at this site."))
    bill = bill_of(visit)
    hold(visit)
    visit = Registration.objects.select_related("patient", "session__clinician").get(pk=visit.pk)
    due = dues.of_visit(visit)
    due.bill = bill
    return bill, due


def hold(visit: Registration) -> None:
    """Lock the visit's sheets and treatments, so that nobody moves them under the bill."""
    of_visit = {"consultation__registration_id": visit.pk}
    list(lock(Prescription.objects.filter(**of_visit).order_by("pk")).values_list("pk"))
    list(lock(Treatment.objects.filter(**of_visit).order_by("pk")).values_list("pk"))


def _require_seen(due: Due, seen: str) -> None:
    if due.is_nothing or seen != due.digest:
        raise BillChanged(changed_words(due))


def changed_words(due: Due) -> str:
    """For whoever looked at another bill than the one that is due now."""
    if due.is_nothing:
        return _("Not done: nothing is due here any more. Perhaps it was just paid.")
    return _("Not done: the bill changed while this page was open. It is now ¥%(total)s.") % {
        "total": due.total
    }


def _require_nothing_stale(due: Due) -> None:
    if due.stale:
        names = "、".join(line.name for line in due.stale)
        raise RuleBroken(
            _(
                "Not done: %(names)s was paid for before the prescription was corrected. Please "
                "refund that first, then charge anew."
            )
            % {"names": names},
            rule="R-34",
        )


def _require_sum(due: Due, ways: list[Paid], paid: Decimal) -> None:
    _require_nothing_stale(due)
    for way in ways:
        if way.amount < 0 or (way.given is not None and way.given < way.amount):
            raise RuleBroken(_("Please write how much was paid."), field="cash")
    if len({way.way for way in ways}) < len(ways):
        raise RuleBroken(_("Each way of payment stands on a receipt once."))
    if paid > due.total:
        raise RuleBroken(
            _("¥%(paid)s is more than the bill of ¥%(total)s.")
            % {"paid": paid, "total": due.total},
        )
    if paid < due.total and not setting("cashier.part_payment"):
        raise RuleBroken(
            _("¥%(rest)s are missing. Please collect the whole bill of ¥%(total)s.")
            % {"rest": due.total - paid, "total": due.total},
            field="cash",
        )


def _of_treatments(due: Due) -> list[Treatment]:
    """Those that wait, and those put off that are paid for now."""
    waiting = {row.pk for row in due.treatments}
    later = [x.treatment for x in due.lines if x.treatment and x.treatment.pk not in waiting]
    return sorted([*due.treatments, *later], key=lambda row: row.pk)


def _how(due: Due, treatment: Treatment) -> str:
    is_charged = any(x.treatment == treatment for x in due.lines)
    return Treatment.Settled.PAID if is_charged else Treatment.Settled.FREE


def _bill_lines(due: Due, insured: Decimal) -> list[BillLine]:
    """The lines as they are kept; what the insurance bears is spread over them by their amount."""
    total = sum((line.amount for line in due.lines), NOUGHT)
    rounds = _rounds(due.lines)
    made, before, told = [], NOUGHT, NOUGHT
    for line in due.lines:
        before += line.amount
        share_until = (insured * before / total).quantize(CENT, ROUND_HALF_UP) if total else NOUGHT
        share = min(share_until - told, line.amount)
        told += share
        made.append(_bill_line(line, due, share, rounds[line.source]))
    return made


def _bill_line(line: DueLine, due: Due, share: Decimal, times: int) -> BillLine:
    return BillLine(
        kind=line.kind,
        source=line.source,
        charge_key=f"{line.source}/{times}",
        prescription_item=line.item,
        treatment=line.treatment,
        fee_item=line.fee_item,
        department_id=due.visit.session.clinician.department_id,
        name=line.name,
        spec=line.spec,
        unit=line.unit,
        quantity=line.quantity,
        price=line.price,
        per=line.per,
        no_markup=line.no_markup,
        full=line.full,
        reduced=line.less.amount,
        reduction=line.less.reason,
        amount=line.amount,
        payer=Payer.INSURANCE if share else line.payer,
        payer_share=share,
    )


def _rounds(lines: list[DueLine]) -> dict[str, int]:
    """How often each was charged before, and once more."""
    rounds = {line.source: 1 for line in lines}
    earlier = BillLine.objects.filter(source__in=rounds, counter_of__isnull=True)
    for source in earlier.values_list("source", flat=True):
        rounds[source] += 1
    return rounds
