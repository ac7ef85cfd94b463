"""What is tracked, how values are hidden, and the entries that no change makes: reads and refusals.

Which models are tracked stands here and in each app's audited.py, how in security.tracking. The
rule is a white list: a field's value appears only when its model named it in `plain`; all others
read `•••`.
"""

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from security import entry_store, put_off, tracking
from security.entries import Acting, acting, acting_as
from security.fields import is_blind_index
from security.models import AuditEntry
from security.tracking import MASK, is_tracked

__all__ = ["MASK", "Acting", "acting", "acting_as", "is_tracked", "record", "record_read", "track"]

SAME_READ = timedelta(minutes=5)


_tracked: list[tuple[str, tuple[str, ...]]] = []


def track(model: str, *, plain: Iterable[str] = ()) -> None:
    """Have every create, change and delete of `app.Model` recorded.

    `plain` names the fields whose values an entry may show; never one that tells about a patient.
    """
    _tracked.append((model, tuple(plain)))


def track_all() -> None:
    """Register what each app's audit.py listed; called once when all apps are loaded."""
    autodiscover_modules("audited")
    for label, plain in _tracked:
        model = apps.get_model(label)
        fields = {field.name for field in model._meta.fields}
        unknown = set(plain) - fields
        if unknown:
            raise ValueError(f"{label} has no field {', '.join(sorted(unknown))}")
        tracking.start(
            model,
            fields=[field for field in model._meta.concrete_fields if _tells(field)],
            plain={*plain, model._meta.pk.name},
        )


def _tells(field) -> bool:
    """Bytes and search keys tell nobody anything; signing in has an entry of its own."""
    technical = "Binary" in field.get_internal_type() or is_blind_index(field)
    return not technical and field.name != "last_login"


def record(
    event: str,
    *,
    outcome: str = "ok",
    subject: UUID | None = None,
    subjects: Iterable[UUID] = (),
    screen: str | None = None,
    target=None,
    data: dict | None = None,
    read_key: str | None = None,
):
    """Write one entry for something that is not a change of a row. Failure stops the caller."""
    of = ContentType.objects.get_for_model(target) if target is not None else None
    entry = AuditEntry.begun(
        event=event,
        outcome=outcome,
        action=AuditEntry.Action.ACCESS,
        object_repr=str(target) if target is not None else "",
        object_pk=str(target.pk) if target is not None else "",
        content_type_id=of.pk if of is not None else None,
        subject=subject,
        subjects=b"".join(uid.bytes for uid in subjects) or None,
        additional_data=data,
        read_key=read_key,
    )
    if screen is not None:
        entry.screen = screen
    entry.save()
    return entry


def record_seen(*, key: str, screen: str, data: dict) -> None:
    """Note a look at personal data of people without a file; once in five minutes for one `key`."""
    if not entry_store.was_read(AuditEntry, key, timezone.now() - SAME_READ):
        record("read", screen=screen, read_key=key, data=data)


def record_read(*, by, screen: str, patients: Iterable[UUID], data: dict | None = None) -> None:
    """Note that `by` saw these patients' data on `screen`, before any of it is sent.

    One entry per person, screen and set of patients within five minutes.
    """
    ids = sorted(set(patients))
    if not ids:
        return
    joined = b"".join(uid.bytes for uid in ids)
    key = hashlib.sha256(f"{by.pk}|{screen}|".encode() + joined).hexdigest()[:32]
    recent = timezone.now() - SAME_READ
    if put_off.is_waiting(key) or entry_store.was_read(AuditEntry, key, recent):
        return
    one = ids[0] if len(ids) == 1 else None
    record("read", subject=one, subjects=() if one else ids, screen=screen, read_key=key, data=data)
