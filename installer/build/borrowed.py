"""The build machine's own Python as a package's runtime: quick, for tests, not for release.

It asks for the build machine's glibc, and nobody keeps its libraries up to date once it was
copied; `runtime.py` builds the one that may be handed out.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from installer.build import elf
from installer.build.sbom import Part, Runtime
from installer.build.stamps import digest
from installer.setup.errors import SetupError

SKIPPED = shutil.ignore_patterns(
    "__pycache__", "test", "tests", "idlelib", "tkinter", "turtledemo", "ensurepip", "lib2to3",
    "pydoc_data", "config-*", "site-packages", "dist-packages", "sitecustomize.py",
    "_tkinter.*", "_test*.so", "_gdbm.*", "_curses*", "_dbm.*", "readline.*",
)  # fmt: skip
ASK = "import sys, sysconfig; print(sysconfig.get_path('stdlib'), '%d.%d' % sys.version_info[:2])"
WRAPPER = """#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
LD_LIBRARY_PATH=$here/../shared exec "$here/python{version}" "$@"
"""


def original() -> Path:
    """The system's Python where it will do, else the one that runs this build."""
    system = Path("/usr/bin/python3")
    usable = system.exists() and sys.version_info[:2] >= (3, 10)
    return (system if usable else Path(sys.executable)).resolve()


def version() -> str:
    return _asked()[1]


def _asked() -> list[str]:
    done = subprocess.run([original(), "-I", "-c", ASK], capture_output=True, text=True, check=True)
    return done.stdout.split()


def copy(dest: Path) -> Runtime:
    """Program, standard library and every shared library that isn't glibc's into `dest`."""
    library, short = _asked()
    (dest / "bin").mkdir(parents=True)
    shutil.copy(original(), dest / "bin" / f"python{short}")
    shutil.copytree(library, dest / "lib" / f"python{short}", ignore=SKIPPED)
    wrapper = dest / "bin" / "python3"
    wrapper.write_text(WRAPPER.format(version=short))
    wrapper.chmod(0o755)
    shared = _shared(dest)
    parts = [Part("CPython", short, "Python-2.0", digest(original()))]
    parts += [Part(path.name, "as found", "unknown", digest(path)) for path in shared]
    return Runtime(f"CPython {short} of the build machine", parts)


def _shared(dest: Path) -> list[Path]:
    """The libraries behind the program and its modules, copied beside them."""
    folder = dest / "shared"
    folder.mkdir()
    for path in [*(dest / "bin").glob("python3.*"), *dest.rglob("*.so")]:
        for name, found in _resolved(path):
            if name not in elf.SYSTEM and not (folder / name).exists():
                shutil.copy(found, folder / name)
    return sorted(folder.iterdir())


def _resolved(path: Path):
    said = subprocess.run(["ldd", path], capture_output=True, text=True, check=False).stdout
    for line in said.splitlines():
        name, arrow, rest = line.strip().partition(" => ")
        if arrow and rest.startswith("not found"):
            raise SetupError(f"{path.name} of this machine's Python needs {name}, which is gone.")
        if arrow and rest.startswith("/"):
            yield name, rest.split(" (")[0]
