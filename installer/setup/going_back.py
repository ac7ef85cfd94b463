"""The way back from an upgrade: what is kept before anything changes, and how it is put back.

`upgrade.json` in the data directory says how far an upgrade came, `before-upgrade/` holds what it
may change. Whoever finds an upgrade that nobody is working on goes back: the data are then, byte
for byte, those from before. Putting back renames what was kept and writes nothing new, so that it
works on a full disk and may be broken off at any moment and begun again.
"""

import contextlib
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from installer.setup import control, envfile, mariadb_private, ownership, versions, words
from installer.setup.database_place import on_server, sqlite_file
from installer.setup.errors import SetupError
from installer.setup.fronts import service_environment
from installer.setup.leftovers import end_leftovers
from installer.setup.paths import PROGRAM, DataDir, interpreter
from installer.setup.run import Log, must_run
from installer.setup.system import WINDOWS, remove_tree, take_lock

NOTE = "upgrade.json"
KEPT = "before-upgrade"
CHECKPOINTS, STATIC = "audit-checkpoints", "static"
FILES = (".env", versions.NOTE)

BEGUN = "begun"  # nothing was changed yet
CHANGING = "changing"  # everything is kept, from here on data may be new
STARTING = "starting"  # all is changed; the first answer makes it final


@dataclass(frozen=True)
class Journal:
    """How far an upgrade came."""

    old: str  # versions
    new: str
    state: str
    was_running: bool
    port: int
    had_note: bool
    backup: str = ""

    def note(self, data: DataDir, **changes) -> "Journal":
        """Written in one piece, and on the disk before anything else happens."""
        changed = replace(self, **changes)
        text = json.dumps(asdict(changed), indent=1)
        # Root may have written it, and the service's own account has to read it.
        envfile.replace_file(data.root / NOTE, text.encode(), mode=0o644)
        sync_folder(data.root)
        return changed


def journal(data: DataDir) -> Journal | None:
    """None when no upgrade is under way; half a note can't be (it is written in one piece)."""
    try:
        return Journal(**json.loads((data.root / NOTE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def keep_program_files(data: DataDir) -> None:
    """What never changes while the clinic runs is kept before it is stopped."""
    remove_tree(data.root / KEPT)
    (data.root / KEPT).mkdir(mode=0o700)
    _copy_folder(data, STATIC)


def keep_data(data: DataDir) -> None:
    """Copies of all else that an upgrade may change; the clinic is stopped."""
    kept = data.root / KEPT
    if not on_server(data):
        fold_log_in(sqlite_file(data))
        _copy(sqlite_file(data), kept / "database")
    for name in FILES:
        if (data.root / name).exists():
            _copy(data.root / name, kept / name)
    _copy_folder(data, CHECKPOINTS)
    sync_folder(kept)
    ownership.hand_over(data)


def _copy_folder(data: DataDir, name: str) -> None:
    source, target = data.root / name, data.root / KEPT / name
    target.mkdir(mode=0o700)
    for path in sorted(source.rglob("*")):
        if path.is_dir():
            (target / path.relative_to(source)).mkdir(mode=0o700)
        else:
            _copy(path, target / path.relative_to(source))


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    with target.open("rb+") as stream:  # before it may become read-only
        os.fsync(stream.fileno())
    shutil.copystat(source, target)


def fold_log_in(database: Path) -> None:
    """The file alone is then the database: its log is empty."""
    with contextlib.closing(sqlite3.connect(database, timeout=10)) as connection:
        (busy, *_rest) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise SetupError(f"{database} is used by another program; end that and try again.")


def put_back(data: DataDir, found: Journal, log: Log) -> None:
    """Data as before the upgrade. Each step may have been done already by a run that was killed."""
    kept = data.root / KEPT
    if on_server(data):
        with mariadb_private.awake(data):
            must_run(
                [interpreter(), PROGRAM / "manage.py", "restore", found.backup, "--undo-upgrade"],
                failure="The database can't be put back.",
                log=log,
                env=service_environment(data),
                cwd=PROGRAM,
                **ownership.run_as_owner(data),
            )
    elif (kept / "database").exists():
        live = sqlite_file(data)
        for tail in ("-wal", "-shm", "-journal"):  # a log of the newer file fits no older one
            live.with_name(live.name + tail).unlink(missing_ok=True)
        (kept / "database").replace(live)
    for name in (CHECKPOINTS, STATIC):
        if (kept / name).exists():
            remove_tree(data.root / name)  # Windows removes no read-only file by itself
            (kept / name).replace(data.root / name)
    if not found.had_note:
        (data.root / versions.NOTE).unlink(missing_ok=True)
    for name in FILES:
        if (kept / name).exists():
            (kept / name).replace(data.root / name)
    ownership.hand_over(data)


def forget(data: DataDir) -> None:
    """The upgrade is over, in one way or the other."""
    (data.root / NOTE).unlink(missing_ok=True)
    sync_folder(data.root)
    remove_tree(data.root / KEPT)


def make_final(data: DataDir) -> None:
    """Called when the new version answers: from now on there is no way back."""
    found = journal(data)
    if found and found.state == STARTING and found.new == versions.own().version:
        forget(data)


class AtWork(SetupError):
    """Somebody holds the installation's lock."""


@contextlib.contextmanager
def alone(data: DataDir) -> Iterator[None]:
    """One set-up, upgrade or way back at a time, with no more rights than it needs."""
    ownership.hand_over(data)
    with ownership.as_owner(data), _locked(data):
        yield


@contextlib.contextmanager
def _locked(data: DataDir) -> Iterator[None]:
    lock = os.open(data.run / "install.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not take_lock(lock):
            raise AtWork(f"Another set-up is at work in {data.root}; wait for it.")
        yield
    finally:
        os.close(lock)


def recover(data: DataDir, log: Log) -> Journal | None:
    """Go back from an upgrade that nobody is working on; what it was. The caller holds the
    installation's lock."""
    found = journal(data)
    if found is None:
        remove_tree(data.root / KEPT)
        return None
    if control.running(data):
        if found.state == STARTING and _becomes_final(data):
            return None
        if found.state != BEGUN:
            control.stop(data)
    if found.state != BEGUN:
        end_leftovers(data)
        put_back(data, found, log)
    forget(data)
    return found


def settle(data: DataDir) -> None:
    """Before anything is started: an upgrade that was broken off is undone, and a person told."""
    found = journal(data)
    if found is None:
        return
    try:
        with alone(data):
            tell(recover(data, Log(data.logs / "upgrade.log")))
    except AtWork:
        if found.state != STARTING:  # else it is the upgrade that starts us
            raise


def tell(undone: Journal | None) -> None:
    if undone:
        words.say(
            f"The upgrade to version {undone.new} had been broken off; the data are back as "
            f"they were, with version {undone.old}."
        )


def _becomes_final(data: DataDir) -> bool:
    """The new version was started and nobody waited for its answer."""
    deadline = time.monotonic() + control.START_SECONDS
    while time.monotonic() < deadline and control.running(data):
        if journal(data) is None:
            return True
        time.sleep(0.2)
    return journal(data) is None


def sync_folder(folder: Path) -> None:
    """A renamed or removed name is on the disk (Windows does that by itself)."""
    if WINDOWS:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
