"""What rotate_keys and verify_encryption cost: rows per second beside a plain UPDATE pass.

    python -m tests.benchmarks.rotation 20000 340000                        SQLite (1 million cells)
    DATABASE_URL=mysql://… python -m tests.benchmarks.rotation 20000 60000  MariaDB

Each size runs in a process of its own. The plain pass rewrites one plain column of every row by
primary key, in transactions of 500; it takes turns with the work that is measured, every half
second, so that whatever slows the machine down meets both. Peak memory is the process's own, so
two sizes show whether it grows.
"""

import itertools
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

CHUNK = 500
TURN = 0.5  # seconds


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
    from django.db import connection

    from security import key_state, keyring, rotation

    fill(size)
    key_state.note_fingerprints(keyring.ring(), "default")
    began_with = memory()
    plain = plain_pieces()
    rotation.add_keys(["data", "index"])
    time.sleep(rotation.GRACE_SECONDS)  # what waits for other processes is not the work
    rotated = Turns(rotating(), plain)
    left = rotation.rewrite(["data", "index"])  # the last look, which finds nothing more
    verified = Turns(verifying(), plain)
    counts = key_state.counts("default")
    assert not counts.get(("data", 1)) and not counts.get(("index", 1)), counts  # noqa: PT018
    assert (rotated.rows, left.rows) == (size, 0)
    print(
        f"{connection.vendor}, {size} rows, {sum(counts.values())} cells and indexes: "
        f"rotate_keys {rotated}; verify_encryption {verified}; "
        f"peak memory {memory():.0f} MB ({began_with:.0f} MB before)",
        flush=True,
    )


class Turns:
    """A piece of work and the plain pass by turns; `str` tells the rates and their ratio."""

    def __init__(self, work, plain):
        self.rows, self.seconds, self.ratios, self.plain_rates = 0, 0.0, [], []
        for first in work:
            rows, took = _for_a_while(itertools.chain([first], work))
            plain_rows, plain_took = _for_a_while(plain)
            self.rows, self.seconds = self.rows + rows, self.seconds + took
            if rows and took > TURN / 2:
                self.plain_rates.append(plain_rows / plain_took)
                self.ratios.append((plain_rows / plain_took) / (rows / took))

    def __str__(self):
        return (
            f"{self.rows / self.seconds:.0f} rows/s in {self.seconds:.0f} s, "
            f"{statistics.median(self.ratios):.2f} times plain "
            f"({statistics.median(self.plain_rates):.0f} rows/s, {len(self.ratios)} turns)"
        )


def _for_a_while(pieces) -> tuple[int, float]:
    """Rows done and seconds taken until a turn is over or the work is done."""
    rows, began = 0, time.perf_counter()
    for piece in pieces:
        rows += piece
        if time.perf_counter() - began > TURN:
            break
    return rows, time.perf_counter() - began


def rotating():
    """Rows that are done, piece by committed piece, as rotation.rewrite walks."""
    from security import places

    for place in places.all_places():
        for progress in place.rotate(("data", "index"), batch=CHUNK):
            assert not progress.faults
            yield progress.rows


def verifying():
    """Rows that were opened, a chunk at a time, as the command walks."""
    from security import places

    for place in places.all_places():
        rows = place.verify("default", batch=CHUNK)
        while some := list(itertools.islice(rows, CHUNK)):
            assert not any(faults for _count, faults in some)
            yield len(some)


def fill(size: int) -> None:
    """Patients who differ in what is encrypted; three sealed cells and three indexes each."""
    from patients.models import Patient
    from tests.factories.patients import PatientFactory, id_number, somebody

    usual = PatientFactory.build(created_by=somebody())
    fields = {f.attname: getattr(usual, f.attname) for f in Patient._meta.concrete_fields}
    for name in ("id", "id_number", "phone", "record_no", *_indexes(Patient)):
        fields.pop(name)
    for start in range(0, size, CHUNK):
        Patient.objects.bulk_create(
            Patient(
                record_no=f"P9{n:07d}",
                id_number=id_number(usual.birth_date, n % 400, area=320582 + n // 400),
                phone=f"138{n:08d}",
                **fields,
            )
            for n in range(start, min(size, start + CHUNK))
        )


def _indexes(model) -> list[str]:
    from security.fields import blind_indexes

    return [index.attname for index in blind_indexes(model)]


def plain_pieces():
    """Writes one plain column of every patient, over and over: rows done, chunk by chunk."""
    from django.db import connection, transaction

    from patients.models import Patient

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
        yield len(found)
        last = found[-1][0] if len(found) == CHUNK else None


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        one(int(sys.argv[2]))
    else:
        main([int(size) for size in sys.argv[1:]] or [20_000, 60_000])
