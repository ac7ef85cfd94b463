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
SQLITE = "DATABASE_URL_LARGE" not in os.environ
AT_LEAST = 2.0  # ms by which something has to be slower before its ratio counts
# Tables that grow with the years.
GROWING = """patients_patient patients_namepart registration_registration registration_consultation
registration_diagnosis registration_session registration_call prescriptions_prescription
prescriptions_evaluation prescriptions_dispenseline pharmacy_stockmovement pharmacy_batch
pharmacy_reservation pharmacy_stockdocument pharmacy_stockwarning pharmacy_druguse core_opinion
security_audit""".split()


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

    def does(self, work: str) -> tuple[float, float, int]:
        print(work, file=self.process.stdin, flush=True)
        return tuple(self.hear())

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def compare(asked) -> int:
    """DATABASE_URL_SMALL and DATABASE_URL_LARGE name the databases where it is not SQLite."""
    pair = [
        Installation(folder, os.environ.get(name))
        for folder, name in (
            (asked.small, "DATABASE_URL_SMALL"),
            (asked.large, "DATABASE_URL_LARGE"),
        )
    ]
    print(f"{'until it answers':40}" + "".join(f"{1000 * one.seconds:10.0f}" for one in pair))
    print("milliseconds " + ("computed" if SQLITE else "on the wall"))
    print(f"{'work':40}{'small':>10}{'large':>10}{'waited':>8}{'computed':>10}{'queries':>14}")
    missed = False
    for work in pair[0].works:
        if asked.only in work and asked.but not in work:
            missed |= _told(work, pair, _rounds(work, asked.rounds))
    for one in pair:
        one.close()
    return int(missed)


def _rounds(work: str, rounds: int) -> int:
    if work.startswith("everything"):
        return 0
    return min(3, rounds) if work.startswith("by itself") else rounds


def _told(work: str, pair: list, rounds: int) -> bool:
    """One line. A loaded machine spoils the time on the wall, not what a process computed; with
    SQLite that is all the work, with a server's database the wall has to do."""
    waited, computed, counts = [], [], [set(), set()]
    for number in range(rounds + 1):
        both = [(0.0, 0.0), (0.0, 0.0)]
        for which in (0, 1) if number % 2 else (1, 0):
            *both[which], count = pair[which].does(work)
            counts[which].add(count)
        if number or not rounds:  # the first round only warms up
            waited.append([one[0] for one in both])
            computed.append([one[1] for one in both])
    shown = computed if SQLITE else waited
    small, large = (1000 * statistics.median(turn[n] for turn in shown) for n in (0, 1))
    ratios = [statistics.median(b / a for a, b in turns) for turns in (waited, computed)]
    said = "/".join(f"{min(some)}-{max(some)}" for some in counts)
    ratio = ratios[SQLITE]
    is_missed = bool(rounds) and ratio > TARGET and large - small > AT_LEAST
    mark = "  more than twice" if is_missed else ""
    print(
        f"{work:40}{small:10.1f}{large:10.1f}{ratios[0]:8.2f}{ratios[1]:10.2f}{said:>14}{mark}",
        flush=True,
    )
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
