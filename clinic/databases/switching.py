"""`.env` names the new database from one moment to the next; the old one is kept beside."""

import contextlib
import os
import sqlite3
from datetime import datetime
from pathlib import Path

from clinic.core import parts
from clinic.databases.errors import MoveError

NAME = "DATABASE_URL"
BEFORE = "CLINIC_DATABASE_BEFORE"
HEADER = "# Settings of this installation, read by clinic/settings.py. Keep this file private.\n"


def require_own(path: Path) -> None:
    """What is written into `.env` counts only where the environment says nothing else."""
    told = os.environ.get(NAME, "")
    if told and told != read(path).get(NAME):
        raise MoveError("elsewhere", path)


def read(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    pairs = (line.removeprefix("export ").partition("=") for line in lines if "=" in line)
    return {name.strip(): value.strip().strip("'\"") for name, _sign, value in pairs}


def switch(data: Path, url: str, moment: datetime) -> str:
    """From now on the clinic works with `url`; where the old database is to be found."""
    old = read(data / ".env").get(NAME, "")
    usual = data / "db.sqlite3"
    kept = usual.with_name(f"{usual.name}.before-move-{moment:%Y%m%dT%H%M%SZ}")
    if not old:  # the file stays under a name of its own: the usual one is free for a way back
        _fold_log_in(usual)
        os.link(usual, kept)
        old = f"sqlite:///{kept}"
    changes = {NAME: "" if url == f"sqlite:///{usual}" else url, BEFORE: old}
    _write(data / ".env", changes)
    if kept.exists():
        usual.unlink()
    return old


def _fold_log_in(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path, timeout=2)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        database.execute("PRAGMA journal_mode=DELETE").fetchall()


def _write(path: Path, changes: dict[str, str]) -> None:
    """In one piece; a name without a value goes."""
    text = path.read_text(encoding="utf-8") if path.is_file() else HEADER
    kept = [
        line
        for line in text.splitlines()
        if line.strip().removeprefix("export ").partition("=")[0].strip() not in changes
    ]
    new = [f"{name}='{value}'" for name, value in changes.items() if value]
    part = parts.part_of(path)
    part.unlink(missing_ok=True)  # a killed run's
    with parts.writing(part) as out:
        out.write("".join(f"{line}\n" for line in [*kept, *new]).encode())
    os.replace(part, path)
    parts.sync_folder(path.parent)
