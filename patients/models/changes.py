"""How a file came to say what it says: corrections with their originals, merges, exports."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from patients.models.patient import Patient
from security.fields import EncryptedJSONField, EncryptedModel, EncryptedTextField
from security.ledgers import SealedLedger


class Change(SealedLedger):
    """One correction: what stood there and what stands there now, field by field (R-60, R-147)."""

    class What(models.TextChoices):
        PERSON = "person", _("Person")
        BASICS = "basics", _("Basic information")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="changes")
    what = models.CharField(max_length=6, choices=What.choices)
    version = models.PositiveIntegerField()  # that came about by it
    # {field: [before, after]}
    fields = EncryptedJSONField(context="change.fields")
    reason = EncryptedTextField(context="change.reason", max_length=200, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["-made_at", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "what", "version"], name="patients_change_version"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_additional_data(self) -> dict:
        return {"patient": self.patient_id.hex}


class Merge(EncryptedModel):
    """Two files of one person made one; both numbers stay, and it can be undone (R-81)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kept = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    merged = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    reason = EncryptedTextField(context="merge.reason", max_length=200)
    # What each handler moved, so that only that goes back; the fields taken over, as they were.
    moved = EncryptedJSONField(context="merge.moved")
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(kept=models.F("merged")), name="patients_merge_two_files"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_additional_data(self) -> dict:
        return {"patient": self.kept_id.hex}


class NotTheSame(models.Model):
    """Two files that look alike and were judged to be two people: they are not listed again."""

    first = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("not the same person")
        verbose_name_plural = _("not the same person")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="patients_not_same_once")
        ]

    def __str__(self) -> str:
        return str(self.pk)
