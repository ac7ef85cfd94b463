"""Files of long care: chronic disease, the elderly, children, pregnancy (R-63 to R-68)."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from patients.models.patient import Patient
from security.fields import BlindIndexField, EncryptedJSONField, EncryptedModel, EncryptedTextField


class CareKind(models.TextChoices):
    """What a file of long care is about."""

    HYPERTENSION = "htn", _("Hypertension")
    DIABETES = "dm2", _("Type-2 diabetes")
    ELDERLY = "elderly", _("Elderly from 65")
    CHILD = "child", _("Child aged 0 to 6")
    PREGNANCY = "pregnancy", _("Pregnancy and childbed")


class CareFile(EncryptedModel):
    """One person's file of one kind; closed with a reason, never deleted (R-60).

    The kind is encrypted: beside a name in plain it would tell a diagnosis to whoever finds the
    database.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="care_files")
    kind = EncryptedTextField(context="care_file.kind", max_length=10)
    # "<patient>:<kind>" while it is open, null afterwards: one open file of each kind.
    open_key = EncryptedTextField(context="care_file.open_key", max_length=50, null=True)
    open_key_index = BlindIndexField(
        source="open_key", context="care_file.open_key", normalise="plain", unique=True
    )
    # Diagnosed when, aims (weight, pressure), last period, due date, who guards …
    facts = EncryptedJSONField(context="care_file.facts")
    doctor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)
    opened_on = models.DateField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    closed_on = models.DateField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Moved away, lost, died, ended; in words.
    close_reason = EncryptedTextField(context="care_file.close_reason", max_length=100, null=True)

    class Meta:
        verbose_name = _("file of long care")
        verbose_name_plural = _("files of long care")
        ordering = ["opened_on", "pk"]

    def __str__(self) -> str:
        return str(self.pk)

    def get_additional_data(self) -> dict:
        return {"patient": self.patient_id.hex}


class FollowUp(EncryptedModel):
    """One date of a plan, and what was found then; a correction keeps what was written before."""

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("follow-up", "Planned")
        DONE = "done", _("Done")
        MISSED = "missed", _("Not reached")
        DROPPED = "dropped", _("No longer needed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    care_file = models.ForeignKey(CareFile, on_delete=models.PROTECT, related_name="follow_ups")
    # Which date of a fixed plan: "m6" of a child, "an2" of a pregnancy, "referral" to be checked.
    step = EncryptedTextField(context="follow_up.step", max_length=12, blank=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.PLANNED)
    due_on = models.DateField(db_index=True)
    done_on = models.DateField(null=True)
    # Everything the national form asks, by its names in patients.followup.
    findings = EncryptedJSONField(context="follow_up.findings", null=True)
    # What was written before each correction, the newest last.
    earlier = EncryptedJSONField(context="follow_up.earlier", null=True)
    # The visit whose values were taken: registration's consultation, which is above this floor.
    visit = models.UUIDField(null=True)
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField(auto_now_add=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["state", "due_on"], name="patients_followup_due")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="done", done_on__isnull=False, done_by__isnull=False)
                | ~models.Q(state="done"),
                name="patients_followup_done",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_additional_data(self) -> dict:
        return {"patient": self.care_file.patient_id.hex}
