"""A working day of several clinics on one machine, lived through HTTPS as their people do.

    python -m tests.benchmarks.clinic_day                    # 8 clinics, 1,200 visits, in 60 minutes
    python -m tests.benchmarks.clinic_day --find-limit       # and faster, until it is too slow
    python -m tests.benchmarks.clinic_day --clinics 1 --visits 30 --staff 8 --screens 2 --minutes 5

Practice clinics are installed by their own scripts and served side by side; each lives its day in a
process of its own (`manage.py simulate_day`), all at once, then proves that nothing was lost. Told
are the times of all requests together, what the programs took, and how busy the machine was with
others meanwhile. Exit status 0: every proof of every clinic holds. A benchmark, not a test: nothing
here is collected by pytest.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from clinic.day import report
from tests.benchmarks import side_by_side
from tests.browser import installation
from tests.browser.installation import CHECKOUT, Installation

HOURS = 10  # of a working day
LIMIT_MS = 500.0  # of the 95th percentile
FASTER = 1.5  # each trial of --find-limit takes so many times less than the one before
SHORTEST = 3.0  # minutes; below it the morning's rush is over before its people have signed in
# Who works in a clinic of so many people; the eighth is another one in each clinic.
CREW = ("frontdesk", "doctor", "pharmacist", "nurse", "doctor", "pharmacist", "doctor")
OFFICE = ("storekeeper", "admin", "auditor", "technician")
MORE = ("doctor", "pharmacist", "nurse", "frontdesk")
WORDS = {"frontdesk": "desks"}
ROLES = ("frontdesk", "nurse", "doctor", "pharmacist", "technician", "storekeeper", "cashier")
ROLES += ("admin", "auditor")
TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Share:
    """One clinic's part of the whole."""

    clinic: Installation
    visits: int
    screens: int
    staff: Counter
    seed: int
    result: dict = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.clinic.root.parent

    def file(self, kind: str) -> Path:
        return self.home / f"{self.clinic.root.name}.{kind}"

    def command(self, minutes: float, *more: str) -> list[str]:
        people = [
            f"--{WORDS.get(role, role + 's')}={self.staff[role]}"
            for role in ROLES
        ]  # fmt: skip
        return [
            *(sys.executable, "manage.py", "simulate_day", f"--url={self.clinic.url}"),
            *(f"--visits={self.visits}", f"--screens={self.screens}", f"--seed={self.seed}"),
            *(f"--minutes={minutes}", *people, *more),
        ]

    def run(self, minutes: float, *more: str) -> subprocess.Popen:
        with self.file("said").open("wb") as said:
            return subprocess.Popen(
                self.command(minutes, *more),
                env={**installation.environment(), "CLINIC_DATA_DIR": str(self.clinic.root)},
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )

    def live(self, minutes: float) -> subprocess.Popen:
        files = (f"--{kind}={self.file(kind)}" for kind in ("json", "requests", "journal"))
        return self.run(minutes, *files)

    def read(self) -> None:
        try:
            self.result = json.loads(self.file("json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            said = self.file("said").read_text(errors="replace")[-2000:]
            sys.exit(f"{self.clinic.root.name} did not live its day:\n{said}")


def shares(clinics: list[Installation], options) -> list[Share]:
    return [
        Share(
            clinic,
            visits=_part(options.visits, len(clinics), number),
            screens=_part(options.screens, len(clinics), number),
            staff=crew(_part(options.staff, len(clinics), number), number),
            seed=options.seed + number,
        )
        for number, clinic in enumerate(clinics)
    ]


def _part(whole: int, parts: int, number: int) -> int:
    """As even as whole numbers allow; the first ones get one more."""
    return whole // parts + (number < whole % parts)


def crew(count: int, number: int) -> Counter:
    office = OFFICE[number % len(OFFICE)]
    line = [*CREW, office, *(one for one in OFFICE if one != office), *MORE * count]
    return Counter(line[:count])


class Busy:
    """How many seconds of all processors were used by anybody."""

    def __init__(self):
        self.before, self.begun = self._used(), time.monotonic()

    def told(self) -> dict:
        seconds = time.monotonic() - self.begun
        whole = seconds * (os.cpu_count() or 1)
        used = self._used() - self.before
        return {"seconds": round(seconds), "used": round(used), "share": round(used / whole, 2)}

    @staticmethod
    def _used() -> float:
        fields = [int(one) for one in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
        return (sum(fields[:8]) - fields[3] - fields[4]) / TICK  # less idle and waiting for disks


def prepare(parts: list[Share], minutes: float) -> None:
    """Accounts, hours, files and shelves, before anybody is served."""
    for begin in range(0, len(parts), side_by_side.AT_ONCE):
        some = parts[begin : begin + side_by_side.AT_ONCE]
        running = [part.run(minutes, "--only-prepare") for part in some]
        for part, process in zip(some, running, strict=True):
            if process.wait():
                sys.exit(part.file("said").read_text(errors="replace")[-3000:])


def live(parts: list[Share], minutes: float) -> dict:
    """One day of all of them; what came of it."""
    with side_by_side.served([part.clinic for part in parts]):
        busy = Busy()
        days = [part.live(minutes) for part in parts]
        for day in days:
            day.wait()
        machine = busy.told()
    for part in parts:
        part.read()
    return together(parts, minutes, machine)


def together(parts: list[Share], minutes: float, machine: dict) -> dict:
    measures = [one for part in parts for one in report.load(part.file("requests"))]
    results = [part.result for part in parts]
    told = report.summary(
        measures,
        visits=sum(one["visits"] for one in results),
        seconds=max(one["seconds"] for one in results),
    )
    usages = [one["usage"] for one in results if one.get("usage")]
    if usages:
        report.with_usage(told, _added(usages))
        own = sum(told["usage"]["cpu_seconds"].values()) + told["usage"]["own_cpu_seconds"]
        machine["others"] = max(0, round(machine["used"] - own))
    told["minutes"], told["machine"] = minutes, machine
    told["compression"] = round(60 * HOURS / minutes, 1)
    told["clinics"] = {
        part.clinic.root.name: {
            "visits": part.result["visits"],
            "p95_ms": (part.result["pages_and_presses"] or {}).get("p95_ms"),
            "holds": part.result["holds"],
            "complaints": part.result["complaints"],
            "proofs": part.result["proofs"],
        }
        for part in parts
    }
    told["holds"] = all(one["holds"] for one in results)
    told["keeps"] = told["pages_and_presses"]["p95_ms"] < LIMIT_MS
    return told


def _added(usages: list[dict]) -> dict:
    def whole(name: str) -> dict:
        found: Counter = Counter()
        for one in usages:
            found.update(one[name])
        return {group: round(value, 1) for group, value in found.items()}

    named = ("cpu_seconds", "memory_mb_most", "memory_mb_end")
    own = round(sum(one["own_cpu_seconds"] for one in usages), 1)
    return {**{name: whole(name) for name in named}, "own_cpu_seconds": own}


def tell(told: dict) -> None:
    print(report.text(told))
    machine = told["machine"]
    print(f"processors: {machine['share']:.0%} used, {machine.get('others', '?')} s by others")
    for name, clinic in told["clinics"].items():
        proofs = clinic["proofs"]
        held = sum(not one["faults"] for one in proofs)
        print(
            f"{name}: {clinic['visits']} visits, 95 % within {clinic['p95_ms']} ms, {held} of "
            f"{len(proofs)} proofs hold, {len(clinic['complaints'])} complaints"
        )
        for line in report.proof_lines([one for one in proofs if one["faults"]]):
            print(f"    {line}")
        for complaint in clinic["complaints"][:10]:
            print(f"    WRONG: {complaint}")
    print(
        f"{told['minutes']:g} minutes ({told['compression']} times as fast as the clock): 95 % of "
        f"pages and presses within {told['pages_and_presses']['p95_ms']:.0f} ms, "
        f"{'kept' if told['keeps'] else 'NOT KEPT'} (limit {LIMIT_MS:.0f}); failed requests "
        f"{told['failed']}; {'everything holds' if told['holds'] else 'NOT EVERYTHING HOLDS'}",
        flush=True,
    )


def find_limit(parts: list[Share], minutes: float) -> list[dict]:
    """Ever faster days until one is too slow, then one between; each begins where the first did."""
    found: list[dict] = []

    def keeps(fast: float) -> bool:
        if found:
            side_by_side.back([part.clinic for part in parts])
        found.append(live(parts, fast))
        tell(found[-1])
        return found[-1]["keeps"] and found[-1]["holds"]

    good = 0.0
    while minutes >= SHORTEST and keeps(minutes):
        good, minutes = minutes, minutes / FASTER
    if good and minutes >= SHORTEST:
        between = (good * minutes) ** 0.5
        good = between if keeps(between) else good
    if good:
        print(f"the fastest day that keeps the limit: {good:.1f} minutes, {60 * HOURS / good:.0f}×")
    else:
        print("no day kept the limit")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--database", choices=["sqlite", "mariadb"], default="sqlite")
    add("--clinics", type=int, default=8)
    add("--visits", type=int, default=1200, help="of all clinics together; so are the next two")
    add("--staff", type=int, default=60)
    add("--screens", type=int, default=20)
    add("--minutes", type=float, default=60, help="in which the day of ten hours is lived")
    add("--seed", type=int, default=1)
    add("--find-limit", action="store_true", help="go on faster until the 95th percentile passes")
    add("--where", type=Path, help="folder on the disk that is to be measured; stays afterwards")
    add("--json", type=Path, help="all figures as a file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="clinic-day-") as passing:
        folder = options.where or Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        found = run(folder.resolve(), options)
    if options.json:
        text = json.dumps(found, ensure_ascii=False, indent=1)
        options.json.write_text(text, encoding="utf-8")
    return 0 if all(one["holds"] for one in found) else 1


def run(folder: Path, options) -> list[dict]:
    begun = time.monotonic()
    clinics = side_by_side.install_all(folder, options.clinics, options.database)
    parts = shares(clinics, options)
    prepare(parts, options.minutes)
    print(
        f"{len(parts)} practice clinics on {options.database} set up and prepared in "
        f"{time.monotonic() - begun:.0f} s: {options.visits} visits, {options.staff} staff, "
        f"{options.screens} screens",
        flush=True,
    )
    if options.find_limit:
        side_by_side.keep(clinics)
        return find_limit(parts, options.minutes)
    told = live(parts, options.minutes)
    tell(told)
    return [told]


if __name__ == "__main__":
    sys.exit(main())
