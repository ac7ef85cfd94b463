"""What visits owe: worked out each time, stored nowhere before it is charged (R-34, R-101, R-122).

For many visits at once with the same number of questions. An item costs what it cost when the visit
was registered, the treatment ordered or the material put on the bill; a drug what it cost when it
was written. So a new price never changes what somebody was told before.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from clinic.cashier import handed
from clinic.cashier.fees import Less, less
from clinic.cashier.models import AddedLine, Bill, BillLine, Deferral, FeeItem, Payer
from clinic.cashier.price_list import PriceList
from clinic.core.site import setting
from patients.age import age_years
from pharmacy.money import line_total
from prescriptions import charging
from prescriptions.models import Prescription, PrescriptionItem, Treatment
from prescriptions.states import RxState
from registration.models import Registration
from registration.states import VisitState

Kind, Fee = BillLine.Kind, FeeItem.Kind
BY_ITSELF = (Fee.REGISTRATION, Fee.CONSULTATION, Fee.GENERAL)
# Somebody who has not come yet, or never will, owes nothing for the visit.
NO_VISIT = {VisitState.BOOKED, VisitState.CANCELLED, VisitState.LAPSED}
DRUG_KINDS = {"中成药": Kind.PATENT, "中药饮片": Kind.HERBAL, "医用耗材": Kind.MATERIAL}
NOUGHT = Decimal("0.00")
# Let through unpaid: what may still go out, and what went out.
STILL_GOING = {RxState.PAID, RxState.PICKING, RxState.PART_DISPENSED}
GONE = {RxState.DISPENSED, RxState.PART_RETURNED, RxState.ALL_RETURNED, RxState.ARCHIVED}


@dataclass
class DueLine:
    """One thing that is not charged yet, as its line of the bill will read."""

    source: str
    kind: str
    name: str
    unit: str
    quantity: int
    price: Decimal
    spec: str = ""
    per: int = 1
    less: Less = Less()
    no_markup: bool = False
    later: bool = False  # it was put off
    item: PrescriptionItem | None = None
    treatment: Treatment | None = None
    fee_item: FeeItem | None = None
    added: AddedLine | None = None
    standing: BillLine | None = None  # charged earlier for another quantity or price

    @property
    def full(self) -> Decimal:
        return line_total(self.price, self.quantity, self.per)

    @property
    def amount(self) -> Decimal:
        return self.full - self.less.amount

    @property
    def payer(self) -> str:
        return Payer.CLINIC if self.full and not self.amount else Payer.PATIENT

    @property
    def kind_label(self) -> str:
        return str(Kind(self.kind).label)


@dataclass
class Due:
    """What one visit owes now."""

    visit: Registration
    bill: Bill | None = None
    lines: list[DueLine] = field(default_factory=list)
    sheets: list[Prescription] = field(default_factory=list)  # wait for the cashier
    treatments: list[Treatment] = field(default_factory=list)  # the same

    @property
    def arrears(self) -> Decimal:
        """Charged earlier and paid in part only."""
        return self.bill.charged - self.bill.paid if self.bill else NOUGHT

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), NOUGHT) + self.arrears

    @property
    def later(self) -> Decimal:
        """Of it, what was put off or left open: a debt."""
        return sum((line.amount for line in self.lines if line.later), NOUGHT) + self.arrears

    @property
    def fresh(self) -> bool:
        """Something waits for the cashier that was not put off."""
        waits = any(line.amount and not line.later for line in self.lines)
        return bool(self.sheets or self.treatments or waits)

    @property
    def is_nothing(self) -> bool:
        return not (self.lines or self.sheets or self.treatments or self.arrears)

    @property
    def stale(self) -> list[DueLine]:
        """Rows that were charged before the sheet was corrected: that money goes back first."""
        return [line for line in self.lines if line.standing is not None]

    @property
    def kinds(self) -> list[str]:
        """What it is for, each word once."""
        return list(dict.fromkeys(line.kind_label for line in self.lines))

    @property
    def digest(self) -> str:
        """Of everything a person saw: something else is due now, and it is another."""
        seen = [(x.source, x.quantity, str(x.amount)) for x in self.lines]
        seen += sorted((str(row.pk), row.version) for row in self.sheets)
        seen += sorted(str(row.pk) for row in self.treatments)
        return hashlib.sha256(repr((seen, str(self.arrears))).encode()).hexdigest()[:24]


def of_visit(visit: Registration) -> Due:
    return owed([visit])[visit.pk]


def owed(visits: Iterable[Registration]) -> dict:
    """The Due of each visit by its id; where nobody pays nothing is due."""
    dues = {visit.pk: Due(visit) for visit in visits}
    if not dues or not setting("site.charges"):
        return dues
    for bill in Bill.objects.filter(registration__in=dues):
        dues[bill.registration_id].bill = bill
    now = _Now.of(dues)
    for due in dues.values():
        _fees(due, now)
    _sheets(dues, now)
    _treatments(dues, now)
    _added(dues, now)
    return dues


@dataclass
class _Now:
    """What all visits are held against."""

    items: list[FeeItem]
    prices: PriceList
    standing: dict[str, BillLine]  # by source, what is charged and not taken back
    put_off: set[str]

    @classmethod
    def of(cls, dues: dict) -> "_Now":
        items = list(FeeItem.objects.order_by("kind", "code"))
        put_off: set[str] = set()
        rows = Deferral.objects.filter(bill__registration__in=dues)
        for sources in rows.values_list("sources", flat=True):
            put_off.update(sources)
        standing = standing_lines(Q(bill__registration__in=dues), "fee_item")
        prices = PriceList.load(item.pk for item in items)
        return cls(items, prices, {row.source: row for row in standing}, put_off)

    def line(
        self, visit: Registration, item: FeeItem, moment: datetime, source: str, **more
    ) -> DueLine | None:
        """A line for a fee item at its price of that moment; None where it had none yet."""
        price = self.prices.at(item.pk, moment)
        if price is None:
            return None
        line = DueLine(
            source=source,
            kind=item.kind,
            name=item.name,
            unit=item.unit,
            price=price,
            fee_item=item,
            later=source in self.put_off,
            **{"quantity": 1, **more},
        )
        day = timezone.localdate(moment)
        born = visit.patient.birth_date
        age = age_years(born, day) if born else None
        rows = self.prices.reductions(item.pk, day)
        line.less = less(line.full, rows, visit.patient.payment, age)
        return line


def standing_lines(where: Q, *with_them: str) -> list[BillLine]:
    """Charges of which something was not taken back; `left` says how much."""
    rows = BillLine.objects.filter(where, counter_of__isnull=True).select_related(*with_them)
    rows = rows.annotate(left=F("quantity") + Coalesce(Sum("counters__quantity"), 0))
    return list(rows.filter(left__gt=0).order_by("pk"))


# -- the visit itself --


def _fees(due: Due, now: _Now) -> None:
    visit = due.visit
    if visit.state in NO_VISIT:
        return
    lines = []
    for item in _own_fees(now.items, visit.session.clinician.department_id):
        source = f"fee/{visit.pk.hex}/{item.pk}"
        line = now.line(visit, item, visit.registered_at, source)
        if line is not None and line.full:  # an item may be free for everybody
            lines.append(line)
    if any(line.kind == Kind.GENERAL for line in lines):
        lines = [line for line in lines if not line.fee_item.in_general_fee]
    charged = _charged_fees(visit, now)
    due.lines += [line for line in lines if not _is_contained(line, charged)]


def _charged_fees(visit: Registration, now: _Now) -> list[BillLine]:
    start = f"fee/{visit.pk.hex}/"
    return [row for source, row in now.standing.items() if source.startswith(start)]


def _is_contained(line: DueLine, charged: list[BillLine]) -> bool:
    """Whoever has paid is not charged anew because the clinic takes another item from today on."""
    kinds = {row.kind for row in charged}
    if line.kind in kinds:
        return True
    if line.kind == Kind.GENERAL:
        return any(row.fee_item.in_general_fee for row in charged)
    return line.fee_item.in_general_fee and Kind.GENERAL in kinds


def _own_fees(items: list[FeeItem], department: int) -> list[FeeItem]:
    """Those of the department take the place of the same kind for all."""
    found = []
    for kind in BY_ITSELF:
        rows = [item for item in items if item.kind == kind and item.active]
        own = [item for item in rows if item.department_id == department]
        found += own or [item for item in rows if item.department_id is None]
    return found


def _has_general(due: Due, now: _Now) -> bool:
    """The general fee contains injections and the like, whether it is due or charged already."""
    if any(line.kind == Kind.GENERAL for line in due.lines):
        return True
    return any(row.kind == Kind.GENERAL for row in _charged_fees(due.visit, now))


# -- prescriptions --


def _sheets(dues: dict, now: _Now) -> None:
    """Approved sheets that wait, and what was let through unpaid."""
    states = {RxState.UNPAID, *STILL_GOING, *GONE} if now.put_off else {RxState.UNPAID}
    rows = Prescription.objects.filter(consultation__registration__in=dues, state__in=states)
    sheets = {
        row.pk: row for row in rows.select_related("consultation").order_by("approved_at", "pk")
    }
    for sheet in sheets.values():
        if sheet.state == RxState.UNPAID:
            dues[sheet.consultation.registration_id].sheets.append(sheet)
    items = PrescriptionItem.objects.filter(
        prescription__in=sheets, removed_at__isnull=True, outside=False
    )
    items = list(items.select_related("drug").order_by("prescription__approved_at", "rank"))
    out = {item.pk for item in items if sheets[item.prescription_id].state in GONE}
    handed_out = handed.with_patients(out) if out else {}
    for item in items:
        sheet = sheets[item.prescription_id]
        line = _drug_line(item, sheet, now, handed_out)
        if line is not None:
            dues[sheet.consultation.registration_id].lines.append(line)


def _drug_line(item, sheet: Prescription, now: _Now, handed_out: dict) -> DueLine | None:
    source = f"rx/{item.pk.hex}"
    is_waiting = sheet.state == RxState.UNPAID
    if not is_waiting and source not in now.put_off:
        return None
    quantity = handed_out.get(item.pk, 0) if sheet.state in GONE else item.quantity
    standing = now.standing.get(source)
    if not quantity or (standing is not None and not is_waiting):
        return None
    line = DueLine(
        source=source,
        kind=DRUG_KINDS.get(item.drug.category, Kind.WESTERN),
        name=item.drug_name,
        spec=item.pack_spec,
        unit=item.base_unit,
        quantity=quantity,
        price=item.price,
        per=item.units_per_pack,
        no_markup=item.drug.essential.startswith("Y"),
        later=not is_waiting,
        item=item,
        standing=standing,
    )
    return None if standing is not None and _is_same(line, standing) else line


def _is_same(line: DueLine, standing: BillLine) -> bool:
    """The row was charged before the sheet went back, and nothing of it was changed."""
    was = (standing.name, standing.left, standing.price, standing.per)
    return was == (line.name, line.quantity, line.price, line.per)


# -- treatments, and what was added by hand --


def _treatments(dues: dict, now: _Now) -> None:
    rows = Treatment.objects.filter(consultation__registration__in=dues)
    rows = rows.filter(settled__in=("", Treatment.Settled.LATER))
    rows = rows.exclude(state=Treatment.State.CANCELLED).select_related("service", "consultation")
    rows = list(rows.order_by("ordered_at", "pk"))
    times = charging.times_to_charge(rows) if rows else {}
    by_service = {item.service_id: item for item in now.items if item.service_id and item.active}
    for row in rows:
        due = dues[row.consultation.registration_id]
        if row.settled == "":
            due.treatments.append(row)
        item = by_service.get(row.service_id)
        if item is None or (item.in_general_fee and _has_general(due, now)):
            continue
        source, count = f"tr/{row.pk.hex}", times.get(row.pk, 0)
        if not count or source in now.standing:
            continue
        line = now.line(due.visit, item, row.ordered_at, source, quantity=count, treatment=row)
        if line is not None:
            line.kind = Kind.TREATMENT
            due.lines.append(line)


def _added(dues: dict, now: _Now) -> None:
    rows = AddedLine.objects.filter(bill__registration__in=dues, taken_at__isnull=True)
    items = {item.pk: item for item in now.items}
    for row in rows.select_related("bill").order_by("added_at", "pk"):
        due = dues[row.bill.registration_id]
        source = f"add/{row.pk.hex}"
        if source in now.standing:
            continue
        line = now.line(
            due.visit,
            items[row.fee_item_id],
            row.added_at,
            source,
            quantity=row.quantity,
            added=row,
        )
        if line is not None:
            due.lines.append(line)
