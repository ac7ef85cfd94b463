"""The clinic that is measured: made once in a folder, used again by later runs."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests.browser.installation import CHECKOUT, Installation, environment, log_tail
from tests.ports import free_port

PATIENTS = 10_000
READY = "benchmark-ready"  # says with how many patients


def ready(root: Path, *, database_url: str = "", patients: int = PATIENTS) -> Installation:
    """The clinic in `root`; installed and filled if nothing is there yet."""
    clinic = Installation(root, 0)
    mark = root / READY
    if not mark.exists():
        install(root, database_url)
        inside(clinic, "filling.fill", patients)
        mark.write_text(str(patients))
    return clinic


def copied(clinic: Installation, to: Path) -> Installation:
    """One that a run may change; a database on a server is changed where it is."""
    if not (clinic.root / "db.sqlite3").exists():
        return clinic
    shutil.copytree(clinic.root, to, ignore=shutil.ignore_patterns("*.sock", "*.pid"))
    return Installation(to, 0)


def install(root: Path, database_url: str) -> None:
    more = ["--database-url", "-"] if database_url else []
    done = subprocess.run(
        [
            *("./installer/install.sh", "--demo", "--no-start", "--port", str(free_port())),
            *("--data-dir", root, "--instance", f"benchmark-{root.name}", *more),
        ],
        env=environment(),
        cwd=CHECKOUT,
        input=database_url,
        capture_output=True,
        text=True,
        check=False,
    )
    told = f"{done.stdout}\n{done.stderr}\n{log_tail(root, 'install.log')}"
    assert done.returncode == 0, told


def inside(clinic: Installation, function: str, *arguments) -> dict:
    """What a function of tests.benchmarks answers that runs in the clinic itself."""
    module, name = function.split(".")
    code = f"""
import json
from security.audit import acting_as
from security.models import User
from tests.benchmarks.{module} import {name}
with acting_as(User.objects.get(username="frontdesk"), screen="benchmark"):
    print(json.dumps({name}(*{arguments!r})))
"""
    told = clinic.manage("manage.py", "shell", "--verbosity", "0", "-c", code)
    return json.loads(told.splitlines()[-1])


if __name__ == "__main__":
    ready(Path(sys.argv[1]))
