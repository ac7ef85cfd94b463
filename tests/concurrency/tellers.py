"""What the processes of test_shift_closing.py do. Results are plain JSON.

`locked=False` reads the shift without its lock: that is how the race looks which it prevents.
"""

from decimal import Decimal

from clinic.cashier import shifts
from clinic.cashier.models import Bill, Receipt, Shift
from security.models import User
from tests.concurrency.racer import change, look, wait_for_the_others, without_locks
from tests.factories.till import taken


def _bare() -> None:
    without_locks(shifts)
    change(shifts, "running", shifts.running.__wrapped__)


def take(bill: str, by: int, locked: bool = True, late: bool = False) -> str:
    """A receipt of 5.00 in cash; the number of its shift."""
    if late:
        wait_for_the_others()
    call = taken
    if not locked:
        _bare()
        call = taken.__wrapped__
    receipt: Receipt = call(
        Bill.objects.get(pk=bill),
        by=User.objects.get(pk=by),
        before=lambda: (look(), look()),  # the second: until whoever looked, too, has written
        cash="5.00",
    )
    return receipt.shift.number


def close(shift: int, by: int, to: int, locked: bool = True, late: bool = False) -> str:
    """Hand the shift over with the change money alone."""
    if late:
        wait_for_the_others()
    call = shifts.hand_over
    if not locked:
        _bare()
        call = call.__wrapped__
    chosen, due = Shift.objects.get(pk=shift), shifts.cash_due
    if not late:  # whoever comes second is not slowed down
        change(shifts, "cash_due", lambda row: look() or due(row))
    closed = call(
        shift=chosen,
        seen=shifts.entries(chosen),
        counted=Decimal(chosen.floating),
        coins={},
        reason="",
        handed_to=User.objects.get(pk=to),
        by=User.objects.get(pk=by),
    )
    return closed.number


def both(do: str, **arguments) -> str:
    return {"take": take, "close": close}[do](**arguments)
