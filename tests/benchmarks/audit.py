"""What the audit log costs: writers and pages with and without it, sealing, verifying, memory.

`python -m tests.benchmarks.audit` in the checkout; DATABASE_URL chooses the kind of database (the
test database of that name is made and dropped). Figures are ratios within one run: all writers
change together between both ways every half second, so that whatever else the machine does hits
both.
"""

import argparse
import json
import multiprocessing
import os
import sys
import time
import tracemalloc
from contextlib import nullcontext
from pathlib import Path
from statistics import median

WRITERS, SLICE, ROUNDS = 4, 0.5, 15
SIZES = (10_000, 40_000)
KINDS = ("least", "register", "correct", "call", "receive")
TARGET = 0.7


def _setup(name: str | None = None) -> None:
    import tests.environment  # noqa: F401 - a throw-away data directory and key ring

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    import django
    from django.conf import settings

    if name:
        settings.DATABASES["default"]["NAME"] = name
    django.setup()


def _write(name, keyring, kind, serial, rounds, alone, together, answers) -> None:
    """One writer: prepares alone, then works slice by slice at the same time as the others."""
    os.environ["CLINIC_KEYRING"] = keyring
    _setup(name)
    from django.conf import settings

    settings.CLINIC_KEYRING = keyring
    from tests.benchmarks import audit_units

    with alone:
        unit = audit_units.make(kind, serial)
        for way in (nullcontext, audit_units.no_audit):
            with way():
                unit()  # what is loaded on first use
    rates = []
    for number in range(rounds):
        pair = {}
        for with_audit in (True, False) if number % 2 else (False, True):
            with nullcontext() if with_audit else audit_units.no_audit():
                together.wait(timeout=120)
                pair[with_audit] = _rate(unit)
        rates.append((pair[True], pair[False]))
    answers.put(rates)


def _rate(unit) -> float:
    done, began = 0, time.monotonic()
    while time.monotonic() - began < SLICE:
        unit()
        done += 1
    return done / (time.monotonic() - began)


def writers(name: str, keyring: str, kind: str, first_serial: int, rounds: int) -> dict:
    """Units per second of all writers together; the ratio is the middle one of the rounds."""
    context = multiprocessing.get_context("spawn")
    answers, alone, together = context.Queue(), context.Lock(), context.Barrier(WRITERS)
    everybody = [
        context.Process(
            target=_write,
            args=(name, keyring, kind, first_serial + i, rounds, alone, together, answers),
        )
        for i in range(WRITERS)
    ]
    for one in everybody:
        one.start()
    told = [answers.get(timeout=600) for _writer in everybody]
    for one in everybody:
        one.join()
    in_rounds = zip(*told, strict=True)
    pairs = [tuple(map(sum, zip(*round_, strict=True))) for round_ in in_rounds]
    return {
        "with": round(median(with_audit for with_audit, _ in pairs)),
        "without": round(median(without for _, without in pairs)),
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


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--kinds", nargs="*", default=KINDS)
    parser.add_argument("--pages", type=int, default=41, help="rounds of page views; 0 for none")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    asked = parser.parse_args()
    _setup()
    from django.conf import settings
    from django.db import connection

    from security.keyring_file import create_file

    create_file(Path(settings.CLINIC_KEYRING))
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    from security.roles import sync_roles

    sync_roles()
    try:
        told = measure(str(connection.settings_dict["NAME"]), asked)
        print(json.dumps(told, indent=1))
    finally:
        connection.creation.destroy_test_db(settings.DATABASES["default"]["NAME"], verbosity=0)
    missed = [kind for kind in asked.kinds if kind != "least" and told[kind]["ratio"] < TARGET]
    return 1 if missed else 0


def measure(name: str, asked) -> dict:
    from django.conf import settings
    from django.db import connection

    from security import seals
    from security.models import AuditEntry
    from tests.benchmarks import audit_pages

    told = {"database": connection.vendor}
    for place, kind in enumerate(asked.kinds):
        first = place * WRITERS
        told[kind] = writers(name, settings.CLINIC_KEYRING, kind, first, asked.rounds)
        print(kind, told[kind], file=sys.stderr, flush=True)
    if asked.pages:
        told["pages"] = audit_pages.measure(asked.pages)
    for size in asked.sizes:
        fill(size - AuditEntry.objects.count())
        begun = time.monotonic()
        sealed = seals.seal_all()
        told[f"seal_{size}"] = round(sealed / (time.monotonic() - begun))
        told[f"verify_{size}"] = verify()
    return told


if __name__ == "__main__":
    sys.exit(main())
