"""One command per fault; it prints what it saw and exits with 1 when an invariant breaks.

Each sets up a practice clinic of its own, serves it, and lets people work in it.
"""

import argparse
import shutil
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from django.db import connections

from tests.faults import clocks, disks, setup
from tests.faults.served import Clinic

FAULTS = {  # what happens, and how often unless one says otherwise
    "disk_full": ("the disk is full for a while", 3),
    "read_only": ("the disk becomes read-only; needs root", 2),
    "database_gone": ("MariaDB does not answer for half a minute", 2),
    "hanging_worker": ("the process that answers is stopped", 2),
    "slow_clients": ("silent and slow connections", 2),
    "clock": ("the server's clock is set back and forward", 1),
    "restore": ("last backup onto a new data directory in the middle of a day", 1),
    "crowd": ("two hundred connections at once", 3),
}
OWN_DISK = ("disk_full", "read_only")
OTHER_TIMES = ("clock", "restore")
KILLED = ["any", "everything", "worker", "application", "front", "database"]


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--folder", type=Path, help="work here, and leave everything")
    parser.add_argument("--like", type=Path, help="copy this practice clinic instead of a new one")
    faults = parser.add_subparsers(dest="fault", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--database", choices=["sqlite", "mariadb"], default="sqlite")
    common.add_argument("--front", choices=["nginx", "granian"], default="nginx")
    common.add_argument("--seed", type=int, default=1)
    kills = faults.add_parser("kills", parents=[common], help="kill -9 at random moments")
    kills.add_argument("--times", type=int, default=100)
    kills.add_argument("--what", choices=KILLED, default="any")
    day = faults.add_parser("day", parents=[common], help="kill -9 during a simulated day")
    day.add_argument("--times", type=int, default=100)
    day.add_argument("--what", choices=KILLED, default="any")
    day.add_argument("--visits", type=int, default=300)
    day.add_argument("--minutes", type=float, default=40)
    for name, (words, times) in FAULTS.items():
        one = faults.add_parser(name.replace("_", "-"), parents=[common], help=words)
        one.add_argument("--times", type=int, default=times)
    chosen = parser.parse_args()
    chosen.fault = chosen.fault.replace("-", "_")
    return chosen


def main() -> int:
    chosen = options()
    if chosen.fault in OWN_DISK:
        disks.enter_namespace()
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="faults-"))
    folder.mkdir(parents=True, exist_ok=True)
    if chosen.folder is None:
        folder.chmod(0o755)  # MariaDB's own account has to get in
    began = time.monotonic()
    wrong = carry_out(chosen, folder)
    for words in wrong:
        print(f"WRONG: {words}")
    took = time.monotonic() - began
    print(f"{chosen.fault}: {'FAILED' if wrong else 'held'} after {took:.0f} s")
    if chosen.folder is None and not wrong:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"everything is in {folder}")
    return 1 if wrong else 0


def carry_out(chosen: argparse.Namespace, folder: Path) -> list[str]:
    """The clinic first: the faults' own modules look into its database by its settings."""
    clinic = Clinic(folder / "data", database=chosen.database, front=chosen.front)
    if chosen.fault == "disk_full":
        clinic.disk = disks.Memory(clinic.data)
    if chosen.fault == "read_only":
        clinic.disk = disks.Failing(clinic.data, folder / "disk.img")
    if chosen.fault in OTHER_TIMES:
        clinic.clock = clocks.Clock(folder)
        clinic.env = clinic.clock.environment
    if chosen.fault == "database_gone":
        clinic.database = "mariadb"
    clinic.install(like=chosen.like)
    setup.of(clinic.data)
    fault = import_module(f"tests.faults.{chosen.fault}")
    try:
        clinic.serve()
        return fault.run(clinic, chosen, folder)
    finally:
        clinic.stop()
        if clinic.disk:
            connections.close_all()
            clinic.disk.leave()


if __name__ == "__main__":
    sys.exit(main())
