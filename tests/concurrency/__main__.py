"""All race suites many times in a row on one database: `python -m tests.concurrency 100`.

On SQLite, or on the server that DATABASE_URL names. What else is given goes to pytest (`-k`, `-n`).
Breaks off at the first failure. Not part of CI: a hundred turns take an hour or more. Exit status 0
when not one test failed in any turn.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.concurrency.again import TURNS

HERE = Path(__file__).parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("turns", type=int)
    parser.add_argument("--workers", type=int, default=2)
    options, others = parser.parse_known_args()
    began = time.monotonic()
    pytest = ["-m", "pytest", "-p", "tests.concurrency.again", "-p", "no:cacheprovider", "-qx"]
    status = subprocess.run(
        [sys.executable, *pytest, "-n", str(options.workers), str(HERE), *others],
        env={**os.environ, TURNS: str(options.turns)},
        cwd=HERE.parents[1],
        check=False,
    ).returncode
    where = os.environ.get("DATABASE_URL", "sqlite").partition(":")[0]
    print(f"{options.turns} turns on {where}: {time.monotonic() - began:.0f} s, status {status}")
    return status


if __name__ == "__main__":
    raise SystemExit(main())
