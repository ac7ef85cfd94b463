"""The table of a clinic's day: what each work takes, as times of a bare view in the same worker.

    python -m tests.benchmarks                                  SQLite
    python -m tests.benchmarks --database-url mysql://…         MySQL or MariaDB
    python -m tests.benchmarks --data DIR                       keeps the clinic for the next run

A clinic of 10,000 files is installed, filled and served by nginx and gunicorn as the installer
sets them up, over plain HTTP on a port of the benchmark's own. Everything takes turns in the same
run, so that whatever else the machine does meets the floor, too.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import dataset, weights
from tests.benchmarks.served import Served
from tests.benchmarks.works import Works

ROUNDS, WORKERS = 41, 2


@dataclass
class Row:
    work: str
    others: str
    most: str
    ours: str
    kept: bool | None  # None: nothing is promised
    computed: str = ""

    def __str__(self) -> str:
        verdict = {True: "yes", False: "NO", None: ""}[self.kept]
        cells = [self.work, self.others, self.most, self.ours, self.computed, verdict]
        return f"| {' | '.join(cells)} |"


def asked(program: str = "python -m tests.benchmarks") -> argparse.Namespace:
    words = argparse.ArgumentParser(prog=program)
    words.add_argument("--data", type=Path, help="folder of the clinic, made once")
    words.add_argument("--in-place", action="store_true", help="work in --data itself")
    words.add_argument("--database-url", default="", help="MySQL or MariaDB instead of SQLite")
    words.add_argument("--patients", type=int, default=dataset.PATIENTS)
    words.add_argument("--rounds", type=int, default=ROUNDS)
    words.add_argument("--straight", action="store_true", help="to gunicorn, without nginx")
    words.add_argument("--no-size", action="store_true", help="leave the installed size out")
    return words.parse_args()


def main() -> int:
    options = asked()
    with tempfile.TemporaryDirectory(prefix="clinic-figures-") as folder:
        root = options.data or Path(folder) / "clinic"
        clinic = dataset.ready(root, database_url=options.database_url, patients=options.patients)
        if options.data and not options.in_place:
            clinic = dataset.copied(clinic, Path(folder) / "copy")
        prepared = dataset.inside(clinic, "filling.prepare", options.rounds)
        with Served(clinic.root, workers=WORKERS, straight=options.straight) as served:
            works = Works(served, prepared)
            works.turns(options.rounds)
            first = weights.first_screen(served)
            memory = served.memory()
        size = None if options.no_size else weights.installed()
    rows = table(works.medians(), memory, size, first)
    print("| work | others, measured | promised | ours | of CPU alone | kept |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        print(row)
    return 0 if all(row.kept is not False for row in rows) else 1


def table(
    measured: dict[str, tuple[float, float]], memory: dict, size: float | None, first: float
) -> list[Row]:
    ms = {name: both[0] for name, both in measured.items()}
    cpu = {name: both[1] for name, both in measured.items()}
    floor, empty = ms["floor"], ms["empty"]

    def times(work: str, others: str, name: str, most: int | None) -> Row:
        ratio = ms[name] / floor
        told = f"{ratio:.1f} ({ms[name]:.1f} ms)"
        promise = f"at most {most}" if most else "-"
        beside = f"{cpu[name] / cpu['floor']:.1f} ({cpu[name]:.1f} ms)"
        return Row(work, others, promise, told, ratio <= most if most else None, beside)

    fifty, beside = ms["list"] / empty, f"{cpu['list'] / cpu['empty']:.1f}"
    rows = [
        Row(
            "a bare view, the floor",
            "-",
            "-",
            f"1 ({floor:.2f} ms)",
            None,
            f"1 ({cpu['floor']:.2f} ms)",
        ),
        times("our empty signed-in page", "-", "empty", 8),
        times("patient list, 50 rows", "257 (30 queries), 61", "list", 20),
        Row("the same, times our empty page", "-", "at most 4", f"{fifty:.1f}", fifty <= 4, beside),
        times("the desk with 50 patients of today", "-", "desk", None),
        times("search, whole page", "89, 72", "search", 15),
        times("one patient's chart, whole page", "43, 40 (data only)", "chart", 20),
        times("register a visit (the POST)", "47, 16 (no conflict check)", "register", 20),
        times("… and the page after it, the slip", "-", "register_page", None),
        times("… both together", "-", "register_both", None),
        times("dispense five drugs (the POST)", "-", "dispense", 40),
        times("… and the page after it, the window's list", "-", "dispense_page", None),
        times("… both together", "-", "dispense_both", None),
        Row(
            f"memory of the application (PSS), {WORKERS} workers",
            "291 MB, 436 MB",
            "at most 160 MB",
            f"{memory['application']:.0f} MB, nginx {memory['front']:.0f} MB more",
            sum(memory.values()) <= 160,
        ),
    ]
    if size is not None:
        rows.append(
            Row(
                "installed size without database",
                "258 MB, 507 MB",
                "at most 130 MB",
                f"{size:.0f} MB",
                size <= 130,
            )
        )
    told = f"{first:.1f} KB"
    sent = "first screen after sign-in, compressed, cold"
    rows.append(Row(sent, "631 KB, 1,907 KB", "at most 60 KB", told, first <= 60))
    return rows


if __name__ == "__main__":
    sys.exit(main())
