"""What the tests need from the system, and how to get it on Debian."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from installer.setup import words
from installer.setup.errors import SetupError
from installer.setup.mariadb import find
from installer.setup.system import is_root

# What is looked for (a program, or a file by its path) and the Debian package that brings it.
PROGRAMS = {
    "mariadbd": "mariadb-server",
    "mariadb-install-db": "mariadb-server",
    "mariadb-admin": "mariadb-client",
    "chromium": "chromium",
    "nginx": "nginx-light",
    "pdftoppm": "poppler-utils",
    "msgfmt": "gettext",
    "gcc": "gcc",
    "bwrap": "bubblewrap",
    "pkg-config": "pkg-config",
    "certutil": "libnss3-tools",
    "/usr/include/mariadb/mysql.h": "libmariadb-dev",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc": "fonts-noto-cjk",
}
if sys.base_prefix == "/usr":  # the C driver is compiled against its headers
    PROGRAMS[f"{sysconfig.get_path('include')}/Python.h"] = "python3-dev"

# What `installer/prove-windows.sh` needs beside that: it builds the Windows package and tries it.
WINDOWS_PROOF = {
    "makensis": "nsis",
    "wine": "wine",
    "/usr/lib/wine/wine64": "wine64",
    "x86_64-w64-mingw32-gcc": "gcc-mingw-w64-x86-64",
}


def missing(programs: dict[str, str] = PROGRAMS) -> dict[str, str]:
    """What is not there, and the package that would bring it."""
    return {name: package for name, package in programs.items() if not _there(name)}


def _there(name: str) -> bool:
    return Path(name).exists() if name.startswith("/") else find(name) is not None


def ensure(programs: dict[str, str] = PROGRAMS) -> None:
    """Install what is missing where that is asked for and possible, else say what it is."""
    lacking = missing(programs)
    if lacking and os.environ.get("CLINIC_TEST_INSTALL") and is_root() and find("apt-get"):
        _install(sorted(set(lacking.values())))
        lacking = missing(programs)
    if lacking:
        raise SetupError(
            f"The tests need what is not installed here: {', '.join(lacking)}; on Debian: "
            f"apt-get install {' '.join(sorted(set(lacking.values())))}"
        )


def _install(packages: list[str]) -> None:
    words.say(f"Installing {' '.join(packages)} ...")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["update", "-q"],
        ["install", "-q", "-y", "--no-install-recommends", *packages],
    ):
        done = subprocess.run(
            [find("apt-get"), *command],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise SetupError(f"Debian's packages can't be installed: {last}")
