"""Several practice clinics on one machine, each an installation of its own, served beside another.

They share nothing but the program: own data directory, keys, certificates, database and port, as
`installer/docs/instances.md` tells a district to run them.
"""

import concurrent.futures
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.browser import installation
from tests.browser.installation import CHECKOUT, Installation

COUNTED = "CLINIC_COUNT_QUERIES=True\n"
AT_ONCE = 2  # installations made side by side


def install(root: Path, database: str) -> Installation:
    """A practice clinic that tells how often it asks its database; not yet served."""
    clinic = Installation(root, installation.free_port())
    own = ("--database", database) if database == "mariadb" else ()
    done = subprocess.run(
        [
            *("./installer/install.sh", "--demo", "--no-start", "--quiet", *own),
            *("--instance", f"day-{os.getpid()}-{root.name}"[:24]),
            *("--data-dir", str(root), "--port", str(clinic.port)),
        ],
        env=installation.environment(),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{root} was not set up:\n{done.stdout}\n{done.stderr}")
    with (root / ".env").open("a", encoding="utf-8") as settings:
        settings.write(COUNTED)
    return clinic


def install_all(folder: Path, count: int, database: str) -> list[Installation]:
    roots = [folder / f"c{number}" for number in range(1, count + 1)]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda root: install(root, database), roots))


@contextlib.contextmanager
def served(clinics: list[Installation]) -> Iterator[None]:
    """All of them answer; at the end all are stopped, whatever happened."""
    try:
        for clinic in clinics:
            installation.serve(clinic)
        yield
    finally:
        for clinic in clinics:
            if clinic.root in installation.SERVED:
                installation.stop(clinic)


def keep(clinics: list[Installation]) -> None:
    """As they are now, for `back`; nobody may be serving them."""
    for clinic in clinics:
        shutil.copytree(clinic.root, _kept(clinic), symlinks=True, ignore=_sockets)


def back(clinics: list[Installation]) -> None:
    """As they were when they were kept: another day begins where the first one did."""
    for clinic in clinics:
        shutil.rmtree(clinic.root)
        shutil.copytree(_kept(clinic), clinic.root, symlinks=True)


def _kept(clinic: Installation) -> Path:
    return clinic.root.with_name(f"{clinic.root.name}.kept")


def _sockets(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if (Path(folder) / name).is_socket()}
