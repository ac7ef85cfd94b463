"""Two clinics under a real systemd: started, apart, back after a crash and after a reboot."""

import json
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
    mounts = {
        "/opt/base": Path(sys.base_prefix),
        "/opt/packages": Path(sysconfig.get_path("purelib")),
    }
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
    said = {
        "version": version(),
        "commit": "",
        "platform": "linux",
        "runtime": "",
        "release": False,
    }
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


def answers(machine: Machine, name: str, port: int) -> bool:
    """Whether the clinic's own page comes, over a certificate of its own authority."""
    done = machine.run("curl", "-sS", "-m", "5", "--cacert", f"/var/lib/clinic/{name}/tls/ca.crt",
                       f"https://localhost:{port}/healthz")  # fmt: skip
    return done.returncode == 0


def wait_until(reached, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.5)


def test_both_clinics_run_with_accounts_of_their_own(machine):
    listed = json.loads(clinic(machine, "list", "--json"))

    seen = {one["name"]: (one["port"], one["running"], one["service"]) for one in listed}
    accounts = {
        machine.run("ps", "-o", "user:20=", "-p", main_process(machine, name), check=True).stdout
        for name, _ in (NORTH, SOUTH)
    }
    assert seen == {"north": (8443, True, True), "south": (443, True, True)}
    assert {account.strip() for account in accounts} == {"clinic-north", "clinic-south"}
    assert answers(machine, *NORTH)
    assert answers(machine, *SOUTH)


def test_nothing_of_one_clinic_can_be_read_by_the_account_of_another(machine):
    owned = machine.run(
        "find",
        "/var/lib/clinic/north",
        "/dev/shm",
        "-user",
        "clinic-north",
        check=True,  # noqa: S108
    )
    programs = machine.run("pgrep", "-u", "clinic-north", check=True).stdout.split()
    inside = ("environ", "mem", "maps", "cwd")
    paths = [*owned.stdout.split(), *(f"/proc/{pid}/{n}" for pid in programs for n in inside)]

    opened = machine.as_user("clinic-south", "sh", "-c", TRY, "sh", *paths)
    own = machine.as_user("clinic-north", "sh", "-c", TRY, "sh", "/var/lib/clinic/north/.env")

    assert len(programs) >= 3 and len(paths) > 50
    assert opened.stdout == "", "these were opened"
    assert own.stdout, "the trial opens what may be opened"


# Opens each file that it is given, and says which it could.
TRY = """
for one; do
    { head -c 1 "$one" || ls "$one/"; } >/dev/null 2>&1 && echo "$one"
done
true
"""


def test_a_killed_supervisor_is_started_again(machine):
    before = main_process(machine, "north")

    machine.run("kill", "-KILL", before, check=True)

    wait_until(lambda: main_process(machine, "north") not in (0, before), 30)
    wait_until(lambda: answers(machine, *NORTH), 90)


def test_a_stopped_clinic_stays_away_and_the_other_goes_on(machine):
    machine.run("systemctl", "stop", "clinic@north", check=True)
    time.sleep(7)  # longer than systemd waits before it starts a service again

    assert state(machine, "north") == "inactive"
    assert answers(machine, *SOUTH)
    assert machine.run("pgrep", "-u", "clinic-north").stdout == ""


def test_both_are_back_after_the_machine_lost_its_power(machine):
    machine.reboot()

    wait_until(lambda: answers(machine, *NORTH) and answers(machine, *SOUTH), 120)


def test_root_works_in_a_services_data_with_no_more_rights_than_the_service(machine):
    """Else whoever takes the service over waits for root with a link."""
    link = "/var/lib/clinic/north/logs/repair.log"
    machine.as_user("clinic-north", "sh", "-c", f"rm -f {link}; ln -s /etc/passwd {link}")
    before = machine.run("sha256sum", "/etc/passwd", check=True).stdout

    machine.run(HOME / "current" / "bin" / "clinic", "repair", "--instance", "north")
    machine.as_user("clinic-north", "rm", link)
    clinic(machine, "repair", "--instance", "north")
    clinic(machine, "manage", "--instance", "north", "backup")
    machine.run(HOME / "current" / "bin" / "clinic", "doctor", "--instance", "north")

    assert machine.run("sha256sum", "/etc/passwd", check=True).stdout == before
    roots = machine.run("find", "/var/lib/clinic/north", "!", "-user", "clinic-north", check=True)
    assert roots.stdout == "", "the service can't write these"
    assert answers(machine, *NORTH)


def test_kept_data_get_their_service_again_by_the_package(machine):
    clinic(machine, "uninstall", "--instance", "south")

    clinic(machine, "arrive", "--service", "--quiet", "--instance", "south")

    wait_until(lambda: answers(machine, *SOUTH), 60)
    assert state(machine, "south") == "active"
