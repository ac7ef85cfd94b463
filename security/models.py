"""People, key checks and the audit log."""

import uuid

from auditlog.models import AbstractLogEntry, LogEntryManager
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnlyQuerySet
from clinic.core.text import ExactCharField
from security.entries import complete
from security.permissions import Role


class UserManager(BaseUserManager):
    """Creates people; there is no shared or default account."""

    def create_user(self, username: str, password: str | None = None, **fields):
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person who works here. Never deleted, only deactivated: history names them for ever."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    username = ExactCharField(_("user name"), max_length=40, unique=True)
    full_name = ExactCharField(_("full name"), max_length=50)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the administration"), default=False, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)
    must_change_password = models.BooleanField(_("must change password"), default=True)
    password_changed_at = models.DateTimeField(null=True, editable=False)
    type_large = models.BooleanField(_("large type"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["full_name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.username

    def delete(self, *args, **kwargs):
        raise PermissionDenied("People are deactivated, never deleted.")

    def set_password(self, raw_password):
        super().set_password(raw_password)
        self.password_changed_at = timezone.now()

    def get_full_name(self) -> str:
        return self.full_name or self.username

    get_short_name = get_full_name

    @cached_property
    def roles(self) -> set[str]:
        """Names of the groups this person is in."""
        return set(self.groups.values_list("name", flat=True))

    @cached_property
    def role_labels(self) -> list[str]:
        """The person's roles in words, in the order of the policy page."""
        return [str(role.label) for role in Role if role in self.roles]


class KeyCheck(models.Model):
    """A fingerprint of each key, so that a wrong key ring is noticed before it does harm."""

    purpose = ExactCharField(max_length=10)
    key_id = models.PositiveSmallIntegerField()
    kcv = models.BinaryField(max_length=8)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purpose", "key_id"], name="security_keycheck_one")
        ]

    def __str__(self) -> str:
        return f"{self.purpose}/{self.key_id}"


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
    event = ExactCharField(_("event"), max_length=30, db_index=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.OK)
    # Neither a removed content type nor a removed account may take entries along.
    content_type = models.ForeignKey(
        "contenttypes.ContentType", on_delete=models.PROTECT, null=True, related_name="+"
    )
    object_pk = models.CharField(max_length=255, blank=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
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
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=["ok", "refused", "failed"]),
                name="security_audit_outcome",
            )
        ]

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise PermissionDenied("Audit entries are never changed.")
        complete(self)
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise PermissionDenied("Audit entries are never deleted.")
