"""The processes of test_till_once.py and test_till_killed.py: people at the till and beside it."""

from decimal import Decimal
from types import SimpleNamespace

from clinic.cashier import bills, refunds
from clinic.cashier.models import Receipt
from clinic.cashier.receipts import Paid
from clinic.core.once import run_once
from pharmacy import papers
from pharmacy.models import StockDocument
from prescriptions import dispensing, services
from prescriptions.models import Prescription
from registration.models import Registration
from security.models import User
from tests.concurrency.mortals import die_at_each
from tests.concurrency.racer import linger_after


def act(verb: str, by: int, **facts) -> str:
    """One act of one person, slowly; what it came to."""
    linger_after(bills.dues, "of_visit")
    linger_after(refunds.giving_back, "of_receipt")
    return do(verb, by, **facts)


def do(verb: str, by: int, **facts) -> str:
    return VERBS[verb](User.objects.get(pk=by), **facts)


def _pay(by, *, visit: str, seen: str, amount: str, token: str = "") -> str:
    arguments = {
        "visit": Registration.objects.get(pk=visit),
        "seen": seen,
        "ways": [Paid("cash", Decimal(amount), Decimal(amount))],
    }
    if not token:
        return bills.pay(**arguments, by=by).number
    request = SimpleNamespace(POST={"once": token}, user=by)
    return run_once(request, bills.pay, to=lambda made: made.number, **arguments)[1]


def _put_off(by, *, visit: str, seen: str) -> str:
    visit = Registration.objects.get(pk=visit)
    bills.put_off(visit=visit, seen=seen, reason="emergency", by=by)
    return "put off"


def _refund(by, *, receipt: str, line: int, quantity: int) -> str:
    found = Receipt.objects.get(pk=receipt)
    refunds.refund(receipt=found, quantities={line: quantity}, by=by)
    return "refunded"


def _dispense(by, *, sheet: str) -> str:
    dispensing.dispense(prescription=Prescription.objects.get(pk=sheet), by=by)
    return "dispensed"


def _void(by, *, sheet: str) -> str:
    services.void(prescription=Prescription.objects.get(pk=sheet), reason="换药", by=by)
    return "voided"


def _undo_return(by, *, document: int) -> str:
    papers.reverse(document=StockDocument.objects.get(pk=document), reason="点错了", by=by)
    return "undone"


VERBS = {
    "pay": _pay,
    "put off": _put_off,
    "refund": _refund,
    "dispense": _dispense,
    "void": _void,
    "undo return": _undo_return,
}


def die_at(verb: str, by: int, **facts) -> None:
    """For each number asked: do it and die before that statement; "killed" or "done"."""
    die_at_each(lambda: do(verb, by, **facts))
