"""What left the house: copies, workbooks, lists, with who asked for them and why (R-73, R-151)."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from patients.models.patient import Patient
from security.fields import EncryptedJSONField, EncryptedModel, EncryptedTextField


class Purpose(models.TextChoices):
    """Why patients' data leave the house; asked every time (R-151)."""

    PATIENT = "patient", _("Asked for by the patient")
    REFERRAL = "referral", _("Treatment elsewhere")
    INSURANCE = "insurance", _("Insurance or reimbursement")
    AUTHORITY = "authority", _("Report to the health authority")
    COURT = "court", _("Court, police or prosecutor")
    FOLLOW_UP = "follow_up", _("Calling patients back")
    QUALITY = "quality", _("Quality control in this house")
    OTHER = "other", _("Another purpose")


class Export(EncryptedModel):
    """One export. The row stays when its file was saved or thrown away."""

    class Kind(models.TextChoices):
        COPY = "copy", _("Copy of the medical record")
        BOOK = "book", _("Whole file as Excel")
        FHIR = "fhir", _("Whole file as FHIR")
        LIST = "list", _("Patient list")
        DATA_SETS = "data_sets", _("Data sets of the standards")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices)
    # Of one file; null for a list.
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, related_name="+")
    purpose = models.CharField(_("purpose"), max_length=9, choices=Purpose.choices)
    # The purpose in words may tell what the patient has or does.
    words = EncryptedTextField(context="export.words", max_length=200, null=True)
    # Who asked, which visits; the filter and the columns of a list.
    details = EncryptedJSONField(context="export.details")
    rows = models.PositiveIntegerField(default=0)
    job = models.ForeignKey("core.Job", on_delete=models.PROTECT, null=True, related_name="+")
    # Until it was saved, or a day has passed.
    file = models.ForeignKey(
        "core.StoredFile", on_delete=models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    fetched_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["copy", "book", "fhir"], patient__isnull=False)
                | models.Q(kind__in=["list", "data_sets"], patient__isnull=True),
                name="patients_export_of_one_or_many",
            ),
            models.CheckConstraint(
                condition=models.Q(purpose__in=Purpose.values), name="patients_export_purpose"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_additional_data(self) -> dict:
        return {"patient": self.patient_id.hex} if self.patient_id else {}


class ExportPiece(EncryptedModel):
    """Some rows of a large export, until its file is made."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    export = models.ForeignKey(Export, on_delete=models.PROTECT, related_name="pieces")
    number = models.PositiveIntegerField()
    sheet = models.PositiveSmallIntegerField()  # which sheet of the workbook they belong to
    rows = EncryptedJSONField(context="export_piece.rows")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["export", "number"], name="patients_piece_once")
        ]

    def __str__(self) -> str:
        return f"{self.export_id} {self.number}"
