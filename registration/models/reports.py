"""Notifiable diseases: what has to be reported, until when, and what became of it (R-75)."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from registration.models.records import Consultation
from security.fields import EncryptedJSONField, EncryptedModel, EncryptedTextField


class ReportDuty(EncryptedModel):
    """One report card that a diagnosis asks for.

    Which disease it is lies encrypted: no column tells whose illness has to be hidden.
    """

    class State(models.TextChoices):
        OPEN = "open", _("To be reported")
        REPORTED = "reported", _("Reported")
        NOT_NEEDED = "not_needed", _("No report needed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consultation = models.ForeignKey(
        Consultation, on_delete=models.PROTECT, related_name="report_duties"
    )
    # disease, grade (甲, 乙 or 丙), hours, code and name of the diagnosis, suspected
    facts = EncryptedJSONField(context="report_duty.facts")
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.OPEN, db_index=True
    )
    raised_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()
    reported_at = models.DateTimeField(null=True)
    number = EncryptedTextField(
        _("number of the report card"), context="report_duty.number", max_length=40, null=True
    )
    reason = EncryptedTextField(
        _("why no report is needed"), context="report_duty.reason", max_length=200, null=True
    )
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("report of a notifiable disease")
        verbose_name_plural = _("reports of notifiable diseases")
        ordering = ["due_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open", closed_at__isnull=True, closed_by__isnull=True)
                | models.Q(
                    state__in=["reported", "not_needed"],
                    closed_at__isnull=False,
                    closed_by__isnull=False,
                ),
                name="registration_report_state",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_additional_data(self) -> dict:
        return {"patient": self.consultation.patient_id.hex}
