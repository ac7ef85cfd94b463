"""What another institution sent about a person (R-151)."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from patients.models.patient import Patient
from security.fields import EncryptedJSONField, EncryptedModel, EncryptedTextField


class Received(EncryptedModel):
    """A file of another institution: looked at, taken in, perhaps taken back.

    What came stays as it was, and is read as that institution's document: its visits and drugs are
    not ours. Only a file that was never taken in is thrown away.
    """

    class State(models.TextChoices):
        NEW = "new", _("To be looked at")
        TAKEN = "taken", _("Taken into our file")
        BACK = "back", _("Taken back")
        DROPPED = "dropped", _("Not taken in")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(
        _("state"), max_length=7, choices=State.choices, default=State.NEW, db_index=True
    )
    file = models.ForeignKey(
        "core.StoredFile", on_delete=models.PROTECT, null=True, related_name="+"
    )
    sender = EncryptedTextField(_("from"), context="received.sender", max_length=100, null=True)
    # The file that was chosen for it; null while nobody has chosen, or a new one is to be opened.
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, null=True, related_name="received"
    )
    is_new = models.BooleanField(default=False)
    # What was written: corrected fields before and after, ids of allergies and histories.
    done = EncryptedJSONField(context="received.done", null=True)
    brought_at = models.DateTimeField(auto_now_add=True)
    brought_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    taken_at = models.DateTimeField(null=True)
    back_at = models.DateTimeField(null=True)
    back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("file of another institution")
        verbose_name_plural = _("files of other institutions")
        ordering = ["-brought_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["new", "dropped"])
                | models.Q(state__in=["taken", "back"], patient__isnull=False),
                name="patients_received_whose",
            ),
            models.CheckConstraint(
                condition=models.Q(state="dropped", file__isnull=True)
                | models.Q(state__in=["new", "taken", "back"], file__isnull=False),
                name="patients_received_file",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_additional_data(self) -> dict:
        return {"patient": self.patient_id.hex} if self.patient_id else {}
