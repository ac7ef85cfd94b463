"""What was explained to a patient and what they agreed to (R-137)."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnly
from patients.models.patient import Patient
from security.fields import EncryptedModel, EncryptedTextField


class ConsentKind(models.TextChoices):
    """Each is asked for by itself; to refuse the last two stops no treatment (R-137)."""

    NOTICE = "notice", _("Notice on the use of personal data")
    MESSAGES = "messages", _("Messages to the phone")
    SHARING = "sharing", _("Sharing with other institutions")


class ConsentText(AppendOnly):
    """One version of what is explained; it never changes, since people answered to it."""

    kind = models.CharField(_("what for"), max_length=8, choices=ConsentKind.choices)
    version = models.PositiveSmallIntegerField(_("version"))
    text = models.TextField(_("text"))
    made_at = models.DateTimeField(_("written at"), auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("written by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("text of a consent")
        verbose_name_plural = _("texts of consents")
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="patients_text_version")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.version}"


class Consent(EncryptedModel):
    """One answer: to what, which version, by whom; withdrawn later on, never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consents")
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="+")
    agreed = models.BooleanField()
    # The patient, or who answers for them: the guardian of a child below 14.
    given_by = EncryptedTextField(context="consent.given_by", max_length=50, null=True, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return str(self.pk)

    def get_additional_data(self) -> dict:
        return {"patient": self.patient_id.hex}
