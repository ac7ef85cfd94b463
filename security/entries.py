"""Who acts now, and how an audit entry is completed and sealed before it is stored."""

import json
from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timezone
from uuid import UUID

from django.contrib.contenttypes.models import ContentType

from security import crypto

_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode
EVENTS = {0: "create", 1: "update", 2: "delete", 3: "read"}


@dataclass(frozen=True)
class Acting:
    """Who acts in this request or command, and from where."""

    get_user: Callable[[], object]
    address: str | None = None
    session_mark: str = ""
    screen: str = ""


_acting: ContextVar[Acting | None] = ContextVar("acting", default=None)


@contextmanager
def acting(context: Acting):
    """Entries written inside carry this person and place."""
    token = _acting.set(context)
    try:
        yield
    finally:
        _acting.reset(token)


@contextmanager
def acting_as(user, *, screen: str = "command"):
    """For commands and scheduled work: name who is answerable for what happens inside."""
    with acting(Acting(get_user=lambda: user, screen=screen)):
        yield


def current() -> Acting | None:
    """The acting person and place, or None outside a request and command."""
    return _acting.get()


def complete(entry) -> None:
    """Fill in who and where, then the canonical payload and its MAC; called by save()."""
    context = _acting.get()
    user = context.get_user() if context else None
    if user is not None and user.is_authenticated:
        entry.actor_id = user.pk
        entry.actor_name = f"{user.username} {user.full_name}"
        entry.actor_roles = ",".join(sorted(user.roles))
    if context:
        entry.remote_addr = entry.remote_addr or context.address
        entry.session_mark = context.session_mark
        entry.screen = entry.screen or context.screen
    entry.event = entry.event or EVENTS.get(entry.action, "other")
    entry.subject = entry.subject or _subject_of(entry)
    entry.object_pk = str(entry.object_pk)  # auditlog hands over a UUID as it is
    entry.payload = canonical(entry)
    entry.mac = crypto.audit_mac(entry.payload.encode(), entry.uid)


def _subject_of(entry) -> UUID | None:
    """The patient that a changed row belongs to, as its model tells by `audit_subject`."""
    data = entry.additional_data or {}
    return UUID(data["patient"]) if "patient" in data else None


def canonical(entry) -> str:
    """The entry as text, always the same for the same entry: sorted keys, UTC microseconds."""
    subjects = bytes(entry.subjects or b"")
    return _encode(
        {
            "v": 1,
            "uid": entry.uid.hex,
            "at": entry.timestamp.astimezone(timezone.utc).isoformat(timespec="microseconds"),
            "event": entry.event,
            "action": entry.action,
            "outcome": entry.outcome,
            "actor": entry.actor_id,
            "name": entry.actor_name,
            "roles": entry.actor_roles,
            "address": entry.remote_addr,
            "session": entry.session_mark,
            "screen": entry.screen,
            "model": entry.content_type_id and _label(entry.content_type_id),
            "pk": entry.object_pk,
            "object": entry.object_repr,
            "changes": entry.changes,
            "data": entry.additional_data,
            "subject": entry.subject.hex if entry.subject else None,
            "subjects": subjects.hex(),
        }
    )


def _label(content_type_id: int) -> str:
    kind = ContentType.objects.get_for_id(content_type_id)
    return f"{kind.app_label}.{kind.model}"
