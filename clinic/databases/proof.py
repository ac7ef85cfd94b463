"""Is everything there that the program itself can check? Asks only, and writes nothing.

Run on the new database before it is used; on the old one when something is found, because a fault
that was there before is none of the move's.
"""

from collections.abc import Iterator
from itertools import islice

from clinic.cashier import books as money
from pharmacy import books as stock
from prescriptions import archive_check
from security import checkpoints, places, verify

SAMPLE = 200  # sealed rows of each table: the checksum has proven that their bytes are the same
SHOWN = 20


def faults() -> Iterator[str]:
    """One sentence each; none when all is well."""
    marks = checkpoints.read_archives(None)
    log = verify.Verification(checkpoints=checkpoints.read(), archive_marks=marks)
    told = (fault for fault in log.faults() if fault.kind != "unsealed")  # the next minute seals it
    yield from (f"verify_audit: {fault}" for fault in islice(told, SHOWN))
    yield from (f"check_stock: {problem}" for problem in stock.check()[:SHOWN])
    yield from (f"check_cash: {problem}" for problem in money.check()[:SHOWN])
    archive = archive_check.Verification()
    yield from (f"verify_archive: {fault}" for fault in islice(archive.faults(), SHOWN))
    for place in places.all_places():
        for _opened, found in islice(place.verify("default", batch=SAMPLE), SAMPLE):
            yield from (f"verify_encryption: {fault}" for fault in found)
