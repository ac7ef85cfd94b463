"""When a restore doesn't begin: the clinic is running, or somebody has the database open."""

import contextlib
import fcntl
import sqlite3


def database(installation) -> int:
    """Which file it is. Not its content: reading it here would let go of this process's locks."""
    return (installation.root / "db.sqlite3").stat().st_ino


def test_a_running_clinic_is_not_restored_under_its_feet(installation):
    installation.manage("backup")
    (installation.root / "run").mkdir()
    with (installation.root / "run" / "serve.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        said = installation.manage("restore", installation.backups[0], "--yes", status=1)

    assert "The clinic is running" in said


def test_a_database_that_somebody_has_open_is_not_exchanged(installation):
    installation.manage("backup")
    with contextlib.closing(sqlite3.connect(installation.root / "db.sqlite3")) as other:
        other.execute("SELECT COUNT(*) FROM security_user").fetchall()
        other.execute("BEGIN IMMEDIATE")
        before = database(installation)

        said = installation.manage("restore", installation.backups[0], "--yes", status=1)

        assert "is in use by another program" in said
        assert database(installation) == before
    assert not list(installation.root.glob("*.before-restore-*"))


def test_the_database_that_was_there_is_kept_beside(installation):
    installation.manage("backup")
    installation.code(
        "from security.models import User; User.objects.create_user('later', 'correct-horse-7')"
    )

    refused = installation.manage("restore", installation.backups[0], status=1)
    said = installation.manage("restore", installation.backups[0], "--yes")

    kept = next(installation.root.glob("db.sqlite3.before-restore-*"))
    assert "--yes" in refused
    assert str(kept) in said
    with contextlib.closing(sqlite3.connect(kept)) as old:
        assert old.execute("SELECT username FROM security_user").fetchall() == [("later",)]
    with contextlib.closing(sqlite3.connect(installation.root / "db.sqlite3")) as new:
        assert new.execute("SELECT COUNT(*) FROM security_user").fetchall() == [(0,)]
