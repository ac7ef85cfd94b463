"""Restoring on trial: a backup that was never restored is only a hope."""

import contextlib
import itertools
import time
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, connections

from clinic.core import parts, scheduler
from security import crypto
from security.backup import archive, engines, folders, manifest, records
from security.backup.errors import BackupError
from security.fields import encrypted_fields
from security.models import AuditEntry
from security.places import ModelPlace

ALIAS = "backup_scratch"
SAMPLE = 200
DATABASE = "database"


def verify_backup(path: Path | None = None) -> dict:
    """Restore a backup (the newest one) into a scratch database and compare; facts about it."""
    began = time.monotonic()
    with folders.locked():
        path = path or folders.newest(folders.backup_dir())
        try:
            found = _restore_and_compare(path)
        except (BackupError, DatabaseError) as error:
            problem = error if isinstance(error, BackupError) else BackupError("database", error)
            records.note_check(path.name, began, error=problem)
            raise problem from None
        records.note_check(path.name, began)
    return {**found, "file": str(path), "seconds": round(time.monotonic() - began, 1)}


def _restore_and_compare(path: Path) -> dict:
    header = manifest.header_of(path)
    require_same_engine(header)
    with engines.scratch(scheduler.still_here) as target:

        def take(name, stream):
            if name.startswith(DATABASE):
                with writing_to(target):
                    target.take(name, stream)

        _header, found = archive.read(path, take)
        target.complete(found)
        older = manifest.version_fault(found)
        _refuse(target.differences(found))
        with _django_on(target.name):
            _refuse(_log_differences(found["audit"]))
            cells = 0 if older else _open_sample()
    return {
        "tables": len(found["tables"]),
        "rows": sum(table["rows"] for table in found["tables"].values()),
        "files": len(found["members"]),
        "cells": cells,
        "older": bool(older),
    }


def require_same_engine(header: dict) -> None:
    if header.get("engine") != connection.vendor:
        raise BackupError("engine", header.get("engine", "?"))


def require_same_world(header: dict) -> None:
    """Invented people never take the place of real ones, nor real ones theirs."""
    practice = header.get("practice", settings.CLINIC_PRACTICE)
    if practice != settings.CLINIC_PRACTICE:
        raise BackupError("practice" if practice else "real")


@contextlib.contextmanager
def writing_to(target):
    try:
        yield
    except OSError as error:
        if parts.is_full(error):
            raise BackupError("no_room", folders.data_dir()) from None
        raise BackupError("scratch", f"{target.name}: {error.strerror}") from None


def _refuse(differences) -> None:
    found = list(dict.fromkeys(itertools.islice(differences, 3)))
    if found:
        raise BackupError("differs", "; ".join(found))


@contextlib.contextmanager
def _django_on(name: str):
    """The scratch database under an alias, for what walks over models."""
    scratch = connection.copy(alias=ALIAS)
    scratch.settings_dict["NAME"] = name
    connections[ALIAS] = scratch
    try:
        yield
    finally:
        scratch.close()
        del connections[ALIAS]


def _log_differences(known: dict):
    """The audit log reaches as far as it did, and a sample of its entries is genuine."""
    entries = AuditEntry.objects.using(ALIAS).order_by("pk")
    if entries.count() != known["count"]:
        yield f"audit: {entries.count()}/{known['count']}"
    if not known["count"]:
        return
    last = entries.last()
    if last.pk != known["last"] or bytes(last.mac).hex() != known["mac"]:
        yield f"audit: {last.pk}"
    for entry in itertools.chain(entries[:SAMPLE], entries.reverse()[:SAMPLE]):
        if not crypto.verify_audit_mac(entry.payload.encode(), entry.uid, bytes(entry.mac)):
            yield f"audit: {entry.pk}"


def _open_sample() -> int:
    """Open the first cells of every encrypted table and compute their indexes again."""
    cells = 0
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or not model._meta.managed or not encrypted_fields(model):
            continue
        rows = ModelPlace(model).verify(ALIAS, batch=SAMPLE)
        for count, faults in itertools.islice(rows, SAMPLE):
            cells += count
            _refuse(f"{fault.place} {fault.row} {fault.column}" for fault in faults)
        scheduler.still_here()
    return cells
