"""What of a charge may be refunded, how much of it, and why the rest may not (R-102, R-117).

Money goes back after what it was for: the visit is cancelled first, the drug returned first, the
treatment stopped first. Worked out for many lines with the same number of questions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.cashier import handed
from clinic.cashier.due import BY_ITSELF, GONE, standing_lines
from clinic.cashier.models import BillLine, Receipt
from pharmacy.models import StockDocument
from prescriptions import charging
from prescriptions.models import TreatmentTurn
from prescriptions.states import RxState
from registration.states import VisitState

CENT = Decimal("0.01")
Cause = Receipt.Cause
LOOKED_BACK = timedelta(days=30)
NOT_BEGUN = {RxState.RETURNED, RxState.SUBMITTED, RxState.DRAFT, RxState.APPROVED}
NOT_BEGUN |= {RxState.VOIDED, RxState.LAPSED}
NEVER_DONE = (
    TreatmentTurn.State.NOT_DONE,
    TreatmentTurn.State.REFUSED,
    TreatmentTurn.State.CANCELLED,
)
WITH = (
    "receipt",
    "prescription_item__prescription",
    "treatment__service",
    "bill__registration",
    "bill__patient",
    "fee_item",
)


@dataclass
class Back:
    """A charged line: at most so much of it goes back now, or why nothing does."""

    line: BillLine
    most: int = 0
    why: str = ""
    cause: str = ""
    due: bool = False  # it has to go back: what it was for will not happen any more

    @property
    def is_whole(self) -> bool:
        """Given back as it stands or not at all: turns of a treatment."""
        return self.line.treatment_id is not None

    @property
    def amount(self) -> Decimal:
        return -counter_of(self.line, self.most).amount if self.most else Decimal("0.00")


def of_receipt(receipt: Receipt) -> list[Back]:
    """Each line of a receipt; one that was refunded whole says so."""
    rows = {row.line.pk: row for row in backs(Q(receipt=receipt))}
    gone = BillLine.objects.filter(receipt=receipt, counter_of__isnull=True)
    return [
        rows.get(line.pk) or Back(line, why=_("It was refunded already."))
        for line in gone.select_related(*WITH)
    ]


def to_give_back() -> list[Back]:
    """What was paid for and will not happen any more, newest last."""
    since = timezone.now() - LOOKED_BACK
    never = TreatmentTurn.objects.filter(
        treatment=OuterRef("treatment"), state__in=NEVER_DONE, given_back_at__isnull=True
    )
    came_back = StockDocument.objects.filter(
        kind=StockDocument.Kind.RETURN,
        state=StockDocument.State.POSTED,
        reference=OuterRef("prescription_item__prescription__number"),
    )
    sheet = "prescription_item__prescription__state__in"
    odd = Q(fee_item__kind__in=BY_ITSELF, bill__registration__state=VisitState.CANCELLED)
    odd |= Q(**{sheet: [*NOT_BEGUN, RxState.UNPAID]})
    odd |= Q(prescription_item__removed_at__isnull=False)
    odd |= Q(**{sheet: [RxState.PART_RETURNED, RxState.ALL_RETURNED]})
    odd |= Q(**{sheet: GONE}) & Q(prescription_item__dispensed__lt=F("quantity"))
    odd |= Q(**{sheet: [RxState.ARCHIVED]}) & Q(Exists(came_back))  # archived, it stays so
    odd |= Q(Exists(never))
    return [back for back in backs(Q(receipt__made_at__gte=since) & odd) if back.due and back.most]


def backs(where: Q) -> list[Back]:
    """Standing charges with what may go back of them."""
    lines = standing_lines(where, *WITH)
    out = [x.prescription_item_id for x in lines if _sheet_state(x) in GONE]
    handed_out = handed.with_patients(out) if out else {}
    treatments = {x.treatment for x in lines if x.treatment_id}
    times = charging.times_to_give_back(treatments) if treatments else {}
    never = _never_done(treatments)
    return [_back(line, handed_out, times, never) for line in lines]


def _never_done(treatments: set) -> set:
    if not treatments:
        return set()
    turns = TreatmentTurn.objects.filter(treatment__in=treatments, state__in=NEVER_DONE)
    return set(turns.filter(given_back_at__isnull=True).values_list("treatment_id", flat=True))


def _sheet_state(line: BillLine) -> str:
    return line.prescription_item.prescription.state if line.prescription_item_id else ""


def _back(line: BillLine, handed_out: dict, times: dict, never: set) -> Back:
    if line.prescription_item_id:
        return _drug(line, handed_out.get(line.prescription_item_id, 0))
    if line.treatment_id:
        most = min(line.left, times.get(line.treatment_id, 0))
        why = "" if most else _("It was begun or carried out. A doctor stops it first.")
        return Back(line, most, why, Cause.TREATMENT, due=line.treatment_id in never)
    if line.fee_item and line.fee_item.kind in BY_ITSELF:
        return _visit(line)
    return Back(line, line.left, "", Cause.MISTAKE)


def _visit(line: BillLine) -> Back:
    state = line.bill.registration.state
    if state in (VisitState.CANCELLED, VisitState.LAPSED):
        return Back(line, line.left, "", Cause.VISIT, due=state == VisitState.CANCELLED)
    return Back(line, why=_("The registration is not cancelled. The front desk cancels it first."))


def _drug(line: BillLine, with_patient: int) -> Back:
    item = line.prescription_item
    state = item.prescription.state
    if item.removed_at is not None or state in NOT_BEGUN:
        return Back(line, line.left, "", Cause.SHEET, due=True)
    if state in (RxState.UNPAID, RxState.PAID):
        return Back(line, line.left, "", Cause.SHEET, due=_was_changed(line))
    if state == RxState.PICKING:
        return Back(line, why=_("It is being picked. The pharmacy puts it back first."))
    if state == RxState.PART_DISPENSED:
        return Back(line, why=_("A part was handed out. The doctor gives up the rest first."))
    most = max(0, line.left - with_patient)
    if most:
        return Back(line, most, "", Cause.DRUGS, due=True)
    return Back(line, why=_("The patient has it. The pharmacy takes it back first."))


def _was_changed(line: BillLine) -> bool:
    item = line.prescription_item
    was = (line.name, line.left, line.price, line.per)
    return was != (item.drug_name, item.quantity, item.price, item.units_per_pack) or item.outside


def counter_of(line: BillLine, quantity: int) -> BillLine:
    """The counter-entry that takes so much back of a standing line; `line.left` stands.

    The sums of what stays are rounded, so that all counter-entries together take back the whole.
    """
    before, after = line.left, line.left - quantity

    def part(amount: Decimal) -> Decimal:
        return _share(amount, after, line.quantity) - _share(amount, before, line.quantity)

    full, reduced = part(line.full), part(line.reduced)
    return BillLine(
        kind=line.kind,
        source=line.source,
        counter_of=line,
        prescription_item_id=line.prescription_item_id,
        treatment_id=line.treatment_id,
        fee_item_id=line.fee_item_id,
        department_id=line.department_id,
        name=line.name,
        spec=line.spec,
        unit=line.unit,
        quantity=-quantity,
        price=line.price,
        per=line.per,
        no_markup=line.no_markup,
        full=full,
        reduced=reduced,
        reduction=line.reduction,
        amount=full - reduced,
        payer=line.payer,
        payer_share=part(line.payer_share),
    )


def _share(amount: Decimal, of: int, whole: int) -> Decimal:
    return (amount * of / whole).quantize(CENT, ROUND_HALF_UP)


def sums(rows: Iterable[Back]) -> Decimal:
    return sum((row.amount for row in rows), Decimal("0.00"))
