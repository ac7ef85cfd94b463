"""What the evaluation found on each sheet, what people said to it, and handwritten sheets (1.6)."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.text import ExactCharField
from security.fields import EncryptedJSONField, EncryptedModel, EncryptedTextField


class Evaluation(EncryptedModel):
    """One sheet: what the rules said when it was handed in, and what was judged of it later."""

    class Result(models.TextChoices):
        """The classes of 处方点评: the gravest item that stands decides."""

        WAITING = "", _("Not judged yet")
        REASONABLE = "reasonable", _("Reasonable")
        IRREGULAR = "irregular", _("Irregular")
        UNSUITABLE = "unsuitable", _("Unsuitable")
        EXTRAORDINARY = "extraordinary", _("Extraordinary")

    row_uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    prescription = models.OneToOneField(
        "prescriptions.Prescription", on_delete=models.PROTECT, related_name="evaluation"
    )
    # [rule, keys of lines, level, whether it was signed for, words]: what the file knew that day.
    seen = EncryptedJSONField(context="evaluation.seen", null=True)
    # Version of the clinical data by which the rules spoke.
    data_version = models.PositiveIntegerField(default=0)
    judged_at = models.DateTimeField(null=True, db_index=True)
    result = models.CharField(max_length=13, choices=Result.choices, blank=True, default="")
    # Candidates that no person has decided yet.
    open = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # What the monthly form counts.
    drugs = models.PositiveSmallIntegerField(default=0)
    essentials = models.PositiveSmallIntegerField(default=0)
    antibiotics = models.PositiveSmallIntegerField(default=0)
    injections = models.PositiveSmallIntegerField(default=0)
    amount = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    allergy_asked = models.BooleanField(default=True)
    no_pharmacist = models.BooleanField(default=False)  # checked by another person

    class Meta:
        indexes = [models.Index(fields=["open", "judged_at"], name="prescriptions_to_evaluate")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    result__in=["", "reasonable", "irregular", "unsuitable", "extraordinary"]
                ),
                name="prescriptions_evaluation_result",
            )
        ]

    def __str__(self) -> str:
        return f"{self.prescription_id} {self.result}"

    def get_additional_data(self) -> dict:
        return {"patient": self.prescription.patient_id.hex}


class EvaluationFinding(EncryptedModel):
    """One of the 28 items on one sheet: decided by fact, pointed at, or added by a person."""

    class How(models.TextChoices):
        AUTO = "auto", _("Automatic")
        CANDIDATE = "candidate", _("For you to judge")
        MANUAL = "manual", _("Added by a person")

    row_uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="findings")
    code = ExactCharField(max_length=5)  # an item of prescriptions.rules.items
    item = models.ForeignKey(
        "prescriptions.PrescriptionItem", on_delete=models.PROTECT, null=True, related_name="+"
    )
    how = models.CharField(max_length=9, choices=How.choices)
    # Stands as it is now; empty: nobody has decided yet. What was said is in the entries.
    fault = models.BooleanField(null=True)
    # Sealed like those of an alert: beside the plain drug they would tell the allergy.
    rule = EncryptedTextField(context="evaluation.rule", max_length=40, null=True)
    words = EncryptedTextField(context="evaluation.words", max_length=500, null=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(how__in=["auto", "candidate", "manual"]),
                name="prescriptions_finding_how",
            )
        ]

    def __str__(self) -> str:
        return f"{self.evaluation_id} {self.code}"

    def get_additional_data(self) -> dict:
        return {"patient": self.evaluation.prescription.patient_id.hex}


class EvaluationEntry(EncryptedModel):
    """What somebody said to a finding; the latest decision counts, none is ever changed."""

    class Kind(models.TextChoices):
        FAULT = "fault", _("Unreasonable")
        SOUND = "sound", _("Reasonable")
        ANSWER = "answer", _("The doctor's answer")

    row_uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    finding = models.ForeignKey(EvaluationFinding, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    words = EncryptedTextField(context="evaluation_entry.words", max_length=300, null=True)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["fault", "sound", "answer"]),
                name="prescriptions_entry_kind",
            )
        ]

    def __str__(self) -> str:
        return f"{self.finding_id} {self.kind}"

    def get_additional_data(self) -> dict:
        return {"patient": self.finding.evaluation.prescription.patient_id.hex}


class PaperPrescription(models.Model):
    """A handwritten sheet, for the share of electronic ones; nothing about the patient.

    A wrong entry is withdrawn and written anew.
    """

    class Kind(models.TextChoices):
        ORDINARY = "ordinary", _("Ordinary")
        EMERGENCY = "emergency", _("Emergency")
        PAEDIATRIC = "paediatric", _("Paediatric")
        PSYCHOTROPIC_2 = "psychotropic_2", _("Class-II psychotropic")
        NARCOTIC = "narcotic", _("Narcotic and class-I psychotropic")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    day = models.DateField(_("date"), db_index=True)
    clinician = models.ForeignKey(
        "registration.Clinician", on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=15, choices=Kind.choices, default=Kind.ORDINARY)
    drugs = models.PositiveSmallIntegerField(
        _("number of drugs"), validators=[MinValueValidator(1), MaxValueValidator(30)]
    )
    # Numbers of items that were found, separated by ";"; empty: reasonable.
    codes = models.CharField(max_length=100, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(drugs__gte=1, drugs__lte=30), name="prescriptions_paper_drugs"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=["ordinary", "emergency", "paediatric", "psychotropic_2", "narcotic"]
                ),
                name="prescriptions_paper_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"
