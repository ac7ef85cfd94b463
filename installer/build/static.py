"""What Django makes at build time, so that no installation has to: the static files, hashed and
compressed, and an empty database."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from installer.build import cache, empty, wheels
from installer.setup.errors import SetupError

VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"


def collect(app: Path) -> None:
    """Into `collected/` of the program in `app`, by the Python that runs this build: the files
    are the same for every system."""
    packages = wheels.download(wheels.LINUX, VERSION)
    site = cache.made(f"site-{packages.name}", lambda folder: _unpack(packages, folder))
    with tempfile.TemporaryDirectory() as scratch:
        environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "PYTHONPATH": str(site),
            "PYTHONDONTWRITEBYTECODE": "1",
            "CLINIC_SECRET_KEY": "of-this-build-only-" * 4,
            "CLINIC_DATA_DIR": scratch,
            "CLINIC_STATIC_ROOT": str(app / "collected"),
        }
        done = subprocess.run(
            [sys.executable, app / "manage.py", "collectstatic", "--noinput"],
            env=environment, cwd=app, capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise SetupError(f"The static files can't be collected ({last}).")
    empty.make(app, environment)


def _unpack(packages: Path, folder: Path) -> None:
    wheels.unpack(packages, folder)
