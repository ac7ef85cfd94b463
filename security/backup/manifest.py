"""What a backup says about itself: what is in it, and which version of the program it needs."""

import importlib.util
import pkgutil
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from clinic.core.site import setting
from security import keyring
from security.backup.container import read_header
from security.backup.errors import BackupError
from security.backup.folders import backup_dir, finished
from security.models import AuditEntry

APP = "clinic"


def facts(kind: str, moment: datetime) -> dict:
    """The header's readable part: nothing in it tells about a person.

    It names every key that could be needed, because what a row was sealed with can't be seen from
    outside and a key that is retired too early makes a backup worthless.
    """
    ring = keyring.ring()
    return {
        "created": moment.astimezone(timezone.utc).isoformat(timespec="seconds"),
        "engine": connection.vendor,
        "app": _version(),
        "kind": kind,
        "practice": settings.CLINIC_PRACTICE,
        "keys": {
            purpose: sorted(key.id for key in ring.usable(purpose)) for purpose in keyring.PURPOSES
        },
    }


def _version() -> str:
    try:
        return metadata.version(APP)
    except metadata.PackageNotFoundError:
        return ""


def manifest(snapshot) -> dict:
    """Asked within the snapshot, so that it fits what is copied."""
    return {
        "engine": connection.vendor,
        "tables": snapshot.tables,
        "migrations": [
            list(row)
            for row in _if_there(
                snapshot, "django_migrations", "SELECT app, name FROM django_migrations ORDER BY id"
            )
        ],
        "audit": _audit(snapshot),
    }


def _if_there(snapshot, table, sql):
    return snapshot.query(sql) if table in snapshot.tables else []


def _audit(snapshot) -> dict:
    """How far the log reached: count, highest id, MAC of the last entry."""
    table = AuditEntry._meta.db_table
    found = _if_there(snapshot, table, f"SELECT COUNT(*), MAX(id) FROM {table}")  # noqa: S608  # nosec B608
    if not found or not found[0][0]:
        return {"count": 0, "last": 0, "mac": ""}
    count, last = found[0]
    mac = snapshot.query(f"SELECT mac FROM {table} WHERE id = {int(last)}")[0][0]  # noqa: S608  # nosec B608
    return {"count": count, "last": last, "mac": bytes(mac).hex()}


def version_fault(found: dict) -> str:
    """ "newer: app.name" when this program doesn't know a migration of the backup, "older" when
    the backup lacks one of ours, else ""."""
    ours = {label.label for label in apps.get_app_configs()}
    known = {(app, name) for app in ours for name in _migrations_of(app)}
    theirs = {tuple(row) for row in found["migrations"]}
    unknown = sorted(row for row in theirs - known if row[0] in ours)
    if unknown:
        raise BackupError("newer", ".".join(unknown[-1]))
    return "older" if known - theirs else ""


def _migrations_of(app: str) -> list[str]:
    """Their names alone: loading every migration costs the scheduler 2 MB for good."""
    package, _explicit = MigrationLoader.migrations_module(app)
    found = importlib.util.find_spec(package) if package else None
    folders = found.submodule_search_locations if found else []
    return [name for _, name, _ in pkgutil.iter_modules(folders)]


def header_of(path: Path) -> dict:
    """The readable part of a backup; not proven before the whole of it was opened."""
    try:
        with path.open("rb") as stream:
            return read_header(stream, path)[0]
    except OSError:
        raise BackupError("unreadable", path) from None


def backups_needing(purpose: str, key_id: int) -> str | None:
    """ "3 backups" when so many of the kept ones need this key, None when none does."""
    count = 0
    for path in {path.name: path for folder in _folders() for path in finished(folder)}.values():
        try:
            header = header_of(path)
        except BackupError as error:
            count += error.code == "unreadable"  # what can't be asked may need it
            continue
        named = [header["key"]] if purpose == "backup" else header.get("keys", {}).get(purpose, ())
        count += key_id in named
    return f"{count} backups" if count else None


def _folders() -> list[Path]:
    """The backups' folder, and the second place while its disk is there."""
    second = Path(setting("backup.second_place").strip() or "/nowhere")
    return [*([second] if second.is_dir() else []), backup_dir()]
