"""The archive of prescriptions is verified every night by itself (R-148).

The result is an entry of the log; the administrator's first page tells what is not as it was.
"""

import logging
from collections import Counter
from datetime import timedelta

from django.utils.timezone import localtime, now
from django.utils.translation import ngettext

from clinic.core import scheduler
from prescriptions.archive_check import Fault, Verification
from security import audit, seals
from security.models import AuditEntry
from security.verdict import NIGHT

log = logging.getLogger("clinic.prescriptions")
EVENT = "archive_verify"
SHOWN = 10
SOON, LATE = timedelta(hours=20), timedelta(hours=48)


def verify_nightly() -> None:
    """Called by the scheduler: at night, or by day on a machine that is off at night."""
    before = last()
    age = now() - before.timestamp if before else LATE
    if age >= LATE or (age > SOON and localtime().hour in NIGHT):
        run()


def run() -> AuditEntry:
    """Read every document once; what was found is kept."""
    verification = Verification(after_each=_let_others)
    counts, first = Counter(), []
    for fault in verification.faults():
        counts[fault.kind] += 1
        if len(first) < SHOWN:
            first.append([fault.kind, fault.number])
            log.error("archive of prescriptions: %s %s", fault.kind, fault.number)
    return audit.record(
        EVENT,
        outcome="failed" if counts else "ok",
        screen=EVENT,
        data={
            "documents": verification.documents,
            "faults": dict(sorted(counts.items())),
            "first": first,
        },
    )


def _let_others(documents: int) -> None:
    """A run over years of sheets takes minutes; neither the lease nor the log waits for it."""
    scheduler.still_here()
    if documents % 1000 == 0:
        seals.seal_new()


def last() -> AuditEntry | None:
    return AuditEntry.objects.filter(event=EVENT).order_by("-timestamp", "-pk").first()


def told_administrator() -> str | None:
    """What is wrong, by the number of the document: an administrator reads no patient's file."""
    found = last()
    data = (found.additional_data or {}) if found else {}
    count = sum(data.get("faults", {}).values())
    if not count:
        return None
    words = ngettext(
        "The archive of prescriptions is not as it was written, %(count)s fault was found. "
        "%(faults)s Please keep today's backup and find out who worked in the database.",
        "The archive of prescriptions is not as it was written, %(count)s faults were found. "
        "%(faults)s Please keep today's backup and find out who worked in the database.",
        count,
    )
    faults = "".join(str(Fault(kind, number)) for kind, number in data.get("first", []))
    return words % {"count": count, "faults": faults}
