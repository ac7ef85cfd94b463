"""An installation's data to another database: copied, proven, and only then switched.

Whatever breaks off before `.env` says otherwise leaves the old database untouched and in use.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.migrations.executor import MigrationExecutor

from clinic import settings as clinic_settings
from clinic.core.locks import try_lock
from clinic.databases import addresses, copying, rows, server, switching
from clinic.databases.errors import MoveError
from security import triggers
from security.backup import folders

NEW = "new"
SQLITE = "sqlite"
ROOM = 2  # times the size of the old database


@dataclass(frozen=True)
class Moved:
    """What a move did, for people."""

    tables: int
    rows: int
    seconds: dict[str, float]
    notes: list[str]
    kept: str


def move(*, url: str, tell: Callable[[str], object]) -> Moved:
    """Copy everything to `url`, prove it and switch `.env`."""
    data = folders.data_dir()
    url = target_url(url, data)
    switching.require_own(data / ".env")
    with closed(data), folders.locked():
        notes = open_target(url)
        require_known_source()
        require_room(url)
        times = Times()
        copying.prepare(NEW)
        times.note("tables made")
        found = copy_all(tell, times)
        notes += prove(url, found)
        times.note("checked")
        connections.close_all()
        kept = switching.switch(data, url, datetime.now(timezone.utc))
    total = sum(digest.rows for digest in found.values())
    return Moved(len(found), total, times.seconds, notes, kept)


class Times:
    """How long each part took."""

    def __init__(self):
        self.seconds: dict[str, float] = {}
        self._began = time.monotonic()

    def note(self, name: str) -> None:
        now = time.monotonic()
        self.seconds[name], self._began = now - self._began, now


def target_url(text: str, data: Path) -> str:
    """The URL in our spelling; `sqlite` is the file in the data directory."""
    if text == SQLITE:
        return f"sqlite:///{data / 'db.sqlite3'}"
    if text.startswith("mariadb://"):
        text = "mysql" + text.removeprefix("mariadb")
    known = (
        text.startswith("sqlite:////") or text.startswith("mysql://") and addresses.is_whole(text)
    )
    if not known or not text.rpartition("/")[2]:
        raise MoveError("url", addresses.without_password(text))
    return text


@contextlib.contextmanager
def closed(data: Path) -> Iterator[None]:
    """Nobody serves the clinic now, nor can anybody begin to; the system frees the lock."""
    folder = data / "run"
    folder.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(folder / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not try_lock(handle):
            raise MoveError("running", data)
        os.ftruncate(handle, 0)  # who served last is gone: nobody may take its number for ours
        yield
    finally:
        os.close(handle)


def open_target(url: str) -> list[str]:
    """The connection `new`; what the administrator should know of that server."""
    notes = []
    try:
        config = clinic_settings.database(url)
        if url.startswith("mysql:"):
            found = server.look(url)
            if found["faults"]:
                raise MoveError("not_fit", "\n".join(map(server.in_english, found["faults"])))
            notes = [server.in_english(note) for note in found["notes"]]
    except (ImportError, ImproperlyConfigured) as error:
        raise MoveError("driver", error) from None
    old = connections[DEFAULT_DB_ALIAS].settings_dict
    same = ("ENGINE", "NAME", "HOST", "PORT")
    if [str(config.get(name) or "") for name in same] == [str(old[name] or "") for name in same]:
        if config.get("OPTIONS", {}).get("unix_socket") == old["OPTIONS"].get("unix_socket"):
            raise MoveError("here")
    whole = connections.configure_settings({DEFAULT_DB_ALIAS: {}, NEW: config})
    connections.databases[NEW] = whole[NEW]
    return notes


def require_known_source() -> None:
    """All tables are ours and of this version: nothing would be left behind unseen."""
    connection = connections[DEFAULT_DB_ALIAS]
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise MoveError("old_version")
    beside = set(connection.introspection.table_names()) - set(rows.tables())
    strange = list(copying.filled(connection, beside))  # auditlog makes one that nobody fills
    if strange:
        raise MoveError("strange", ", ".join(sorted(strange)[:5]))


def require_room(url: str) -> None:
    """Asked of the folder the new database will lie in, where that is on this machine."""
    folder = place_of(url)
    if folder and shutil.disk_usage(folder).free < ROOM * source_size() + folders.SMALLEST_ROOM:
        raise MoveError("room", folder)


def place_of(url: str) -> Path | None:
    if url.startswith("sqlite:"):
        return Path(url.removeprefix("sqlite:///")).parent
    if not server.is_local(url):
        return None
    with connections[NEW].cursor() as cursor:
        cursor.execute("SELECT @@datadir")
        folder = Path(cursor.fetchone()[0])
    return next((place for place in (folder, *folder.parents) if os.access(place, os.X_OK)), None)


def source_size() -> int:
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor == "sqlite":
        return Path(connection.settings_dict["NAME"]).stat().st_size
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT SUM(data_length + index_length) FROM information_schema.tables "
            "WHERE table_schema = DATABASE()"
        )
        return int(cursor.fetchone()[0] or 0)


def copy_all(tell, times: Times) -> dict[str, rows.Digest]:
    """Rows, then triggers; the old database is held still meanwhile and only read."""
    with held_still(), copying.thrifty(NEW):
        found = copying.copy(DEFAULT_DB_ALIAS, NEW, lambda name, count: tell(f"{name}: {count}"))
        times.note("copied")
        compare(found)
    if not triggers.make(NEW):
        raise MoveError("triggers")
    times.note("read back and compared")
    return found


@contextlib.contextmanager
def held_still() -> Iterator[None]:
    """One moment of the old database: SQLite lets nobody else write, MySQL shows one snapshot
    while nobody else is connected."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor == "mysql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT COUNT(*) FROM information_schema.processlist "
                "WHERE db = DATABASE() AND id <> CONNECTION_ID()"
            )
            others = cursor.fetchone()[0]
            if others:
                raise MoveError("others", others)
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    with transaction.atomic():
        yield


def compare(found: dict[str, rows.Digest]) -> None:
    """Every table is read back; count and checksum have to be those of what was read first."""
    connection = connections[NEW]
    different = []
    for name, model in rows.tables().items():
        there = rows.digest_of(connection, model)
        if there.rows != found[name].rows:
            different.append(f"{name}: {there.rows}/{found[name].rows}")
        elif there != found[name]:
            different.append(f"{name}: sha256")
    if different:
        raise MoveError("differs", "; ".join(different[:3]))
    connection.check_constraints()


def prove(url: str, found: dict) -> list[str]:
    """The program looks at the new database as it will after the switch: in a process of its own.

    A fault that the old database has as well was there before; it is said and stops nothing.
    """
    connections[NEW].close()
    total = sum(digest.rows for digest in found.values())
    there = _look(url, f"{len(found)}:{total}")
    if not there:
        return []
    before = _look("", "")
    new = [line for line in there if line not in before]
    if new:
        raise MoveError("proof", "\n".join(new))
    _look(url, f"{len(found)}:{total}", "--agreed")
    return there


def _look(url: str, note: str, *more: str) -> list[str]:
    """manage.py migrate_database --prove on this database; the faults it names."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "clinic.settings"}
    environment["CLINIC_DATA_DIR"] = str(settings.DATA_DIR)
    environment["CLINIC_LANGUAGE"] = "en"
    if url:
        environment["DATABASE_URL"] = url
    done = subprocess.run(  # noqa: S603 # ourselves
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "migrate_database", "--prove", note]
        + list(more),
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise MoveError("proof", last)
    return done.stdout.splitlines()
