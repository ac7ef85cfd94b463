"""Whatever somebody does to the log of a day with the database's own tools is named.

Each way on a copy of the database file of its own; the triggers, which a thief of the file can
drop as well, are dropped first.
"""

import json
import shutil
import sqlite3
import subprocess
from pathlib import Path

VICTIMS = """CREATE TEMP TABLE victim AS SELECT MAX(entry_id) - 5 AS id, MAX(entry_id) AS last,
    MAX(seal_id) AS seal FROM security_auditsealed"""
# name -> statements, and the kinds of fault of which one must be named
WAYS = {
    "a changed entry": (
        ["UPDATE security_auditentry SET payload = '' WHERE id = (SELECT id FROM victim)"],
        {"changed", "column"},
    ),
    "a deleted entry": (
        ["DELETE FROM security_auditentry WHERE id = (SELECT id FROM victim)"],
        {"deleted"},
    ),
    "an inserted entry": (
        [
            """CREATE TEMP TABLE one AS SELECT * FROM security_auditentry
                WHERE id = (SELECT id FROM victim)""",
            """UPDATE one SET id = (SELECT MAX(id) + 1 FROM security_auditentry),
                uid = lower(hex(randomblob(16)))""",
            "INSERT INTO security_auditentry SELECT * FROM one",
        ],
        {"inserted"},
    ),
    "entries that changed places": (
        [
            "UPDATE security_auditentry SET id = -1 WHERE id = (SELECT id FROM victim)",
            """UPDATE security_auditentry SET id = (SELECT id FROM victim)
                WHERE id = (SELECT last FROM victim)""",
            "UPDATE security_auditentry SET id = (SELECT last FROM victim) WHERE id = -1",
        ],
        {"moved"},
    ),
    "a changed seal": (
        [
            """UPDATE security_auditseal SET last_id = last_id + 1
                WHERE seq = (SELECT seal FROM victim)"""
        ],
        {"seal_changed"},
    ),
    "a missing seal": (
        ["DELETE FROM security_auditseal WHERE seq = (SELECT seal - 1 FROM victim)"],
        {"seal_missing"},
    ),
    "an end that was cut off": (
        [
            """DELETE FROM security_auditentry WHERE id IN (SELECT entry_id
                FROM security_auditsealed WHERE seal_id = (SELECT seal FROM victim))""",
            "DELETE FROM security_auditsealed WHERE seal_id = (SELECT seal FROM victim)",
            "DELETE FROM security_auditseal WHERE seq = (SELECT seal FROM victim)",
        ],
        {"cut_off"},
    ),
}


def run(data: Path, manage) -> list[tuple[str, str]]:
    """(what was done, what verify_audit named); raises AssertionError when it named nothing."""
    database, kept = data / "db.sqlite3", data / "db.before"
    shutil.copy(database, kept)
    told = []
    for name, (statements, wanted) in WAYS.items():
        _tamper(database, statements)
        done: subprocess.CompletedProcess = manage("verify_audit", "--json")
        _put_back(database, kept)
        named = json.loads(done.stdout.splitlines()[0])["counts"]
        assert done.returncode == 1 and wanted & set(named), f"{name}: {done.stdout[:500]}"
        told.append(
            (f"{name}:", ", ".join(f"{kind} {count}" for kind, count in sorted(named.items())))
        )
    return told


def _tamper(database: Path, statements: list[str]) -> None:
    connection = sqlite3.connect(database)
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in names:
        connection.execute(f'DROP TRIGGER "{name}"')
    for statement in (VICTIMS, *statements):
        connection.execute(statement)
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _put_back(database: Path, kept: Path) -> None:
    for end in ("-wal", "-shm"):
        database.with_name(database.name + end).unlink(missing_ok=True)
    shutil.copy(kept, database)
