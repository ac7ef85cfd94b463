"""What the processes of test_sealing_together do."""

from security import audit, seals
from security.models import AuditEntry
from tests.concurrency.racer import change


def write(*, entries: int) -> int:
    for number in range(entries):
        audit.record("print", data={"number": number})
    return entries


def seal(*, times: int) -> int:
    return sum(seals.seal_all() for _time in range(times))


def seal_until_all(*, entries: int) -> int:
    """Says when it begins, so that somebody may end it in the middle."""
    change(seals, "PIECE", 3)
    for _turn in range(1000):
        seals.seal_all()
        if AuditEntry.objects.filter(sealed__isnull=True).count() == 0:
            return entries
    raise AssertionError("never done")


def both(*, entries: int = 0, times: int = 0) -> int:
    """A writer or a sealer: `run_together` starts one function only."""
    return write(entries=entries) if entries else seal(times=times)
