"""A demo clinic: how fast it is made, for how long others wait, and a digest of what it says.

    python -m tests.benchmarks.demo 40 4                         SQLite
    DATABASE_URL=mysql://… python -m tests.benchmarks.demo       MariaDB
    python -m tests.benchmarks.demo 2000 60 --seed 7             the one of the issue

The digest is over what pages show of the past, decrypted, without keys and row numbers: two runs
with the same arguments print the same one.
"""

import argparse
import hashlib
import os
import sys
import time
from datetime import date

from tests.benchmarks.ground import scratch_database

TODAY = date(2026, 11, 29)


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("patients", type=int, nargs="?", default=40)
    words.add_argument("days", type=int, nargs="?", default=4)
    words.add_argument("--seed", type=int, default=7)
    asked = words.parse_args()
    os.environ["CLINIC_DEMO_PASSWORD"] = "demo-benchmark-2026"
    with scratch_database():
        from django.core.management import call_command

        call_command("load_reference_data", verbosity=0)
        held = _watch()
        begun, worked = time.monotonic(), time.process_time()
        call_command("demo_data", today=TODAY, **vars(asked))
        print(f"{time.monotonic() - begun:.0f} s in all, {time.process_time() - worked:.0f} of CPU")
        _tell("on the clock", sorted(clock for clock, _work in held))
        _tell("of work", sorted(work for _clock, work in held))
        for check in ("check_stock", "check_cash", "verify_archive", "seal_audit", "verify_audit"):
            call_command(check)
        print("digest", digest())
    return 0


def _watch() -> list[tuple[float, float]]:
    """For how long each transaction was open, from now on: on the clock, and of CPU.

    What else the machine does and the disk add to the first alone.
    """
    from django.db import connection, transaction

    held: list[tuple[float, float]] = []
    enter, leave = transaction.Atomic.__enter__, transaction.Atomic.__exit__

    def begin(self):
        outer = not connection.in_atomic_block
        enter(self)
        self.begun = (time.monotonic(), time.process_time()) if outer else None

    def end(self, *error):
        leave(self, *error)
        if self.begun is not None and not connection.in_atomic_block:
            clock, work = self.begun
            held.append((time.monotonic() - clock, time.process_time() - work))

    transaction.Atomic.__enter__, transaction.Atomic.__exit__ = begin, end
    return held


def _tell(what: str, held: list[float]) -> None:
    part = {name: 1000 * held[int(len(held) * at)] for name, at in (("half", 0.5), ("99 %", 0.99))}
    over = sum(one > 0.2 for one in held)
    print(
        f"{len(held)} transactions {what}, {part['half']:.0f} ms and less of a half, "
        f"{part['99 %']:.0f} of 99 %, the longest {held[-1] * 1000:.0f}; {over} over 200 ms"
    )


def digest() -> str:
    """Of everything before today, in an order that row numbers have no part in."""
    from django.utils import timezone

    from clinic.core.models import Opinion
    from pharmacy.models import StockMovement, TemperatureRecord
    from prescriptions.models import PaperPrescription, PrescriptionItem
    from registration.models import Consultation, Registration

    first = timezone.make_aware(timezone.datetime(TODAY.year, TODAY.month, TODAY.day))
    visits = Registration.objects.filter(day__lt=TODAY).select_related("patient")
    records = Consultation.objects.filter(started_at__lt=first).select_related("registration")
    items = PrescriptionItem.objects.filter(prescription__valid_until__lt=TODAY)
    moved = StockMovement.objects.filter(made_at__lt=first).select_related("batch")
    parts = [
        [
            (str(v), v.patient.name, v.patient.id_number, v.state, v.registered_at, v.finished_at)
            for v in visits
        ],
        [
            (
                str(r.registration),
                r.complaint,
                r.advice,
                r.vitals,
                [d.code for d in r.diagnoses.all()],
            )
            for r in records
        ],
        [
            (i.prescription.number, i.rank, i.drug_name, i.quantity, i.days, i.prescription.head)
            for i in items.select_related("prescription")
        ],
        [(m.batch.lot, m.kind, m.quantity, m.balance, m.reference) for m in moved],
        list(Opinion.objects.values_list("asked", "score", "day")),
        list(TemperatureRecord.objects.values_list("day", "slot", "celsius")),
        list(PaperPrescription.objects.values_list("day", "drugs", "codes")),
    ]
    whole = hashlib.sha256()
    for part in parts:
        for line in sorted(map(repr, part)):
            whole.update(line.encode())
    return whole.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
