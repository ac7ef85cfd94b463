"""Two clinics under a real systemd: started, apart, back after a crash and after a reboot."""

import json
import os
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from installer.setup.paths import version
from tests.installer.systemd_machine import Machine
from tests.installer.tools import CHECKOUT

pytestmark = pytest.mark.installer
HOME = Path("/opt/clinic")
NORTH, SOUTH = ("north", 8443), ("south", 443)
# A Python with its library beside it, seen at another place than it was built for.
COMMAND = """#!/bin/sh
export LD_LIBRARY_PATH=/opt/base/lib
here=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
exec "$here/python/bin/python3" "$here/app/installer/setup" "$@"
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """A package's folders, as its installer leaves them, on a machine with two clinics."""
    folder = tmp_path_factory.mktemp("machine")
    mounts = {"/opt/base": Path(sys.base_prefix), "/opt/packages": Path(sysconfig.get_path("purelib"))}
    made = Machine(folder, mounts)
    unpack(folder / "written" / HOME.relative_to("/"))
    with made:
        for name, port in (NORTH, SOUTH):
            clinic(made, "install", "--service", "--instance", name, "--port", port)
        yield made


def unpack(home: Path) -> None:
    here = home / "versions" / version()
    (here / "app").mkdir(parents=True)
    for path in (home, *home.parents):
        if path.name == "written":
            break
        path.chmod(0o755)
    files = subprocess.run(
        ["git", "-C", CHECKOUT, "archive", "HEAD"], capture_output=True, check=True
    ).stdout
    subprocess.run(["tar", "-x", "-C", here / "app"], input=files, check=True)
    said = {"version": version(), "commit": "", "platform": "linux", "runtime": "", "release": False}
    (here / "package.json").write_text(json.dumps(said))
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = here / "python" / "lib" / python / "site-packages"
    packages.mkdir(parents=True)
    (packages / "all.pth").write_text("/opt/packages\n")
    (here / "python" / "pyvenv.cfg").write_text("home = /opt/base/bin\n")
    (here / "python" / "bin").mkdir()
    (here / "python" / "bin" / "python3").symlink_to(f"/opt/base/bin/{python}")
    (here / "bin").mkdir()
    (here / "bin" / "clinic").write_text(COMMAND)
    (here / "bin" / "clinic").chmod(0o755)
    (home / "current").symlink_to(f"versions/{version()}")


def clinic(machine: Machine, *arguments) -> str:
    return machine.run(HOME / "current" / "bin" / "clinic", *arguments, check=True).stdout


def main_process(machine: Machine, name: str) -> int:
    shown = machine.run("systemctl", "show", "-P", "MainPID", f"clinic@{name}", check=True)
    return int(shown.stdout)


def state(machine: Machine, name: str) -> str:
    return machine.run("systemctl", "is-active", f"clinic@{name}").stdout.strip()


def test_x(machine):
    print(clinic(machine, "list"))
    print(machine.run("systemctl", "status", "--no-pager", "clinic@north", "clinic@south").stdout)
    print(machine.run("systemctl", "cat", "clinic@south").stdout)
