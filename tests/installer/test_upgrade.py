"""What comes after installation: upgraded with data in it, and the way back whatever happens."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from installer.setup import control, going_back, versions
from installer.setup.paths import DataDir
from installer.setup.run import Log
from tests.installer.tools import (
    CHECKOUT,
    VENV,
    copy_installation,
    environment,
    get,
    one_sentence,
)

pytestmark = pytest.mark.installer

OLD, NEW, BAD, DEAD, LARGE = "0.9.0", "0.9.1", "0.9.2", "0.9.3", "0.9.4"
ORDINARY = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
MIGRATION = """\
from django.db import migrations
class Migration(migrations.Migration):
    atomic = False
    dependencies = [("patients", "{after}")]
    operations = [{operations}]
"""
NEWER = 'migrations.RunSQL("CREATE TABLE newer (id integer primary key)")'
BROKEN = 'migrations.RunSQL("CREATE TABLE half (id integer primary key)"), ' + (
    'migrations.RunSQL("INSERT INTO nowhere VALUES (1)")'
)
HUGE = (
    'migrations.RunSQL("CREATE TABLE huge (content blob)"), '
    'migrations.RunSQL("INSERT INTO huge VALUES (zeroblob(200000000))")'
)
PASSING = {"logs", "run", "backups"}


@dataclass
class Machine:
    """An ordinary person's account with versions of the clinic and a demo clinic in it."""

    root: Path
    port: int

    @property
    def home(self) -> Path:
        return self.root / ".local" / "lib" / "clinic"

    @property
    def data(self) -> Path:
        return self.root / ".local" / "share" / "clinic" / "clinic"

    def clinic(self, version: str, verb: str, *arguments: str, die: str = "", **env: str):
        """A verb of that version, or of that version dying at a point."""
        app = self.home / "versions" / version / "app"
        program = [str(app / "installer" / "setup")]
        if die:
            program = [str(CHECKOUT / "tests" / "installer" / "dying.py"), str(app), die]
        return subprocess.run(
            [*ORDINARY, f"{VENV}/bin/python", *program, verb, *arguments],
            env=environment(CLINIC_VENV=VENV, HOME=str(self.root), **env),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
        )  # fmt: skip

    def current(self) -> str:
        return (self.home / "current").resolve().name

    def contents(self) -> dict[str, str]:
        """Every file of the data directory that lasts; the clinic is stopped."""
        found = {}
        for path in sorted(self.data.rglob("*")):
            name = path.relative_to(self.data)
            if path.is_file() and name.parts[0] not in PASSING and not name.match("*.sqlite3-*"):
                found[str(name)] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def tables(self) -> set[str]:
        with sqlite3.connect(self.data / "db.sqlite3") as connection:
            found = connection.execute("SELECT name FROM sqlite_master").fetchall()
        connection.close()
        return {name for (name,) in found}


@pytest.fixture(scope="module")
def shelf(installed, tmp_path_factory) -> Path:
    """Version folders as packages unpack them; only their Python is the tests' own."""
    shelf = tmp_path_factory.mktemp("shelf")
    operations = {OLD: "", NEW: NEWER, BAD: BROKEN, DEAD: NEWER, LARGE: HUGE}
    for version, text in operations.items():
        folder = shelf / version
        ignored = shutil.ignore_patterns(".git", "tests", "__pycache__", ".venv")
        shutil.copytree(installed.checkout, folder / "app", ignore=ignored)
        shutil.copytree(installed.data / "static", folder / "app" / "collected")
        (folder / "app" / "clinic" / "VERSION").write_text(f"{version}\n")
        said = {"version": version, "commit": "0", "platform": "linux-x86_64", "runtime": "tests"}
        (folder / "package.json").write_text(json.dumps({**said, "release": False}))
        if text:
            last = MIGRATION.format(after="0001_initial", operations=text)
            (folder / "app" / "patients" / "migrations" / "0002_newer.py").write_text(last)
    with (shelf / DEAD / "app" / "clinic" / "wsgi.py").open("a") as stream:
        stream.write('\nraise RuntimeError("this version does not start")\n')
    return shelf


@pytest.fixture
def machine(installed, shelf, tmp_path):
    """The demo clinic, last served by the old version."""
    made = Machine(tmp_path, installed.port)
    made.home.mkdir(parents=True)
    shutil.copytree(shelf, made.home / "versions", copy_function=os.link)
    (made.home / "current").symlink_to(Path("versions") / OLD)
    made.data.parent.mkdir(parents=True)
    copy_installation(installed.data, made.data)
    program = made.home / "versions" / OLD / "app"
    versions.remember(DataDir(made.data), versions.Served(OLD, versions.schema(program)))
    going_back.fold_log_in(made.data / "db.sqlite3")
    yield made
    control.stop(DataDir(made.data))


def recover(machine: Machine) -> going_back.Journal | None:
    """What every start does first."""
    data = DataDir(machine.data)
    with going_back.alone(data):
        return going_back.recover(data, Log(data.logs / "upgrade.log"))


def test_a_newer_package_takes_over_with_the_data_and_the_last_version_stays(machine):
    assert machine.clinic(OLD, "start").returncode == 0
    before = machine.clinic(OLD, "manage", "verify_encryption").stdout

    done = machine.clinic(NEW, "arrive", "--quiet")

    assert done.returncode == 0, done.stderr
    assert "The clinic was closed for " in done.stdout
    assert get(machine.data, machine.port, "/login/")[0] == 200
    assert machine.clinic(NEW, "manage", "verify_encryption").stdout == before != ""
    assert "newer" in machine.tables()
    assert machine.current() == NEW
    assert sorted(versions.order(p.name) for p in machine.home.glob("versions/*")) == [
        versions.order(OLD), versions.order(NEW)
    ]  # fmt: skip
    assert list(machine.data.glob("backups/*safety*"))
    assert not (machine.data / going_back.KEPT).exists()
    assert (machine.root / ".local" / "bin" / "clinic").is_symlink()
    refused = machine.clinic(OLD, "arrive")
    assert one_sentence(refused)
    assert f"belong to version {NEW}, which is newer than this program ({OLD})" in refused.stderr


def test_a_migration_that_fails_leaves_the_old_version_with_its_data_byte_for_byte(machine):
    before = machine.contents()

    done = machine.clinic(BAD, "upgrade")

    assert one_sentence(done), done.stderr
    assert "The database can't be brought up to date. The data are back as they were" in done.stderr
    assert "数据库无法更新到当前版本。数据已恢复原样" in done.stderr
    assert machine.contents() == before
    assert machine.current() == OLD


def test_a_version_that_does_not_start_gives_way_to_the_one_that_served(machine):
    assert machine.clinic(OLD, "start").returncode == 0

    done = machine.clinic(DEAD, "upgrade")

    assert one_sentence(done), done.stderr
    assert f"and version {OLD} serves them again" in done.stderr
    assert get(machine.data, machine.port, "/healthz")[0] == 200
    assert versions.remembered(DataDir(machine.data)).version == OLD
    assert "newer" not in machine.tables()


@pytest.mark.parametrize(
    "point", ["begun", "backup", "copied", "changing", "migrated", "remembered", "starting"]
)
def test_an_upgrade_that_is_killed_is_undone_by_the_next_start(machine, point):
    before = machine.contents()

    killed = machine.clinic(NEW, "upgrade", die=point)
    undone = recover(machine)

    assert killed.returncode == -9
    assert undone.new == NEW
    assert machine.contents() == before
    assert recover(machine) is None


@pytest.mark.parametrize("point", ["half put back", "put back"])
def test_a_way_back_that_is_killed_is_gone_to_its_end(machine, point):
    before = machine.contents()

    killed = machine.clinic(BAD, "upgrade", die=point)
    served = machine.clinic(BAD, "start")

    assert killed.returncode == -9
    assert served.returncode == 0, served.stderr
    assert get(machine.data, machine.port, "/healthz")[0] == 200
    control.stop(DataDir(machine.data))
    going_back.fold_log_in(machine.data / "db.sqlite3")
    after = machine.contents()
    assert {k for k in before if after.get(k) != before[k]} <= {"db.sqlite3"}  # it was served
    assert versions.remembered(DataDir(machine.data)).version == OLD


def test_once_the_new_version_answers_nobody_goes_back(machine):
    """Killed between start and answer: the server itself makes it final."""
    killed = machine.clinic(NEW, "upgrade", die="started")
    data = DataDir(machine.data)

    answered = control.wait_for_answer(data, machine.port, lambda: True)
    undone = recover(machine)

    assert killed.returncode == -9
    assert answered
    assert undone is None
    assert versions.remembered(data).version == NEW
    assert machine.clinic(OLD, "status").returncode == 0


def test_an_older_program_leaves_newer_data_alone(machine):
    newer = versions.Served("1.2.0", versions.own().schema)
    versions.remember(DataDir(machine.data), newer)
    before = machine.contents()

    refused = [
        machine.clinic(OLD, *words)
        for words in (["serve"], ["install"], ["upgrade"], ["arrive"], ["repair"],
                      ["manage", "migrate"])
    ]  # fmt: skip

    for done in refused:
        assert one_sentence(done), done.stderr
        assert "belong to version 1.2.0, which is newer than this program (0.9.0)" in done.stderr
        assert "属于 1.2.0 版，比本程序（0.9.0）新" in done.stderr
    assert machine.contents() == before


def test_a_disk_that_gets_full_in_the_middle_is_no_loss(machine):
    """On a file system of its own that has room for all but what the new version writes."""
    size = sum(p.stat().st_size for p in machine.data.rglob("*") if p.is_file()) // 2**20
    database = (machine.data / "db.sqlite3").stat().st_size // 2**20
    held = f"{machine.data}.held"
    machine.data.rename(held)
    machine.data.mkdir()
    hashes = "find . -type f -not -path './logs/*' -not -path './run/*' -not -path './backups/*'"
    script = f"""
        mount -t tmpfs -o size={size + 4 * database + 80}m,mode=700 tmpfs "$1" && cp -a "$2/." "$1"
        cd "$1" && {hashes} | sort | xargs sha256sum > /tmp/before.$$
        shift 2; "$@"; status=$?
        rm -f db.sqlite3-shm db.sqlite3-wal
        {hashes} | sort | xargs sha256sum | diff /tmp/before.$$ - >&1 && echo EQUAL
        rm /tmp/before.$$; exit $status
    """
    app = machine.home / "versions" / LARGE / "app" / "installer" / "setup"

    done = subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-c", script, "sh", machine.data, held,
         f"{VENV}/bin/python", app, "upgrade", "--data-dir", machine.data],
        env=environment(CLINIC_VENV=VENV, HOME=str(machine.root)),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
    )  # fmt: skip

    assert one_sentence(done), done.stderr + done.stdout
    assert "The disk is full" in done.stderr
    assert "EQUAL" in done.stdout
