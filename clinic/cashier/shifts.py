"""The shift a cashier works in."""

from django.utils import timezone

from clinic.cashier.models import Shift
from clinic.core.numbers import next_number
from clinic.core.transactions import atomic_retry, lock


@atomic_retry
def running(*, by) -> Shift:
    """The cashier's open shift, locked until the transaction ends; one begins if there is none.

    Lock order: bill, then shift, then its lines and the counter of receipts.
    """
    found = lock(Shift.objects.filter(open_key=by)).first()
    if found is not None:
        return found
    now = timezone.now()
    series = f"B{timezone.localdate(now):%Y%m%d}"
    number = f"{series}-{next_number(f'shift:{series}'):02}"
    return Shift.objects.create(number=number, cashier=by, open_key=by, opened_at=now)
