"""Both installations in turns, each in a process of its own; or the plans of one's questions."""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

TARGET = 2.0
AT_LEAST = 2.0  # ms by which something has to be slower before its ratio counts
# Tables that grow with the years.
GROWING = """patients_patient patients_namepart registration_registration registration_consultation
registration_diagnosis registration_session registration_call prescriptions_prescription
prescriptions_evaluation prescriptions_dispenseline pharmacy_stockmovement pharmacy_batch
pharmacy_reservation pharmacy_stockdocument security_audit""".split()


class Installation:
    """A process that does a work when told and says what it cost."""

    def __init__(self, folder: Path, url: str | None):
        environ = dict(os.environ)
        if url:
            environ["DATABASE_URL"] = url
        began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.large", "work", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environ,
        )
        self.works = self.hear()
        self.seconds = time.monotonic() - began

    def hear(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("one of the two installations has stopped")
        return json.loads(line)

    def does(self, work: str) -> tuple[float, int]:
        print(work, file=self.process.stdin, flush=True)
        return tuple(self.hear())

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def compare(small: Path, large: Path, rounds: int, only: str) -> int:
    """DATABASE_URL_SMALL and DATABASE_URL_LARGE name the databases where it is not SQLite."""
    pair = [
        Installation(folder, os.environ.get(name))
        for folder, name in ((small, "DATABASE_URL_SMALL"), (large, "DATABASE_URL_LARGE"))
    ]
    print(f"{'until it answers':40}" + "".join(f"{1000 * one.seconds:10.0f}" for one in pair))
    print(f"{'work':40}{'small ms':>10}{'large ms':>10}{'ratio':>8}{'queries':>14}")
    missed = False
    for work in pair[0].works:
        if only in work:
            missed |= _told(work, pair, 1 if work.startswith("by itself") else rounds)
    for one in pair:
        one.close()
    return int(missed)


def _told(work: str, pair: list, rounds: int) -> bool:
    times, counts = [], [set(), set()]
    for number in range(rounds + 1):
        took = [0.0, 0.0]
        for which in (0, 1) if number % 2 else (1, 0):
            took[which], count = pair[which].does(work)
            counts[which].add(count)
        if number:  # the first round only warms up
            times.append(took)
    ratio = statistics.median(large / small for small, large in times)
    small, large = (1000 * statistics.median(both[n] for both in times) for n in (0, 1))
    said = "/".join(f"{min(some)}-{max(some)}" for some in counts)
    is_missed = ratio > TARGET and large - small > AT_LEAST
    mark = "  more than twice" if is_missed else ""
    print(f"{work:40}{small:10.1f}{large:10.1f}{ratio:8.2f}{said:>14}{mark}", flush=True)
    return is_missed


def listen() -> int:
    """One installation: does what stands on each line."""
    from tests.benchmarks.large.works import Works

    with contextlib.redirect_stdout(sys.stderr):
        works = Works()
    print(json.dumps(list(works.all)), flush=True)
    for line in sys.stdin:
        with contextlib.redirect_stdout(sys.stderr):
            told = works.measure(line.strip())
        print(json.dumps(told), flush=True)
    return 0


def plans() -> int:
    """Which queries of each page would read a whole table or index of the large ones."""
    from tests.benchmarks.large.works import Works
    from tests.patients.plans import whole_reads

    works = Works()
    for name, (ready, run) in works.all.items():
        given = ready() if ready else None
        for line in whole_reads((lambda: run(given)) if ready else run):  # noqa: B023 - run here
            if any(table in line.split(" in SELECT")[0] for table in GROWING):
                print(f"{name}: {line[:1500]}", flush=True)
    return 0
