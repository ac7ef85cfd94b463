"""Is every signed record what was signed? Asked by itself once a week (R-148).

The result is an entry of the log; the administrator's first page tells of records that are not.
"""

import logging
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.db.models import Prefetch
from django.utils.timezone import localtime, now
from django.utils.translation import ngettext

from clinic.core import scheduler
from clinic.core.transactions import lock
from registration import versions
from registration.consultation import diagnoses_of
from registration.models import Consultation, Diagnosis
from security import audit, seals
from security.models import AuditEntry
from security.verdict import NIGHT

log = logging.getLogger("clinic.records")
EVENT = "records_verify"
BATCH = 50
SHOWN = 10
SOON, LATE = timedelta(days=6, hours=12), timedelta(days=8)


@dataclass
class Result:
    """How many records were read; day and number of the visits whose record is not genuine."""

    records: int = 0
    altered: list[str] = field(default_factory=list)


def verify_weekly() -> None:
    """Called by the scheduler: at night, or by day on a machine that is off at night."""
    before = last()
    age = now() - before.timestamp if before else LATE
    if age >= LATE or (age > SOON and localtime().hour in NIGHT):
        run()


def run() -> Result:
    """Read all records with their versions; what was found is kept."""
    result = Result()
    for records in _batches():
        for record in records:
            result.records += 1
            if not _is_genuine(record):
                result.altered.append(str(record.registration))
        scheduler.still_here()
        seals.seal_new()  # a run over many records takes minutes, and the log does not wait
    for visit in result.altered[:SHOWN]:
        log.error("the record of the visit %s is not what was signed", visit)
    audit.record(
        EVENT,
        outcome="failed" if result.altered else "ok",
        screen=EVENT,
        data={
            "records": result.records,
            "altered": len(result.altered),
            "first": result.altered[:SHOWN],
        },
    )
    return result


def last() -> AuditEntry | None:
    return AuditEntry.objects.filter(event=EVENT).order_by("-timestamp", "-pk").first()


def told_administrator() -> str | None:
    """Which visits, by day and number: an administrator reads no patient's file."""
    found = last()
    data = (found.additional_data or {}) if found else {}
    count = data.get("altered", 0)
    if not count:
        return None
    words = ngettext(
        "%(count)s signed record is not what was signed: somebody changed it in the database "
        "(%(visits)s). Please keep today's backup and find out who worked there.",
        "%(count)s signed records are not what was signed: somebody changed them in the database "
        "(%(visits)s). Please keep today's backup and find out who worked there.",
        count,
    )
    visits = ", ".join(data.get("first", []))
    return words % {"count": count, "visits": visits if count <= SHOWN else f"{visits} …"}


def _batches():
    """All records in the order of their keys, some at a time, with what is compared."""
    standing = Prefetch(
        "diagnoses", Diagnosis.objects.filter(removed_at__isnull=True), to_attr="standing"
    )
    found = Consultation.objects.select_related("registration").order_by("pk")
    found = found.prefetch_related("versions", standing)
    after = None
    while True:
        records = list((found.filter(pk__gt=after) if after else found)[:BATCH])
        if not records:
            return
        yield records
        after = records[-1].pk


def _is_genuine(record: Consultation) -> bool:
    """Looked at twice before anybody is alarmed: it may have been corrected while we read."""
    if versions.is_genuine(record, list(record.versions.all()), record.standing):
        return True
    with transaction.atomic():
        record = lock(Consultation.objects.filter(pk=record.pk)).get()
        return versions.is_genuine(record, list(record.versions.all()), diagnoses_of(record))
