"""The audit log: append-only entries, each with its canonical bytes and their MAC."""

import uuid
from functools import cache

from auditlog.models import AbstractLogEntry, LogEntryManager
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models.base import ModelState
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnlyQuerySet
from clinic.core.text import ExactCharField
from security.entries import complete
from security.entry_store import insert, insert_all
from security.put_off import put_off


class AuditEntryManager(LogEntryManager.from_queryset(AppendOnlyQuerySet)):
    """auditlog's manager over a queryset that can only read and create."""


class AuditEntry(AbstractLogEntry):
    """Who did what to which record, when, from where; never a sensitive value.

    `payload` holds the canonical bytes that `mac` was computed over; the readable columns are
    copies of it, and a verification compares them.
    """

    class Outcome(models.TextChoices):
        OK = "ok", _("Done")
        REFUSED = "refused", _("Refused")
        FAILED = "failed", _("Failed")

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    # An index for each question that is asked, and no other: every entry is entered in all of them.
    action = models.PositiveSmallIntegerField(choices=AbstractLogEntry.Action.choices)
    object_id = models.BigIntegerField(null=True)
    cid = models.CharField(max_length=255, null=True)
    event = ExactCharField(_("event"), max_length=30)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.OK)
    # Neither a removed content type nor a removed account may take entries along.
    content_type = models.ForeignKey(
        "contenttypes.ContentType", on_delete=models.PROTECT, null=True, related_name="+"
    )
    object_pk = models.CharField(max_length=255, blank=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    actor_name = models.CharField(_("who"), max_length=100, blank=True)
    actor_roles = models.CharField(max_length=200, blank=True)
    session_mark = ExactCharField(max_length=16, blank=True)
    screen = ExactCharField(max_length=100, blank=True)
    subject = models.UUIDField(_("patient"), null=True, db_index=True)
    subjects = models.BinaryField(null=True)
    read_key = ExactCharField(max_length=32, null=True, db_index=True)
    payload = models.TextField()
    mac = models.BinaryField(max_length=34)

    objects = AuditEntryManager()

    class Meta(AbstractLogEntry.Meta):
        abstract = False
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        default_permissions = ()
        indexes = [
            models.Index(fields=["actor", "-timestamp"], name="security_audit_actor"),
            models.Index(fields=["event", "-timestamp"], name="security_audit_event"),
            models.Index(fields=["outcome", "-timestamp"], name="security_audit_ended"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=["ok", "refused", "failed"]),
                name="security_audit_outcome",
            )
        ]

    @classmethod
    def begun(cls, **columns) -> "AuditEntry":
        """AuditEntry(**columns), by the attributes' own names and in a sixth of the time.

        Django goes through all fields of each new object, and a verb has twenty entries.
        """
        same, made = _defaults()
        new = cls.__new__(cls)
        made_now = {name: make() for name, make in made.items()}
        new.__dict__.update({"_state": ModelState(), **same, **made_now, **columns})
        return new

    def save(self, *args, using=None, **kwargs):
        if not self._state.adding:
            raise PermissionDenied("Audit entries are never changed.")
        complete(self)
        if not put_off([self], using):
            insert(self, using)

    @staticmethod
    def save_all(entries: list["AuditEntry"]) -> None:
        """Store new entries in their order; they don't learn their numbers."""
        for entry in entries:
            complete(entry)
        if not put_off(entries):
            insert_all(entries)

    def delete(self, *args, **kwargs):
        raise PermissionDenied("Audit entries are never deleted.")


@cache
def _defaults() -> tuple[dict, dict]:
    """What a new entry begins with: values, and functions that make one for each entry."""
    same, made = {}, {}
    for field in AuditEntry._meta.concrete_fields:
        if field.has_default() and callable(field.default):
            made[field.attname] = field.get_default
        else:
            same[field.attname] = field.get_default()
    return same, made
