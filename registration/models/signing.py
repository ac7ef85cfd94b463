"""What follows the doctor's signature: versions, additions, countersignatures (R-3, R-145)."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnly
from registration.models.records import Consultation
from security.fields import EncryptedJSONField, EncryptedTextField
from security.ledgers import SealedLedger


class RecordVersion(SealedLedger):
    """A record as it was signed, or as its author corrected it before it was archived (R-145).

    Everything is in `content`, also who wrote it when and the digest of the version before, so
    that no column beside it can be altered without being seen (R-148).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consultation = models.ForeignKey(
        Consultation, on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField()  # the record's `version` that this is
    content = EncryptedJSONField(context="record_version.content")
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("version of a record")
        verbose_name_plural = _("versions of records")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "number"], name="registration_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.consultation_id} {self.number}"

    def get_additional_data(self) -> dict:
        return {"patient": self.consultation.patient_id.hex}


class RecordAddition(SealedLedger):
    """Words added to an archived record; the record itself stays as it is (R-145)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consultation = models.ForeignKey(
        Consultation, on_delete=models.PROTECT, related_name="additions"
    )
    text = EncryptedTextField(_("addition"), context="record_addition.text", max_length=2000)
    written_at = models.DateTimeField(auto_now_add=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("addition to a record")
        verbose_name_plural = _("additions to records")
        ordering = ["written_at", "pk"]

    def __str__(self) -> str:
        return str(self.pk)

    def get_additional_data(self) -> dict:
        return {"patient": self.consultation.patient_id.hex}


class Countersignature(AppendOnly):
    """A doctor stands for what an assistant wrote (R-3), for exactly this version of it."""

    consultation = models.ForeignKey(
        Consultation, on_delete=models.PROTECT, related_name="countersignatures"
    )
    version = models.PositiveIntegerField()
    signed_at = models.DateTimeField(auto_now_add=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("countersignature")
        verbose_name_plural = _("countersignatures")
        ordering = ["signed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "version"], name="registration_countersigned_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.consultation_id} {self.version}"

    def get_additional_data(self) -> dict:
        return {"patient": self.consultation.patient_id.hex}
