"""A machine with several versions of the clinic, as packages leave them."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path

from installer.setup import going_back, versions
from installer.setup.paths import DataDir
from tests.installer.tools import CHECKOUT, VENV, copy_installation, environment

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
    'migrations.RunSQL("DROP TABLE nowhere")'
)
HUGE = (
    'migrations.RunSQL("CREATE TABLE huge (content blob)"), '
    'migrations.RunSQL("INSERT INTO huge VALUES (zeroblob(200000000))")'
)
PASSING = {"logs", "run", "backups", "setup.json"}


@dataclass
class Machine:
    """An ordinary person's account with versions of the clinic and a demo clinic in it."""

    root: Path
    port: int
    shelf: Path

    @property
    def home(self) -> Path:
        return self.root / ".local" / "lib" / "clinic"

    @property
    def data(self) -> Path:
        return self.root / ".local" / "share" / "clinic" / "clinic"

    def clinic(self, version: str, verb: str, *arguments: str, die: str = "", **env: str):
        """A verb of that version, or of that version dying at a point."""
        app = self.unpack(version)
        program = [str(app / "installer" / "setup")]
        if die:
            program = [str(CHECKOUT / "tests" / "installer" / "dying.py"), str(app), die]
        return subprocess.run(
            [*ORDINARY, f"{VENV}/bin/python", *program, verb, *arguments],
            env=environment(CLINIC_VENV=VENV, HOME=str(self.root), **env),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
        )  # fmt: skip

    def unpack(self, version: str) -> Path:
        """That version's program, which comes from the shelf when a test first asks for it."""
        folder = self.home / "versions" / version
        if not folder.exists():
            shutil.copytree(self.shelf / version, folder, copy_function=os.link)
        return folder / "app"

    def current(self) -> str:
        return (self.home / "current").resolve().name

    def contents(self) -> dict[str, str]:
        return contents(self.data)

    def tables(self) -> set[str]:
        with sqlite3.connect(self.data / "db.sqlite3") as connection:
            found = connection.execute("SELECT name FROM sqlite_master").fetchall()
        connection.close()
        return {name for (name,) in found}


def fill_shelf(shelf: Path, checkout: Path, static: Path) -> None:
    """Version folders as packages unpack them; only their Python is the tests' own."""
    operations = {OLD: "", NEW: NEWER, BAD: BROKEN, DEAD: NEWER, LARGE: HUGE}
    for version, text in operations.items():
        folder = shelf / version
        ignored = shutil.ignore_patterns(".git", "tests", "instances", ".venv")
        shutil.copytree(checkout, folder / "app", ignore=ignored)
        shutil.copytree(static, folder / "app" / "collected")
        (folder / "app" / "clinic" / "VERSION").write_text(f"{version}\n")
        said = {"version": version, "commit": "0", "platform": "linux-x86_64", "runtime": "tests"}
        (folder / "package.json").write_text(json.dumps({**said, "release": False}))
        if text:
            last = MIGRATION.format(after="0001_initial", operations=text)
            (folder / "app" / "patients" / "migrations" / "0002_newer.py").write_text(last)
    with (shelf / DEAD / "app" / "clinic" / "wsgi.py").open("a") as stream:
        stream.write('\nraise RuntimeError("this version does not start")\n')


def make_machine(root: Path, shelf: Path, source: Path, port: int) -> Machine:
    """A clinic that was last served by the old version."""
    made = Machine(root, port, shelf)
    program = made.unpack(OLD)
    (made.home / "current").symlink_to(Path("versions") / OLD)
    made.data.parent.mkdir(parents=True)
    copy_installation(source, made.data)
    versions.remember(DataDir(made.data), versions.Served(OLD, versions.schema(program)))
    going_back.fold_log_in(made.data / "db.sqlite3")
    return made


def contents(data: Path) -> dict[str, str]:
    """Every file of a data directory that lasts; the clinic is stopped."""
    found = {}
    for path in sorted(data.rglob("*")):
        name = path.relative_to(data)
        if path.is_file() and name.parts[0] not in PASSING and not name.match("*.sqlite3-*"):
            found[str(name)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found
