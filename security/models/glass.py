"""Files that were opened with a reason: one row for each time, never changed (R-143)."""

import uuid

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnlyQuerySet
from security.fields import EncryptedManager, EncryptedModel, EncryptedQuerySet, EncryptedTextField


class _OnceQuerySet(AppendOnlyQuerySet, EncryptedQuerySet):
    """Reads and creates, and knows what can't be asked of an encrypted column."""


class BreakGlass(EncryptedModel):
    """A person opened the file of a patient who is not in their care, and said why."""

    class Reason(models.TextChoices):
        EMERGENCY = "emergency", _("Emergency")
        COLLEAGUE = "colleague", _("A colleague asked for an opinion")
        PATIENT = "patient", _("The patient asks me")
        AFTERCARE = "aftercare", _("Follow-up or question of another institution")
        OTHER = "other", _("Another reason")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    patient = models.UUIDField()  # this floor knows patients by their id alone
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    words = EncryptedTextField(
        _("in words"), context="break_glass.words", max_length=200, null=True, blank=True
    )
    made_at = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField()

    objects = EncryptedManager.from_queryset(_OnceQuerySet)()

    class Meta:
        verbose_name = _("file opened with a reason")
        verbose_name_plural = _("files opened with a reason")
        default_permissions = ()
        indexes = [models.Index(fields=["user", "patient", "until"], name="security_glass_open")]

    def __str__(self) -> str:
        return str(self.pk)

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise PermissionDenied("A reason that was given is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise PermissionDenied("A reason that was given is never deleted.")

    def get_additional_data(self) -> dict:
        return {"patient": self.patient.hex}
