"""An archive as the table that the auditor's export makes of the log."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.contrib.contenttypes.models import ContentType

from security import audit, audit_export
from security.audit_archive.form import Reader
from security.models import AuditEntry

PLAIN = {
    "event": "event",
    "action": "action",
    "outcome": "outcome",
    "actor_id": "actor",
    "actor_name": "name",
    "actor_roles": "roles",
    "remote_addr": "address",
    "session_mark": "session",
    "screen": "screen",
    "object_pk": "pk",
    "object_repr": "object",
    "changes": "changes",
    "additional_data": "data",
}


def lines(path: Path, *, language: str) -> Iterator[str]:
    """The table line by line. The whole file is proven, and the reading recorded, before any."""
    reader = Reader(path)
    for _piece in reader.sealed():
        pass
    data = {"file": path.name, "archive": reader.number, "entries": reader.entries}
    audit.record("export", screen="audit_archive", data=data)
    return audit_export.table(_pages(path), language=language)


def _pages(path: Path) -> Iterator[list[AuditEntry]]:
    page = []
    for _seal, entries in Reader(path).sealed():
        page += [filled(entry) for entry in entries]
        if len(page) >= audit_export.PAGE:
            yield page
            page = []
    yield page


def filled(entry: AuditEntry) -> AuditEntry:
    """The entry with its readable columns, which the payload tells."""
    told = json.loads(entry.payload)
    for name, key in PLAIN.items():
        setattr(entry, name, told[key])
    entry.timestamp = datetime.fromisoformat(told["at"])
    entry.subject = UUID(told["subject"]) if told["subject"] else None
    entry.subjects = bytes.fromhex(told["subjects"]) or None
    entry.content_type = _kind(told["model"])
    return entry


def _kind(label: str | None) -> ContentType | None:
    """None also for a kind of things that the program no longer has."""
    try:
        return ContentType.objects.get_by_natural_key(*label.split(".")) if label else None
    except ContentType.DoesNotExist:
        return None
