"""Calls tls.py in the virtual environment, which has the cryptography package."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from installer.setup import ownership
from installer.setup.errors import SetupError
from installer.setup.fronts import service_environment
from installer.setup.machine import served_names
from installer.setup.paths import PROGRAM, DataDir, interpreter

TLS = Path(__file__).resolve().parent / "tls.py"


def ensure(
    data: DataDir, *, check_lock: bool = False, passphrases: Callable[[], str] | None = None
) -> bool:
    """Authority and server certificate are there, cover this machine's names and last another
    month; True when a new certificate was made. With `check_lock` the authority's key is also
    locked anew when the key ring's data key was rotated (it costs a second). `passphrases` asks
    for them where an application is at hand that needs not be started."""
    ask = passphrases or (lambda: _passphrases(data))
    said = "locked" if check_lock else _tls(data, "")
    if said == "locked":
        said = _tls(data, ask())
    if said == "locked":
        raise SetupError(
            f"The key {data.tls / 'ca.key'} does not open with this key ring; put the right one "
            "back, or delete ca.key and ca.crt (every browser must then trust a new ca.crt)."
        )
    return said == "renewed"


def _tls(data: DataDir, passphrases: str) -> str:
    return _run(data, [TLS, data.tls, *served_names()], passphrases)


def _passphrases(data: DataDir) -> str:
    return _run(data, [PROGRAM / "manage.py", "authority_passphrases"], "")


def _run(data: DataDir, arguments: list, stdin: str) -> str:
    done = subprocess.run(
        [interpreter(), *arguments],
        env=service_environment(data),
        cwd=PROGRAM,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        **ownership.run_as_owner(data),
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise SetupError(f"The certificate can't be made ({last}).")
    return done.stdout.strip()
