"""What the processes of test_used_again.py do. A result must be plain JSON."""

import os
import time

from clinic.core import numbers
from clinic.core.models import Counter
from tests.concurrency.racer import change, look, without_locks


def take_locks_away() -> int:
    """Leave a program behind that is not the clinic's; which process that is."""
    without_locks(numbers)
    change(Counter, "save", None)
    change(Counter.objects, "create", None)
    return os.getpid()


def found() -> dict:
    """What the next race finds there."""
    changed = [numbers.lock.__module__ != "clinic.core.transactions"]
    changed += [Counter.save is None, "create" in vars(Counter.objects)]
    return {"process": os.getpid(), "changed": changed}


def meet(late: float) -> tuple[float, float]:
    """When this one came to the gap, and when it went on."""
    without_locks()
    time.sleep(late)
    came = time.monotonic()
    look()
    return came, time.monotonic()
