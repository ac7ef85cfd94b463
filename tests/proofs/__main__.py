"""python -m tests.proofs DATA_DIR: markers, tampering, rotation, restore over what a day left."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.proofs import keys, tampering

CHECKOUT = Path(__file__).resolve().parents[2]
LOOK = "from tests.proofs import secrets; print(secrets.run({seed}))"


class Manage:
    """manage.py over one data directory, with nothing of this process's own settings."""

    def __init__(self, data: Path):
        self.data = data
        kept = {name: value for name, value in os.environ.items() if "CLINIC_" not in name}
        kept.pop("DATABASE_URL", None)
        self.environment = {**kept, "CLINIC_DATA_DIR": str(data)}

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=CHECKOUT, env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def ok(self, *arguments: str) -> subprocess.CompletedProcess:
        done = self(*arguments)
        assert not done.returncode, f"{arguments}: {done.stdout[-2000:]} {done.stderr[-2000:]}"
        return done


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="a data directory; it is copied, never changed")
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    if not (options.data / "db.sqlite3").is_file():
        parser.error(f"there is no db.sqlite3 in {options.data}")
    with tempfile.TemporaryDirectory(prefix="clinic-proofs-") as folder:
        data, other = Path(folder, "copy"), Path(folder, "other")
        shutil.copytree(options.data, data, ignore=shutil.ignore_patterns("run", "static"))
        manage = Manage(data)
        manage.ok("seal_audit")
        proofs: dict[str, Callable[[], object]] = {
            "no sealed value in the clear": lambda: manage.ok(
                "shell", "-v0", "-c", LOOK.format(seed=options.seed)
            ).stdout.strip(),
            "tampering is named": lambda: tampering.run(data, manage),
            "new keys": lambda: keys.rotate(manage),
            "no sealed value under new keys": lambda: manage.ok(
                "shell", "-v0", "-c", LOOK.format(seed=options.seed + 1)
            ).stdout.strip(),
            "restored elsewhere": lambda: keys.restore(manage, other, Manage(other)),
        }
        return max(_prove(name, proof) for name, proof in proofs.items())


def _prove(name: str, proof: Callable[[], object]) -> int:
    began = time.monotonic()
    try:
        told, status = proof(), 0
    except AssertionError as error:
        told, status = error, 1
    lines = [" ".join(line) for line in told] if isinstance(told, list) else [str(told)]
    print(f"{'FAILED' if status else 'ok':6} {name} ({time.monotonic() - began:.0f} s)")
    for line in lines:
        print(f"       {line}")
    return status


if __name__ == "__main__":
    raise SystemExit(main())
