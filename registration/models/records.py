"""The outpatient record of a visit and its diagnoses (R-70)."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnly
from registration.models.places import Clinician, Department
from registration.models.visits import Registration
from security.fields import (
    BlindIndexField,
    EncryptedDateField,
    EncryptedJSONField,
    EncryptedModel,
    EncryptedTextField,
)


class Consultation(EncryptedModel):
    """The outpatient record of one visit (R-70), written at the time of the visit (R-71)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    registration = models.OneToOneField(
        Registration, on_delete=models.PROTECT, related_name="consultation"
    )
    patient = models.ForeignKey(
        "patients.Patient", on_delete=models.PROTECT, related_name="consultations"
    )
    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT)
    # Keys of registration.vitals.VITALS with numbers as strings.
    vitals = EncryptedJSONField(context="consultation.vitals", null=True, blank=True)
    complaint = EncryptedTextField(
        _("chief complaint"), context="consultation.complaint", max_length=500, null=True
    )
    present_illness = EncryptedTextField(
        _("history of present illness"), context="consultation.illness", max_length=2000, null=True
    )
    past_history = EncryptedTextField(
        _("past history"), context="consultation.past_history", max_length=2000, null=True
    )
    examination = EncryptedTextField(
        _("physical examination"), context="consultation.examination", max_length=2000, null=True
    )
    auxiliary = EncryptedTextField(
        _("auxiliary examinations"), context="consultation.auxiliary", max_length=2000, null=True
    )
    advice = EncryptedTextField(
        _("treatment opinion"), context="consultation.advice", max_length=2000, null=True
    )
    referral_to = EncryptedTextField(
        _("referred to"), context="consultation.referral_to", max_length=100, null=True
    )
    referral_reason = EncryptedTextField(
        _("reason of the referral"), context="consultation.referral", max_length=500, null=True
    )
    # The days of a sick note, both included.
    sick_from = EncryptedDateField(
        _("unfit for work from"), context="consultation.sick_from", null=True
    )
    sick_until = EncryptedDateField(
        _("unfit for work until"), context="consultation.sick_until", null=True
    )
    sick_reason = EncryptedTextField(
        _("reason of the sick note"), context="consultation.sick_reason", max_length=200, null=True
    )
    # Plain: who is due is asked for by day.
    follow_up_on = models.DateField(_("follow-up on"), null=True, db_index=True)
    # "1" when the doctor said that it is most sensitive, else "0": always one letter, encrypted.
    guarded = EncryptedTextField(context="consultation.guarded", max_length=1, default="0")
    first_visit = models.BooleanField(_("first visit"), default=True)
    # Written as an emergency record: with the minute.
    emergency = models.BooleanField(_("emergency"), default=False)
    # Null while only a nurse has taken vital signs and the patient still waits.
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    finished_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Until then the author may correct the record; settled when it is signed.
    archives_at = models.DateTimeField(null=True)
    # An assistant's record that waits for a doctor of this department; else null.
    countersign_in = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, related_name="to_countersign"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("consultation")
        verbose_name_plural = _("consultations")
        indexes = [
            models.Index(fields=["patient", "-started_at"], name="registration_history"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    finished_at__isnull=True, finished_by__isnull=True, archives_at__isnull=True
                )
                | models.Q(
                    finished_at__isnull=False, finished_by__isnull=False, archives_at__isnull=False
                ),
                name="registration_consultation_signed",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_additional_data(self) -> dict:
        return {"patient": self.patient_id.hex}


class Diagnosis(EncryptedModel):
    """One coded diagnosis of a consultation; the one of the lowest rank is the main one.

    Removed ones stay, marked (R-147).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consultation = models.ForeignKey(
        Consultation, on_delete=models.PROTECT, related_name="diagnoses"
    )
    rank = models.PositiveSmallIntegerField(default=1)
    code = EncryptedTextField(context="diagnosis.code", max_length=20)
    name = EncryptedTextField(context="diagnosis.name", max_length=100)
    suspected = models.BooleanField(_("suspected"), default=False)
    # For statistics: over code and month together, never over the code alone.
    month_code = EncryptedTextField(context="diagnosis.month_code", max_length=28)
    month_code_index = BlindIndexField(
        source="month_code", context="diagnosis.month_code", normalise="plain"
    )
    removed_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField(auto_now_add=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("diagnosis")
        verbose_name_plural = _("diagnoses")
        ordering = ["rank", "added_at"]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def words(self) -> str:
        """As it is read: a diagnosis that is not certain says so."""
        return _("suspected %(name)s") % {"name": self.name} if self.suspected else self.name

    def get_additional_data(self) -> dict:
        return {"patient": self.consultation.patient_id.hex}


class RecordPrint(AppendOnly):
    """One paper that was printed from a record, so that a reprint says so (R-73)."""

    class Kind(models.TextChoices):
        RECORD = "record", _("Outpatient record")
        COPY = "copy", _("Copy for the patient")
        SICK_NOTE = "sick", _("Sick note")
        REFERRAL = "referral", _("Referral letter")

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="prints")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    version = models.PositiveIntegerField()  # of the record that was printed
    printed_at = models.DateTimeField(auto_now_add=True)
    printed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("print of a record")
        verbose_name_plural = _("prints of records")
        indexes = [models.Index(fields=["consultation", "kind"], name="registration_prints")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["record", "copy", "sick", "referral"]),
                name="registration_print_kind",
            )
        ]

    def __str__(self) -> str:
        return f"{self.consultation_id} {self.kind}"

    def get_additional_data(self) -> dict:
        return {"patient": self.consultation.patient_id.hex}
