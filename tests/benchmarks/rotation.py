"""What rotate_keys and verify_encryption cost: rows per second beside a plain UPDATE pass.

    python -m tests.benchmarks.rotation 20000 60000                        SQLite
    DATABASE_URL=mysql://… python -m tests.benchmarks.rotation 20000 60000  MariaDB

Each size runs in a process of its own; the plain pass rewrites one plain column of every row by
primary key, in transactions of 500, in the same process just before and after. Peak memory is the
process's own, so two sizes show whether it grows.
"""

import io
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

CHUNK = 500


def main(sizes):
    for size in sizes:
        subprocess.run([sys.executable, "-m", __spec__.name, "one", str(size)], check=True)


def one(size: int) -> None:
    from tests import environment  # settings of a throw-away installation

    os.environ.setdefault("DATABASE_URL", f"sqlite:///{environment.ROOT / 'bench.sqlite3'}")
    os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
    import django

    django.setup()
    from django.db import connection

    from security.keyring_file import create_file

    create_file(Path(os.environ["CLINIC_KEYRING"]))
    old = connection.settings_dict["NAME"]
    sqlite = connection.vendor == "sqlite"
    name = str(environment.ROOT / "bench-scratch.sqlite3") if sqlite else f"bench_{os.getpid()}"
    connection.settings_dict.setdefault("TEST", {}).update(MIGRATE=False, NAME=name)
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        measure(size)
    finally:
        connection.creation.destroy_test_db(old, verbosity=0)
        environment.pytest_unconfigure(None)


def measure(size: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    from security import key_state, keyring, rotation

    fill(size)
    key_state.note_fingerprints(keyring.ring(), "default")
    began_with = memory()
    before = plain_pass()
    rotation.add_keys(["data", "index"])
    time.sleep(rotation.GRACE_SECONDS)  # what waits for other processes is not the work
    began = time.perf_counter()
    rotation.rewrite(["data", "index"])
    rotated = time.perf_counter() - began
    began = time.perf_counter()
    call_command("verify_encryption", stdout=io.StringIO())
    verified = time.perf_counter() - began
    plain = (before + plain_pass()) / 2
    counts = key_state.counts("default")
    assert not counts.get(("data", 1)) and not counts.get(("index", 1)), counts  # noqa: PT018
    print(
        f"{connection.vendor} {size} rows: plain {size / plain:.0f} rows/s; rotate_keys "
        f"{size / rotated:.0f} rows/s, {rotated / plain:.2f} times plain; verify_encryption "
        f"{size / verified:.0f} rows/s, {verified / plain:.2f} times plain; peak memory "
        f"{memory():.0f} MB ({began_with:.0f} MB before)"
    )


def fill(size: int) -> None:
    from patients.models import Patient
    from tests.factories.patients import PatientFactory, somebody

    person = somebody()
    for start in range(0, size, CHUNK):
        some = PatientFactory.build_batch(min(CHUNK, size - start), created_by=person)
        Patient.objects.bulk_create(some)


def plain_pass() -> float:
    """Seconds to write one plain column of every patient."""
    from django.db import connection, transaction

    from patients.models import Patient

    began = time.perf_counter()
    last, pk = None, Patient._meta.pk
    rows = Patient._base_manager.order_by("pk")
    while True:
        page = rows if last is None else rows.filter(pk__gt=last)
        found = list(page.values_list("pk", "pinyin")[:CHUNK])
        with transaction.atomic(), connection.cursor() as cursor:
            for key, pinyin in found:
                cursor.execute(
                    "UPDATE patients_patient SET pinyin = %s WHERE id = %s",
                    [pinyin[::-1], pk.get_db_prep_value(key, connection)],
                )
        if len(found) < CHUNK:
            return time.perf_counter() - began
        last = found[-1][0]


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        one(int(sys.argv[2]))
    else:
        main([int(size) for size in sys.argv[1:]] or [20_000, 60_000])
