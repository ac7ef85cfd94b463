"""Who opened one patient's file, from the audit log: for those who may open it themselves (R-143).

Only looks at this one patient count, not lists on which the name stood among others.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from clinic.core.prepared import prepared
from security.audit_search import EVENT_LABELS, SCREEN_LABELS
from security.models import AuditEntry
from security.permissions import Role

LOOKS = ("read", "print", "export", "break_glass")
MOST = 300  # entries that are looked at, the newest


@dataclass
class Look:
    """What one person opened on one day."""

    at: datetime  # the last time
    name: str
    roles: str
    what: list[str] = field(default_factory=list)
    with_reason: bool = False


@prepared
def _looks(patient: UUID):
    rows = AuditEntry.objects.filter(subject=patient, event__in=LOOKS, actor__isnull=False)
    rows = rows.order_by("-pk").values_list(
        "actor", "actor__full_name", "actor_roles", "event", "screen", "timestamp"
    )
    return rows[:MOST]


def of_file(patient: UUID) -> list[Look]:
    """By person and day, the newest first; one query, by the index of the patient."""
    found: dict[tuple, Look] = {}
    for actor, name, roles, event, screen, at in _looks(patient):
        key = actor, timezone.localdate(at)
        look = found.setdefault(key, Look(at, name, _roles(roles.split(","))))
        look.with_reason = look.with_reason or event == "break_glass"
        words = str(SCREEN_LABELS.get(screen) or EVENT_LABELS[event])
        if words not in look.what:
            look.what.append(words)
    return list(found.values())


def _roles(names: Iterable[str]) -> str:
    return " ".join(str(role.label) for role in Role if role.value in names)
