"""SQLite: a snapshot of the file while others write, and the way back.

The source connection holds one read transaction all along. SQLite then copies exactly that moment,
never starts again because of a writer, and never keeps one waiting (WAL).
"""

import contextlib
import os
import sqlite3
import tempfile
import time
from pathlib import Path

from security.backup.errors import BackupError

VENDOR = "sqlite"
MEMBER = "database.sqlite3"
PAGES = 512  # 2 MiB at a time
PAUSE = 0.002  # between them, so that the disk is free for the pages of the clinic
SCRATCH = "clinic-scratch-"


def _rows(connection, sql):
    return connection.execute(sql).fetchall()


class Snapshot:
    """One moment of the database: questions and copy see the same."""

    def __init__(self, connection, progress):
        self.path = Path(connection.settings_dict["NAME"])
        self.progress = progress
        self.tables: dict[str, dict] = {}

    def __enter__(self):
        uri = f"{self.path.absolute().as_uri()}?mode=ro"
        self._source = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=10)
        try:
            self._source.execute("BEGIN")
            names = self.query(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
            for (name,) in names:
                count = self.query(f'SELECT COUNT(*) FROM "{name}"')[0][0]  # noqa: S608  # nosec B608
                self.tables[name] = {"rows": count}
                self.progress()
        except sqlite3.Error as error:
            self._source.close()
            raise BackupError("database", error) from None
        return self

    def __exit__(self, *_error):
        self._source.close()

    def query(self, sql):
        return _rows(self._source, sql)

    def size(self) -> int:
        return self.path.stat().st_size

    def write_to(self, archive) -> None:
        """Copy into a nameless file beside the database, and from there into the archive."""
        with _nameless(self.path.parent) as (name, stream):
            self._copy(name)
            if os.name == "posix":  # Windows keeps the name of what is open
                os.unlink(name)
            stream.seek(0)
            archive.add(MEMBER, os.fstat(stream.fileno()).st_size, stream)

    def _copy(self, name):
        def after_pages(*_args):
            time.sleep(PAUSE)
            self.progress()

        try:
            with contextlib.closing(sqlite3.connect(name)) as target:
                # What is copied is thrown away when the machine stops: no journal, no waiting.
                target.execute("PRAGMA journal_mode=OFF")
                target.execute("PRAGMA synchronous=OFF")
                self._source.backup(target, pages=PAGES, progress=after_pages)
        except sqlite3.Error as error:
            if "full" in str(error):
                raise BackupError("disk_full", self.path.parent) from None
            raise BackupError("database", error) from None


@contextlib.contextmanager
def _nameless(folder):
    """(name, open file) that nobody else may read and that no later end of ours leaves behind."""
    remove_scratch(folder)
    handle, name = tempfile.mkstemp(prefix=SCRATCH, dir=folder)
    try:
        with open(handle, "rb") as stream:
            yield name, stream
    finally:
        _unlink(Path(name))


def _unlink(path: Path) -> None:
    for tail in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + tail).unlink(missing_ok=True)


def remove_scratch(folder: Path) -> None:
    """What a killed run left; the caller holds the lock."""
    for path in folder.glob(f"{SCRATCH}*"):
        path.unlink(missing_ok=True)


class Target:
    """A new file beside the database that a backup is unpacked into."""

    def __init__(self, connection, progress):
        self.live = Path(connection.settings_dict["NAME"])
        self.path = None
        self.progress = progress

    def __enter__(self):
        self.live.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        remove_scratch(self.live.parent)
        handle, name = tempfile.mkstemp(prefix=SCRATCH, dir=self.live.parent)
        os.close(handle)
        self.path = Path(name)
        return self

    def __exit__(self, *_error):
        _unlink(self.path)

    @property
    def name(self) -> str:
        return str(self.path)

    def take(self, member: str, stream) -> None:
        if member != MEMBER:
            raise BackupError("damaged", member)
        with self.path.open("wb") as out:
            while piece := stream.read(1024 * 1024):
                out.write(piece)
                self.progress()
            out.flush()
            os.fsync(out.fileno())

    def complete(self, manifest) -> None:
        """Nothing more to do: the file is the database."""

    def differences(self, manifest):
        """What is not as it was, as words; the file itself is already proven by its checksum."""
        with contextlib.closing(sqlite3.connect(self.path)) as database:
            try:
                if _rows(database, "PRAGMA quick_check(1)") != [("ok",)]:
                    yield "quick_check"
                if _rows(database, "PRAGMA foreign_key_check"):
                    yield "foreign_key_check"
                for name, known in manifest["tables"].items():
                    rows = _rows(database, f'SELECT COUNT(*) FROM "{name}"')[0][0]  # noqa: S608  # nosec B608
                    if rows != known["rows"]:
                        yield f"{name}: {rows}/{known['rows']}"
            except sqlite3.Error as error:
                yield str(error)

    def put_in_place(self, stamp: str) -> str:
        """Exchange the files in one step; the name under which the old one is kept."""
        kept = self.live.with_name(f"{self.live.name}.before-restore-{stamp}")
        if self.live.exists() and self.live.stat().st_size:
            self._fold_log_in()
            os.link(self.live, kept)
        else:
            kept = None
        self.path.chmod(0o600)
        os.replace(self.path, self.live)
        return str(kept or "")

    def _fold_log_in(self):
        """The old file's log must not be taken for the new one's."""
        try:
            with contextlib.closing(sqlite3.connect(self.live, timeout=2)) as old:
                old.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                old.execute("PRAGMA journal_mode=DELETE").fetchall()
        except sqlite3.DatabaseError as error:
            if "locked" in str(error):
                raise BackupError("in_use", self.live) from None
            # A damaged database is no reason to refuse what would mend it.
        for tail in ("-wal", "-shm"):
            log = self.live.with_name(self.live.name + tail)
            if log.exists():
                log.rename(log.with_name(f"{log.name}.before-restore-{os.getpid()}"))
