"""A database with all tables and nothing in them: making it takes an installation seconds."""

import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from installer.setup.errors import SetupError

NAME = "empty.sqlite3"
# What belongs to one installation: the mark of its keys, and when each table was made.
OWN = ("DELETE FROM security_keycheck", "UPDATE django_migrations SET applied = '2026-01-01'")


def make(app: Path, environment: dict[str, str]) -> None:
    """`empty.sqlite3` in the program's folder; set-up copies it into a new data directory."""
    with tempfile.TemporaryDirectory() as scratch:
        there = {**environment, "CLINIC_DATA_DIR": scratch, "PYTHONHASHSEED": "0"}
        for command in (["keyring", "init"], ["migrate", "--noinput"]):
            done = subprocess.run(
                [sys.executable, app / "manage.py", *command],
                env=there, cwd=app, capture_output=True, text=True, check=False,
            )  # fmt: skip
            if done.returncode:
                last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
                raise SetupError(f"The empty database can't be made ({last}).")
        made = Path(scratch, "db.sqlite3")
        with contextlib.closing(sqlite3.connect(made, isolation_level=None)) as database:
            for statement in OWN:
                database.execute(statement)
            database.execute("PRAGMA journal_mode = DELETE")
            (app / NAME).unlink(missing_ok=True)
            database.execute("VACUUM INTO ?", [os.fspath(app / NAME)])
    (app / NAME).chmod(0o644)
