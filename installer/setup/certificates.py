"""Calls tls.py in the virtual environment, which has the cryptography package."""

import subprocess
from pathlib import Path

from installer.setup.errors import SetupError
from installer.setup.fronts import service_environment
from installer.setup.machine import served_names
from installer.setup.paths import DataDir, venv_python

TLS = Path(__file__).resolve().parent / "tls.py"


def ensure(data: DataDir) -> bool:
    """Authority and server certificate are there, cover this machine's names and last another
    month; True when a new certificate was made."""
    done = subprocess.run(
        [venv_python(), TLS, data.root, *served_names()],
        env=service_environment(data),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise SetupError(f"The certificate can't be made ({last}).")
    return done.stdout.strip() == "renewed"
