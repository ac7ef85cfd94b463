"""What archiving the audit log costs: `python -m tests.benchmarks.archive 100000 1000000`.

For each size: a plain pass over the entries, verifying them, archiving the older half, verifying
what is left and the files. Ratios are times of the plain pass within one run; memory is the highest
the process ever had, so that a larger log shows whether it grows.
"""

import json
import resource
import sys
import time
import uuid
from datetime import timedelta
from itertools import islice
from pathlib import Path

from django.db import transaction

from tests.benchmarks.audit import _setup

A_SEAL = 200  # entries; a clinic's quiet minute has fewer, a busy one more
TIMES: list[float] = []


def memory() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def fill(count: int, days: int) -> None:
    """Entries and seals of those days; by SQL, because a million through the ORM takes an hour."""
    from django.db import connection
    from django.utils import timezone

    from security import entries, seals
    from security.models import AuditEntry

    moment = timezone.now() - timedelta(days=days)
    entry = AuditEntry(event="read", action=3, screen="patient_chart")
    entry.actor_name = "doctor 林海生"
    fields = [f for f in AuditEntry._meta.concrete_fields if f.attname != "id"]
    names, blanks = ", ".join(f.column for f in fields), ", ".join(["%s"] * len(fields))
    insert = f"INSERT INTO security_auditentry ({names}) VALUES ({blanks})"  # noqa: S608
    for at in range(0, count, 2000):
        rows = []
        for n in range(at, at + min(2000, count - at)):
            entry.uid, entry.timestamp = uuid.uuid4(), moment + timedelta(seconds=n)
            entry.additional_data = {"n": n}
            entries.complete(entry)
            if not rows:
                row = [f.get_db_prep_save(getattr(entry, f.attname), connection) for f in fields]
                where = {f.attname: i for i, f in enumerate(fields)}
            row[where["uid"]], row[where["payload"]] = entry.uid.hex, entry.payload
            row[where["mac"]] = entry.mac
            row[where["timestamp"]] = str(entry.timestamp.replace(tzinfo=None))
            row[where["additional_data"]] = json.dumps(entry.additional_data)
            rows.append(list(row))
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(insert, rows)
    seals.PIECE, seals.now = A_SEAL, lambda: moment + timedelta(days=20)
    seals._seal_after(seals.latest().last_id if seals.latest() else 0)
    seals.now = timezone.now


def plain_pass(most: int) -> None:
    """Entries through the ORM, a page at a time, and nothing done with them."""
    from clinic.core.paging import paged
    from security.models import AuditEntry

    for _entry in islice(paged(AuditEntry.objects.all(), "id", 500), most):
        pass


def verify(folder=None) -> None:
    from security.verify import Verification

    assert list(Verification(archive_folder=folder).faults()) == []


def archive() -> None:
    from security.audit_archive import make, remove

    piece = remove._remove_piece

    def timed(*args):
        began = time.monotonic()
        try:
            return piece(*args)
        finally:
            TIMES.append(time.monotonic() - began)

    remove._remove_piece = timed
    make.archive()
    remove._remove_piece = piece


def timed(work, *args) -> float:
    began = time.monotonic()
    work(*args)
    return time.monotonic() - began


def measure(size: int) -> dict:
    from security.audit_archive import places

    for model in _tables():
        model._base_manager.all()._raw_delete("default")
    made = timed(fill, size // 2, 1200) + timed(fill, size // 2, 100)
    told = {"rows": size, "filled_per_s": round(size / made), "memory_filled_mb": memory()}
    sample = min(size, 50_000)
    plain = timed(plain_pass, sample) * size / sample
    whole = timed(verify)
    plain = (plain + timed(plain_pass, sample) * size / sample) / 2  # before and after
    told |= {
        "plain_rows_per_s": round(size / plain),
        "verify_rows_per_s": round(size / whole),
        "verify_to_plain": round(whole / plain, 2),
        "memory_verified_mb": memory(),
    }
    print(json.dumps(told), flush=True)
    TIMES.clear()
    archived = timed(archive)
    removed = sum(TIMES)
    paths = sorted(places.own_folder().glob("*.clinicaudit"))
    told |= {
        "archive_rows_per_s": round(size / 2 / archived),
        "archive_to_plain": round(archived / (plain / 2), 2),
        "of_it_removing": round(removed / archived, 2),
        "longest_piece_ms": round(max(TIMES) * 1000),
        "memory_archived_mb": memory(),
        "files_mb": [round(path.stat().st_size / 1e6, 1) for path in paths],
    }
    files = timed(verify, places.own_folder())
    told |= {"verify_with_files_rows_per_s": round(size / files), "memory_mb": memory()}
    for path in paths:
        path.unlink()
    return told


def _tables():
    from security.models import AuditArchive, AuditEntry, AuditSeal, AuditSealed

    return AuditEntry, AuditSealed, AuditSeal, AuditArchive


def main() -> None:
    _setup()
    from django.conf import settings
    from django.db import connection

    from security.keyring_file import create_file

    create_file(Path(settings.CLINIC_KEYRING))
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        for size in map(int, sys.argv[1:] or ["20000"]):
            print(json.dumps(measure(size), indent=1), flush=True)
    finally:
        connection.creation.destroy_test_db(settings.DATABASES["default"]["NAME"], verbosity=0)


if __name__ == "__main__":
    main()
