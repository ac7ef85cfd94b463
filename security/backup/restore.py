"""Bringing a backup back: everything is proven and unpacked beside before anything is exchanged."""

import contextlib
import os
import shutil
from datetime import datetime, timezone
from pathlib import Path

from django.db import DatabaseError, connection, connections

from clinic.core import parts, scheduler
from clinic.core.locks import try_lock
from security.backup import after, archive, engines, folders, make, manifest, mysql
from security.backup.check import (
    DATABASE,
    require_same_engine,
    require_same_world,
    writing_to,
)
from security.backup.errors import BackupError
from security.models import BackupRecord, User

STAGING = "restore.part"
SETTINGS = "settings.env"


def holds_data() -> bool:
    """Whether a restore would replace something: people are the first thing a clinic has."""
    try:
        return User.objects.exists()
    except DatabaseError:
        return bool(connection.introspection.table_names())


def is_running() -> bool:
    """Whether the installation's supervisor holds its lock."""
    path = folders.data_dir() / "run" / "serve.lock"
    with contextlib.suppress(FileNotFoundError), path.open("r+b") as stream:
        return not try_lock(stream.fileno())
    return False


def restore(*, path: Path, agreed: bool) -> dict:
    """Replace database, stored files and certificates by those of `path`; what was kept of the
    old ones. Nothing is replaced without `agreed` when there is something to lose."""
    if is_running():
        raise BackupError("running", folders.data_dir())
    if not agreed and holds_data():
        raise BackupError("not_agreed")
    with folders.locked():
        header, found = archive.read_through(path)
        require_same_engine(header)
        require_same_world(header)
        after.require_keys(header)
        older = manifest.version_fault(found)
        stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S%fZ")
        staging = folders.data_dir() / STAGING
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(mode=0o700, parents=True)
        try:
            kept = _bring_back(path, found, staging, stamp)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        lost = after.settle(path.name, stamp, older=bool(older))
    return {"kept": kept, "older": bool(older), "created": header["created"], "lost": lost}


def undo_upgrade(path: Path) -> None:
    """A server's database exactly as it was when this backup was made, and nothing else: no newer
    tables, no migration, no session ended. The clinic has not been served since. (SQLite's file
    is put back by the set-up itself.)"""
    if is_running():
        raise BackupError("running", folders.data_dir())
    if engines.engine() is not mysql:
        raise BackupError("engine", connection.vendor)
    with folders.locked():
        header, found = archive.read_through(path)
        require_same_engine(header)
        require_same_world(header)
        after.require_keys(header)
        connections.close_all()
        with _target(own=True) as target:

            def take(name, stream):
                if name.startswith(DATABASE):
                    with writing_to(target):
                        target.take(name, stream)

            archive.read(path, take)
            target.complete(found)
            differences = list(target.differences(found))
            if differences:
                raise BackupError("differs", "; ".join(differences[:3]))


def _bring_back(path: Path, found: dict, staging: Path, stamp: str) -> list[str]:
    kept = []
    own = engines.engine() is mysql
    if own and holds_data():
        kept.append(str(_safety_copy()))
    connections.close_all()
    with _target(own) as target, _half_is_said(own, kept):

        def take(name, stream):
            with writing_to(target):
                if name.startswith(DATABASE):
                    target.take(name, stream)
                else:
                    _unpack(staging, name, stream)

        archive.read(path, take)
        target.complete(found)
        differences = list(target.differences(found))
        if differences:
            raise BackupError("differs", "; ".join(differences[:3]))
        try:
            if not own:
                kept.append(target.put_in_place(stamp))
            kept += [_exchange(staging / name, stamp) for name in folders.FOLDERS]
            _lay_settings_down(staging)
        except OSError as error:
            raise folders.as_sentence(error, folders.data_dir()) from None
    return [name for name in kept if name]


@contextlib.contextmanager
def _half_is_said(own: bool, kept: list[str]):
    """A server's own tables are gone from the first piece on; a file is exchanged as a whole."""
    try:
        yield
    except BackupError:
        if not own:
            raise
        raise BackupError("half", kept[0] if kept else folders.backup_dir()) from None


def _safety_copy() -> Path:
    """A server's tables are replaced in place, so the present ones are backed up first."""
    moment = datetime.now(timezone.utc)
    path, _found = make.write_file(BackupRecord.Kind.SAFETY.value, folders.backup_dir(), moment)
    return path


def _target(own):
    if own:
        return mysql.Target(connection, scheduler.still_here, scratch=False)
    return engines.scratch(scheduler.still_here)


def _unpack(staging: Path, name: str, stream) -> None:
    parts = name.split("/")
    known = name == SETTINGS or (len(parts) > 1 and parts[0] in folders.FOLDERS)
    odd = any(part in ("", ".", "..") or "\\" in part or ":" in part for part in parts)
    if not known or odd:  # on Windows these two lead elsewhere as well
        raise BackupError("damaged", name)
    path = staging.joinpath(*parts)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        shutil.copyfileobj(stream, out, folders.PIECE)
        out.flush()
        os.fsync(out.fileno())


def _exchange(new: Path, stamp: str) -> str:
    """The new folder takes the place of the old one, which stays beside it."""
    if not new.exists():
        return ""
    live = folders.data_dir() / new.name
    kept = live.with_name(f"{live.name}.before-restore-{stamp}")
    has_content = live.is_dir() and any(live.iterdir())
    if has_content:
        live.rename(kept)
    elif live.is_dir():
        live.rmdir()
    new.rename(live)
    parts.sync_folder(live.parent)
    return str(kept) if has_content else ""


def _lay_settings_down(staging: Path) -> None:
    """For people to compare; the settings of this machine stay as they are."""
    found = staging / SETTINGS
    if found.exists() and found.stat().st_size:
        found.replace(folders.data_dir() / "restored-settings.env")
