"""The cashier's list: who waits to pay, who gets money back, who owes, what was taken today.

A fixed number of questions however many wait. Looked for by number, name, initials, record number
or receipt number.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from clinic.cashier import due as dues
from clinic.cashier.due import NO_VISIT, Due
from clinic.cashier.giving_back import Back, to_give_back
from clinic.cashier.models import AddedLine, Bill, Receipt
from clinic.core.days import moment
from clinic.core.site import setting
from clinic.core.text import half_width
from patients.search import find_patients
from prescriptions.models import Prescription, Treatment
from prescriptions.states import RxState
from registration import journey
from registration.models import Registration

MOST = 60  # rows shown; the head says how many there are in all
RECENT = timedelta(days=7)
SEARCHED = timedelta(days=60)
WITH = ("patient", "session__clinician__user", "session__clinician__department")
NUMBER = re.compile(r"([A-Za-z]?)0*(\d{1,3})", re.ASCII)
RECEIPT = re.compile(r"S\d{8}-\d{4,}", re.ASCII | re.IGNORECASE)


@dataclass
class BackRow:
    """Somebody who gets money back for one receipt."""

    receipt: Receipt
    backs: list[Back]

    @property
    def amount(self):
        return sum((back.amount for back in self.backs), dues.NOUGHT)

    @property
    def names(self) -> str:
        return "、".join(dict.fromkeys(back.line.name for back in self.backs))


def board() -> dict:
    """Everything on the page; `etag` changes with whatever a person sees of it."""
    if not setting("site.charges"):
        return {"is_free": True, "etag": "free", "waiting": [], "debts": [], "back": []}
    found = dues.owed(_candidates())
    rows = sorted(found.values(), key=lambda due: (due.visit.registered_at, due.visit.number))
    waiting = [due for due in rows if due.fresh]
    debts = [due for due in rows if due.later]
    give_places([*waiting[:MOST], *debts[:MOST]])
    back = _back_rows()
    receipts = todays()
    context = {
        "is_free": False,
        "waiting": waiting[:MOST],
        "waiting_count": len(waiting),
        "debts": debts[:MOST],
        "debts_count": len(debts),
        "back": back[:MOST],
        "back_count": len(back),
        "receipts": receipts,
    }
    return context | {"etag": _etag(waiting, debts, back, receipts)}


def give_places(rows: list[Due]) -> None:
    """Where each of them is, in the words of every other list."""
    found = journey.places([due.visit for due in rows])
    for due in rows:
        due.place = found[due.visit.pk]


def _candidates():
    """Visits that may owe something: today's, and whatever waits or was put off."""
    since = timezone.now() - RECENT
    sheets = Prescription.objects.filter(state=RxState.UNPAID)
    treatments = Treatment.objects.filter(
        state=Treatment.State.ORDERED, settled="", ordered_at__gte=since
    )
    added = AddedLine.objects.filter(taken_at__isnull=True, added_at__gte=since)
    wanted = {
        *sheets.values_list("consultation__registration", flat=True),
        *treatments.values_list("consultation__registration", flat=True),
        *added.values_list("bill__registration", flat=True),
        *Bill.objects.filter(has_debt=True).values_list("registration", flat=True),
    }
    today = Q(day=timezone.localdate()) & ~Q(state__in=NO_VISIT)
    return Registration.objects.filter(today | Q(pk__in=wanted)).select_related(*WITH)


def _back_rows() -> list[BackRow]:
    rows: dict = {}
    for back in to_give_back():
        receipt = back.line.receipt
        rows.setdefault(receipt.pk, BackRow(receipt, [])).backs.append(back)
    for row in rows.values():
        row.receipt.bill = row.backs[0].line.bill
    return list(rows.values())


def todays():
    """Today's receipts, newest first."""
    rows = Receipt.objects.filter(made_at__gte=moment(timezone.localdate()))
    rows = rows.select_related("bill__patient", "bill__registration", "made_by")
    return list(rows.order_by("-made_at", "-number")[:MOST])


def _etag(waiting, debts, back, receipts) -> str:
    seen = [
        [(str(due.visit.pk), due.digest, str(due.place.word)) for due in rows[:MOST]]
        for rows in (waiting, debts)
    ]
    seen += [[len(waiting), len(debts)]]
    seen += [[(row.receipt.number, str(row.amount)) for row in back]]
    seen += [[row.number for row in receipts]]
    return f'W/"{hashlib.sha256(repr(seen).encode()).hexdigest()[:24]}"'


def patients_of(context: dict) -> list:
    """Everybody whose name the page shows, for the record of who read what."""
    found = [due.visit.patient_id for key in ("waiting", "debts") for due in context.get(key, [])]
    found += [row.receipt.bill.patient_id for row in context.get("back", [])]
    found += [row.bill.patient_id for row in context.get("receipts", [])]
    return found


def find(text: str) -> tuple[list[Registration], Receipt | None]:
    """The visits that `text` may stand for, today's first; or the receipt with that number."""
    text = half_width(text).strip()
    if RECEIPT.fullmatch(text):
        return [], Receipt.objects.filter(number=text.upper()).first()
    number = NUMBER.fullmatch(text)
    visits = Registration.objects.select_related(*WITH)
    if number:
        letter, digits = number.groups()
        of_today = visits.filter(day=timezone.localdate(), number__endswith=f"{int(digits):03d}")
        if letter:
            of_today = of_today.filter(number__istartswith=letter)
        if rows := list(of_today.order_by("number")[:MOST]):
            return rows, None
    since = timezone.localdate() - SEARCHED
    rows = visits.filter(patient__in=find_patients(text), day__gte=since)
    return list(rows.order_by("-day", "-registered_at")[:MOST]), None


def searched(text: str) -> tuple[list[Due], Receipt | None]:
    visits, receipt = find(text)
    found = dues.owed(visits)
    rows = [found[visit.pk] for visit in visits]
    give_places(rows)
    return rows, receipt
