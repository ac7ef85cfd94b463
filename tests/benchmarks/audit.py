"""What the audit log costs: writers with and without it, sealing, verifying, memory.

`python -m tests.benchmarks.audit` in the checkout; DATABASE_URL chooses the kind of database (the
test database of that name is made and dropped). Figures are ratios within one run: both kinds of
writers take turns, so that whatever else the machine does hits both.
"""

import argparse
import itertools
import json
import multiprocessing
import os
import sys
import time
import tracemalloc
from pathlib import Path
from statistics import median

WRITERS, SECONDS, ROUNDS = 4, 2.0, 3
WORK = 0.002  # what a request does besides, as in the measurement that chose this design
SIZES = (10_000, 40_000)


def _setup(name: str | None = None) -> None:
    import tests.environment  # noqa: F401 - a throw-away data directory and key ring

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    import django
    from django.conf import settings

    if name:
        settings.DATABASES["default"]["NAME"] = name
    django.setup()


def _write(name: str, keyring: str, serial: int, kind: str, with_audit: bool, answers) -> None:
    os.environ["CLINIC_KEYRING"] = keyring
    _setup(name)
    from contextlib import nullcontext

    from auditlog.context import disable_auditlog
    from django.conf import settings

    settings.CLINIC_KEYRING = keyring
    work = {"insert": _insert, "file": _open_file}[kind]
    with nullcontext() if with_audit else disable_auditlog():
        work(serial * 100_000 + 99_999, with_audit)  # what is loaded on first use
        done, until = 0, time.monotonic() + SECONDS
        while time.monotonic() < until:
            work(serial * 100_000 + done, with_audit)
            done += 1
    answers.put(done / SECONDS)


def _insert(number: int, with_audit: bool) -> None:
    """The least that a writer can do, so the most that an entry can weigh."""
    from django.db import transaction

    from clinic.core.models import Job
    from security import audit

    with transaction.atomic():
        Job.objects.create(kind="bench", due_at="2026-01-01T00:00:00Z")
        if with_audit:
            audit.record("print", data={"copy": 1})
        time.sleep(WORK)


def _open_file(number: int, with_audit: bool) -> None:
    """A verb of the clinic as it is: a patient's file with its searches, number and entries."""
    from datetime import date, timedelta

    from patients.services import register
    from tests.factories.patients import id_number, name_number, somebody

    born = date(1930, 1, 1) + timedelta(days=number % 30_000)
    register(
        by=somebody(),
        name=name_number(number % 8000),
        sex="2",
        birth_date=born,
        id_type="01",
        id_number=id_number(born, number % 500, sex="2", area=320500 + number // 100_000),
        phone=f"138{number:08d}",
        payment="resident",
        notice_given=True,
        not_a_duplicate=True,
    )


_serials = itertools.count()


def writers(name: str, keyring: str, kind: str, with_audit: bool) -> float:
    """Transactions per second of all writers together."""
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    everybody = [
        context.Process(
            target=_write, args=(name, keyring, next(_serials), kind, with_audit, answers)
        )
        for _writer in range(WRITERS)
    ]
    for one in everybody:
        one.start()
    total = sum(answers.get(timeout=120) for _writer in everybody)
    for one in everybody:
        one.join()
    return total


def ratios(name: str, keyring: str, kind: str) -> dict:
    """With and without audit in turns; the ratio is the middle one."""
    pairs = []
    for _round in range(ROUNDS):
        without = writers(name, keyring, kind, False)
        pairs.append((writers(name, keyring, kind, True), without))
    return {
        "with_without": [[round(a), round(b)] for a, b in pairs],
        "ratio": round(median(a / b for a, b in pairs), 2),
    }


def fill(count: int) -> None:
    from django.utils import timezone

    from security import entries
    from security.models import AuditEntry

    batch = []
    for number in range(count):
        entry = AuditEntry(
            event="read", action=3, timestamp=timezone.now(), additional_data={"number": number}
        )
        entries.complete(entry)
        batch.append(entry)
        if len(batch) == 500:
            AuditEntry.objects.bulk_create(batch)
            batch = []
    AuditEntry.objects.bulk_create(batch)


def verify() -> dict:
    """Rows per second, then once more under tracemalloc for the peak."""
    from security.verify import Verification

    run = Verification()
    begun = time.monotonic()
    faults = sum(1 for _fault in run.faults())
    seconds = time.monotonic() - begun
    tracemalloc.start()
    faults += sum(1 for _fault in Verification().faults())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {
        "entries": run.entries,
        "rows_per_second": round(run.entries / seconds),
        "peak_mb": round(peak / 1e6, 2),
        "faults": faults,
    }


def main() -> None:
    global ROUNDS
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--kinds", nargs="*", default=["insert", "file"])
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    asked = parser.parse_args()
    ROUNDS = asked.rounds
    _setup()
    from django.conf import settings
    from django.db import connection

    from security import seals
    from security.keyring_file import create_file
    from security.models import AuditEntry

    create_file(Path(settings.CLINIC_KEYRING))
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    from tests.factories.patients import somebody

    somebody()
    try:
        name = str(connection.settings_dict["NAME"])
        told = {"database": connection.vendor}
        for kind in asked.kinds:
            told[kind] = ratios(name, settings.CLINIC_KEYRING, kind)
        for size in asked.sizes:
            fill(size - AuditEntry.objects.count())
            begun = time.monotonic()
            sealed = seals.seal_all()
            told[f"seal_{size}"] = round(sealed / (time.monotonic() - begun))
            told[f"verify_{size}"] = verify()
        print(json.dumps(told, indent=1))
    finally:
        connection.creation.destroy_test_db(settings.DATABASES["default"]["NAME"], verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
