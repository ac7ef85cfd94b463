"""What is recorded beside the sheets: who collects, what is short, empty ampoules, pain files."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnly
from patients.models import IdType
from security.fields import EncryptedModel, EncryptedTextField


class Collector(EncryptedModel):
    """Who stood at the window for narcotics and class-I psychotropics (R-7); the last row counts.

    Somebody else than the patient has a name, a relation and a document.
    """

    row_uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    prescription = models.ForeignKey(
        "prescriptions.Prescription", on_delete=models.PROTECT, related_name="collectors"
    )
    is_patient = models.BooleanField()
    agent = EncryptedTextField(context="collector.name", max_length=50, null=True)
    relation = EncryptedTextField(context="collector.relation", max_length=20, null=True)
    id_type = models.CharField(max_length=2, choices=IdType.choices, blank=True)
    id_number = EncryptedTextField(context="collector.id_number", max_length=30, null=True)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_patient=True, id_type="")
                | (models.Q(is_patient=False) & ~models.Q(id_type="")),
                name="prescriptions_collector_document",
            ),
        ]

    def __str__(self) -> str:
        return str(self.prescription_id)

    def get_additional_data(self) -> dict:
        return {"patient": self.prescription.patient_id.hex}


class Shortage(AppendOnly):
    """A row that could not be handed out when the sheet went back to its doctor (R-123)."""

    item = models.ForeignKey(
        "prescriptions.PrescriptionItem", on_delete=models.PROTECT, related_name="shortages"
    )
    missing = models.PositiveIntegerField()  # base units
    # What the pharmacist proposes instead; only the doctor may take it.
    substitute = models.ForeignKey(
        "pharmacy.Drug", on_delete=models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("shortage")
        verbose_name_plural = _("shortages")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(missing__gte=1), name="prescriptions_shortage_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.missing}"


class EmptyReturn(AppendOnly):
    """Used ampoules or patches of narcotics and class-I psychotropics that came back (R-40)."""

    line = models.ForeignKey(
        "prescriptions.DispenseLine", on_delete=models.PROTECT, related_name="empties"
    )
    quantity = models.PositiveIntegerField()
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("return of empty ampoules")
        verbose_name_plural = _("returns of empty ampoules")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1), name="prescriptions_empties_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.quantity}"


class PainFile(EncryptedModel):
    """Consent and revisits of a patient with cancer or chronic pain (R-25); the last row counts."""

    class Pain(models.TextChoices):
        CANCER = "cancer", _("Cancer pain")
        CHRONIC = "chronic", _("Moderate or severe chronic pain")

    row_uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(
        "patients.Patient", on_delete=models.PROTECT, related_name="pain_files"
    )
    pain = EncryptedTextField(context="pain_file.pain", max_length=10)
    consent_on = models.DateField()
    seen_on = models.DateField()
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(seen_on__gte=models.F("consent_on")),
                name="prescriptions_pain_file_days",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_additional_data(self) -> dict:
        return {"patient": self.patient_id.hex}
