"""Prescriptions, their items, what happened to them, and what was handed out."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnly
from clinic.core.text import ExactCharField
from prescriptions.review_models import Objection, Reviewed
from prescriptions.set_models import PrescriptionSet as PrescriptionSet
from prescriptions.set_models import PrescriptionSetItem as PrescriptionSetItem
from prescriptions.states import RxState
from prescriptions.treatment_models import Treatment as Treatment
from prescriptions.treatment_models import TreatmentService as TreatmentService
from prescriptions.treatment_models import TreatmentTurn as TreatmentTurn
from prescriptions.window_models import Collector as Collector
from prescriptions.window_models import EmptyReturn as EmptyReturn
from prescriptions.window_models import PainFile as PainFile
from prescriptions.window_models import Shortage as Shortage
from security.fields import EncryptedJSONField, EncryptedModel, EncryptedTextField


class Prescription(Reviewed, EncryptedModel):
    """One sheet: one patient, one visit, one prescriber (R-13)."""

    class Kind(models.TextChoices):
        """Decides paper and label (R-10)."""

        ORDINARY = "ordinary", _("Ordinary")
        EMERGENCY = "emergency", _("Emergency")
        PAEDIATRIC = "paediatric", _("Paediatric")
        PSYCHOTROPIC_2 = "psychotropic_2", _("Class-II psychotropic")
        NARCOTIC = "narcotic", _("Narcotic and class-I psychotropic")

    class Form(models.TextChoices):
        """What the sheet holds: herbal pieces stand on a sheet of their own (R-15)."""

        WESTERN = "western", _("Western and patent medicine")
        HERBAL = "herbal", _("Herbal pieces")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = ExactCharField(_("prescription number"), max_length=20, unique=True)
    consultation = models.ForeignKey(
        "registration.Consultation", on_delete=models.PROTECT, related_name="prescriptions"
    )
    patient = models.ForeignKey(
        "patients.Patient", on_delete=models.PROTECT, related_name="prescriptions"
    )
    prescriber = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="prescriptions",
        db_index=False,  # the index below begins with it
    )
    kind = models.CharField(max_length=15, choices=Kind.choices, default=Kind.ORDINARY)
    form = models.CharField(max_length=8, choices=Form.choices, default=Form.WESTERN)
    # Herbal pieces: doses (剂), preparation and taking, as codes of the dictionary.
    herb_doses = models.PositiveSmallIntegerField(null=True)
    herb_method = ExactCharField(max_length=20, blank=True)
    herb_usage = ExactCharField(max_length=20, blank=True)
    state = models.CharField(max_length=15, choices=RxState.choices, default=RxState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    # Structured reason for more than the usual days, a code of prescriptions.reasons.
    long_reason = models.CharField(max_length=20, blank=True)
    valid_until = models.DateField(null=True)  # the day of issue, or an extension
    extra_days = models.PositiveSmallIntegerField(default=0)  # by how many the doctor extends it
    # More than four weeks: the doctor's assessment, and that the patient agreed to it.
    assessment = EncryptedTextField(context="prescription.assessment", max_length=300, null=True)
    patient_agreed = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    dispensed_at = models.DateTimeField(null=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    picker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    checker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    dispenser = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Of narcotics and class-I psychotropics: the running number of its day.
    special_on = models.DateField(null=True)
    special_no = models.PositiveIntegerField(null=True)
    print_count = models.PositiveSmallIntegerField(default=0)
    # The head as it was when submitted: what is printed later must not change.
    head = EncryptedJSONField(context="prescription.head", null=True)

    class Meta:
        verbose_name = _("prescription")
        verbose_name_plural = _("prescriptions")
        indexes = [
            models.Index(fields=["state", "submitted_at"], name="prescriptions_worklist"),
            models.Index(fields=["patient", "-created_at"], name="prescriptions_history"),
            models.Index(fields=["prescriber", "state", "-created_at"], name="prescriptions_own"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=RxState.values), name="prescriptions_state"
            ),
            models.UniqueConstraint(
                fields=["special_on", "special_no"], name="prescriptions_special_no"
            ),
            # Never the prescriber.
            models.CheckConstraint(
                condition=models.Q(reviewer__isnull=True)
                | ~models.Q(reviewer=models.F("prescriber")),
                name="prescriptions_reviewer_not_prescriber",
            ),
            models.CheckConstraint(
                condition=models.Q(extra_days__lte=3), name="prescriptions_extra_days"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        self.__dict__.pop("_as_stored", None)  # no longer what prescriptions.moves has read

    def get_additional_data(self) -> dict:
        return {"patient": self.patient_id.hex}


class PrescriptionItem(models.Model):
    """One drug of a prescription, with the name and price it had when it was written (R-122)."""

    class SkinTest(models.TextChoices):
        """R-45; empty when the drug needs none."""

        NOT_NEEDED = "", _("Not needed")
        PENDING = "pending", _("Skin test pending")
        NEGATIVE = "negative", _("Negative")
        POSITIVE = "positive", _("Positive")
        CONTINUED = "continued", _("Continued use")
        EXEMPT = "exempt", _("Exempt")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="items")
    rank = models.PositiveSmallIntegerField()
    drug = models.ForeignKey("pharmacy.Drug", on_delete=models.PROTECT, related_name="+")
    drug_name = models.CharField(max_length=100)
    dosage_form = models.CharField(max_length=30)
    strength = models.CharField(max_length=60)
    pack_spec = models.CharField(max_length=60)
    dose = models.DecimalField(_("single dose"), max_digits=12, decimal_places=4)
    dose_unit = models.CharField(max_length=10)
    route = ExactCharField(_("route"), max_length=20)  # a code of prescriptions.dictionary
    frequency = ExactCharField(_("frequency"), max_length=10)
    days = models.PositiveSmallIntegerField(_("days"))
    remark = models.CharField(_("remark"), max_length=50, blank=True)
    # Rows with the same number are mixed in one container and given together (an infusion).
    group = models.PositiveSmallIntegerField(_("group"), null=True)
    drip = models.CharField(_("drip rate"), max_length=20, blank=True)
    # 先煎, 后下 …: a code of the dictionary.
    herb_note = ExactCharField(max_length=20, blank=True)
    computed = models.PositiveIntegerField(null=True)  # base units; null: could not be computed
    quantity = models.PositiveIntegerField(_("quantity"))  # base units
    dispensed = models.PositiveIntegerField(default=0)  # of them, with the patient by now
    base_unit = models.CharField(max_length=10)
    price = models.DecimalField(max_digits=10, decimal_places=2)  # of one pack
    units_per_pack = models.PositiveIntegerField()
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    skin_test = models.CharField(
        max_length=10, choices=SkinTest.choices, default=SkinTest.NOT_NEEDED, blank=True
    )
    skin_test_at = models.DateTimeField(null=True)
    # When it was put on: from here on the minutes run until it is read.
    skin_test_started_at = models.DateTimeField(null=True)
    skin_test_lot = models.CharField(_("lot of the test"), max_length=40, blank=True)
    skin_test_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    outside = models.BooleanField(_("bought outside"), default=False)
    removed_at = models.DateTimeField(null=True)  # taken off the sheet; kept for the trace

    class Meta:
        verbose_name = _("prescription item")
        verbose_name_plural = _("prescription items")
        ordering = ["rank"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1), name="prescriptions_item_quantity"
            ),
            # Never more than was prescribed, in however many parts.
            models.CheckConstraint(
                condition=models.Q(dispensed__lte=models.F("quantity")),
                name="prescriptions_item_dispensed",
            ),
            models.CheckConstraint(condition=models.Q(dose__gt=0), name="prescriptions_item_dose"),
            models.CheckConstraint(condition=models.Q(days__gte=1), name="prescriptions_item_days"),
            models.CheckConstraint(
                condition=models.Q(
                    skin_test__in=["", "pending", "negative", "positive", "continued", "exempt"]
                ),
                name="prescriptions_item_skin_test",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prescription_id}/{self.rank}"

    def get_additional_data(self) -> dict:
        return {"patient": self.prescription.patient_id.hex}


class PrescriptionEvent(Objection, EncryptedModel):
    """One move of a prescription: from, to, who, when, why (R-144)."""

    row_uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="events")
    old = models.CharField(max_length=15, blank=True)
    new = models.CharField(max_length=15, choices=RxState.choices)
    version = models.PositiveIntegerField()
    reason = EncryptedTextField(context="prescription_event.reason", max_length=500, null=True)
    made_at = models.DateTimeField(auto_now_add=True)
    # Empty: it happened by itself (lapsed at midnight).
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["made_at", "pk"]

    def __str__(self) -> str:
        return f"{self.prescription_id} {self.new}"

    def get_additional_data(self) -> dict:
        return {"patient": self.prescription.patient_id.hex}


class AlertRecord(EncryptedModel):
    """An alert that was shown and what came of it (R-43)."""

    class Outcome(models.TextChoices):
        BLOCKED = "blocked", _("Refused")
        OVERRIDDEN = "overridden", _("Overridden with reason")
        NOTED = "noted", _("Shown")

    row_uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="alerts")
    item = models.ForeignKey(
        PrescriptionItem, on_delete=models.PROTECT, null=True, related_name="alerts"
    )
    # A key of prescriptions.rules.table. Sealed: beside the plain drug it would tell the allergy.
    rule = EncryptedTextField(context="alert.rule", max_length=40)
    # Which alert exactly: a signature counts for no other (Finding.fingerprint).
    fingerprint = ExactCharField(max_length=32, db_index=True)
    level = models.PositiveSmallIntegerField()  # 1 block, 2 override, 3 note
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    message = EncryptedTextField(context="alert.message", max_length=500)
    reason = EncryptedTextField(context="alert.reason", max_length=200, null=True)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.prescription_id} {self.level}"

    def get_additional_data(self) -> dict:
        return {"patient": self.prescription.patient_id.hex}


class DispenseLine(AppendOnly):
    """Which stock movement handed out how much of which item."""

    item = models.ForeignKey(PrescriptionItem, on_delete=models.PROTECT, related_name="lines")
    movement = models.OneToOneField("pharmacy.StockMovement", on_delete=models.PROTECT)
    quantity = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.item_id} {self.quantity}"


class RecallContact(EncryptedModel):
    """A patient who got a recalled lot was told, came back with it, or could not be found.

    Each try is a row of its own; the newest says how things stand.
    """

    class Outcome(models.TextChoices):
        CONTACTED = "contacted", _("Contacted")
        RETURNED = "returned", _("Brought it back")
        UNREACHABLE = "unreachable", _("Not reached")

    row_uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    recall = models.ForeignKey("pharmacy.Recall", on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=11, choices=Outcome.choices)
    note = EncryptedTextField(context="recall_contact.note", max_length=200, null=True)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["made_at", "pk"]
        indexes = [models.Index(fields=["recall", "patient"], name="prescriptions_recalled")]

    def __str__(self) -> str:
        return str(self.recall_id)  # the audit log tells the outcome in the reader's own words

    def get_additional_data(self) -> dict:
        return {"patient": self.patient_id.hex}


# Models of a file of their own; here Django looks for them.
from prescriptions.models_evaluation import (  # noqa: E402
    Evaluation,
    EvaluationEntry,
    EvaluationFinding,
    PaperPrescription,
)
from prescriptions.paper_models import ArchivedSheet, PaperLayout  # noqa: E402

__all__ = [
    "AlertRecord",
    "ArchivedSheet",
    "DispenseLine",
    "Evaluation",
    "EvaluationEntry",
    "EvaluationFinding",
    "PaperLayout",
    "PaperPrescription",
    "Prescription",
    "PrescriptionEvent",
    "PrescriptionItem",
    "RecallContact",
]
