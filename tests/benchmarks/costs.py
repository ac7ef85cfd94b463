"""What sessions, audit log, encryption, templates and queries take of each work.

    python -m tests.benchmarks.costs                    SQLite
    python -m tests.benchmarks.costs --data DIR --database-url mysql://…

Milliseconds of the worker's CPU, medians; measured inside the worker by meters that the benchmark
puts around those functions (tests/benchmarks/inside/meter.py). The meters themselves make a request
a little slower, so the ratios to the floor are those of `python -m tests.benchmarks` alone.
"""

import json
import statistics
import sys
import tempfile
from pathlib import Path

from tests.benchmarks import dataset
from tests.benchmarks.__main__ import asked
from tests.benchmarks.inside.meter import HEADER, REST
from tests.benchmarks.served import Served
from tests.benchmarks.works import Works

PARTS = ["sessions", "audit", "encryption", "templates", "queries", REST]


class Metered(Works):
    """Keeps what each answer says that it cost."""

    def __init__(self, served, prepared):
        self.costs: dict[str, list[dict]] = {}
        super().__init__(served, prepared)

    def note(self, name, answer):
        if name != "floor":
            self.costs.setdefault(name, []).append(json.loads(answer.headers[HEADER]))
        super().note(name, answer)

    def saved(self, name, visitor, posted):
        self.costs.setdefault(name, []).append(json.loads(posted.headers[HEADER]))
        super().saved(name, visitor, posted)


def main() -> int:
    options = asked("python -m tests.benchmarks.costs")
    with tempfile.TemporaryDirectory(prefix="clinic-costs-") as folder:
        root = options.data or Path(folder) / "clinic"
        clinic = dataset.ready(root, database_url=options.database_url, patients=options.patients)
        if options.data and not options.in_place:
            clinic = dataset.copied(clinic, Path(folder) / "copy")
        prepared = dataset.inside(clinic, "filling.prepare", options.rounds)
        with Served(clinic.root, workers=1, CLINIC_BENCHMARK_METER="1") as served:
            works = Metered(served, prepared)
            works.turns(options.rounds)
    print(f"| work | whole, ms | {' | '.join(PARTS)} | statements |")
    print("|---" * (len(PARTS) + 3) + "|")
    for name, told in works.costs.items():
        told = told[1:] or told  # the first loads what later ones find loaded
        parts = [statistics.median(one.get(part, 0) for one in told) for part in PARTS]
        whole = statistics.median(sum(one.get(part, 0) for part in PARTS) for one in told)
        shown = [f"{part:.1f} ({100 * part / whole:.0f} %)" for part in parts]
        count = statistics.median(one["asked"] for one in told)
        print(f"| {name} | {whole:.1f} | {' | '.join(shown)} | {count:.0f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
