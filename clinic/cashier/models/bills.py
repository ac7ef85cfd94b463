"""What a visit costs: lines are written once, when they are charged, and never changed.

What is not charged yet stands nowhere here: it is worked out of the visit (clinic.cashier.due).
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _

from clinic.cashier.models.fees import FeeItem
from clinic.core.immutable import AppendOnly
from clinic.core.text import ExactCharField
from security.fields import EncryptedTextField
from security.ledgers import SealedLedger


class Payer(models.TextChoices):
    """Who bears a line. The seam for an insurance interface: it would fill payer and share."""

    PATIENT = "patient", _("The patient")
    INSURANCE = "insurance", _("Medical insurance")
    CLINIC = "clinic", _("The clinic")  # free of charge


class Bill(models.Model):
    """One for each visit. The sums are kept beside the lines and payments; check_cash proves them.

    Every verb that moves money locks the bill first.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    registration = models.OneToOneField(
        "registration.Registration", on_delete=models.PROTECT, related_name="+"
    )
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(auto_now_add=True)
    charged = models.DecimalField(max_digits=12, decimal_places=2, default=0)  # sum of the lines
    paid = models.DecimalField(max_digits=12, decimal_places=2, default=0)  # sum of the payments
    # Something was put off and may not be paid yet; clinic.cashier.due says what.
    has_debt = models.BooleanField(default=False, db_index=True)

    class Meta:
        verbose_name = _("bill")
        verbose_name_plural = _("bills")
        constraints = [
            models.CheckConstraint(condition=Q(charged__gte=0), name="cashier_bill_charged"),
            models.CheckConstraint(condition=Q(paid__gte=0), name="cashier_bill_paid"),
            # Never more than it cost: change goes back at once.
            models.CheckConstraint(
                condition=Q(paid__lte=models.F("charged")), name="cashier_bill_not_overpaid"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_additional_data(self) -> dict:
        return {"patient": self.patient_id.hex}


class BillLine(AppendOnly):
    """One thing that was charged, or with the opposite sign taken back."""

    class Kind(models.TextChoices):
        """The columns of the daily report."""

        REGISTRATION = "registration", _("Registration fee")
        CONSULTATION = "consultation", _("Consultation fee")
        GENERAL = "general", _("General treatment fee")
        WESTERN = "western", _("Western medicine")
        PATENT = "patent", _("Patent medicine")
        HERBAL = "herbal", _("Herbal pieces")
        TREATMENT = "treatment", _("Treatment fee")
        MATERIAL = "material", _("Material")
        OTHER = "other", _("Other")

    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="lines")
    receipt = models.ForeignKey("cashier.Receipt", on_delete=models.PROTECT, related_name="lines")
    rank = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    # What it is charged for, such as "rx/<row>" (clinic.cashier.due).
    source = ExactCharField(max_length=60, db_index=True)
    # "<source>/<round>" of a charge, null of a counter-entry: nothing is charged twice.
    charge_key = ExactCharField(max_length=70, unique=True, null=True)
    counter_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="counters"
    )
    prescription_item = models.ForeignKey(
        "prescriptions.PrescriptionItem", on_delete=models.PROTECT, null=True, related_name="+"
    )
    treatment = models.ForeignKey(
        "prescriptions.Treatment", on_delete=models.PROTECT, null=True, related_name="+"
    )
    fee_item = models.ForeignKey(FeeItem, on_delete=models.PROTECT, null=True, related_name="+")
    department = models.ForeignKey(
        "registration.Department", on_delete=models.PROTECT, related_name="+"
    )
    # As it was called and what it cost then.
    name = ExactCharField(max_length=100)
    spec = models.CharField(max_length=60, blank=True)
    unit = models.CharField(max_length=10)
    quantity = models.IntegerField()  # of the unit; negative in a counter-entry
    price = models.DecimalField(max_digits=10, decimal_places=2)
    per = models.PositiveIntegerField(default=1)  # the price is for so many units (a pack)
    no_markup = models.BooleanField(default=False)  # sold at cost
    full = models.DecimalField(max_digits=12, decimal_places=2)  # before any reduction
    reduced = models.DecimalField(max_digits=12, decimal_places=2, default=0)  # by how much
    reduction = models.CharField(max_length=60, blank=True)  # why
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    payer = models.CharField(max_length=10, choices=Payer.choices, default=Payer.PATIENT)
    # Of the amount, what another payer than the patient bears.
    payer_share = models.DecimalField(max_digits=12, decimal_places=2, default=0)

    class Meta:
        verbose_name = _("line of a bill")
        verbose_name_plural = _("lines of bills")
        ordering = ["receipt", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["receipt", "rank"], name="cashier_line_rank"),
            models.CheckConstraint(
                # Rounded: SQLite computes with floats, where 10.1 less 0.7 is no 9.4.
                condition=Q(amount=Round(models.F("full") - models.F("reduced"), 2)),
                name="cashier_line_amount",
            ),
            models.CheckConstraint(
                condition=Q(counter_of__isnull=True, charge_key__isnull=False, quantity__gt=0)
                | Q(counter_of__isnull=False, charge_key__isnull=True, quantity__lt=0),
                name="cashier_line_sign",
            ),
            models.CheckConstraint(
                condition=Q(reduced=0) | ~Q(reduction=""), name="cashier_line_reduction"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.receipt_id}/{self.rank}"

    def get_additional_data(self) -> dict:
        return {"patient": self.bill.patient_id.hex}


class AddedLine(models.Model):
    """A material or another item that the cashier puts on the bill by hand, before it is paid.

    Nothing is charged yet: it waits like the rest of what the visit owes, and can be taken off.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="added")
    fee_item = models.ForeignKey(FeeItem, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    added_at = models.DateTimeField(auto_now_add=True, db_index=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    taken_at = models.DateTimeField(null=True)  # off the bill again
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("line added by hand")
        verbose_name_plural = _("lines added by hand")
        ordering = ["added_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="cashier_added_quantity"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_additional_data(self) -> dict:
        return {"patient": self.bill.patient_id.hex}


class Deferral(SealedLedger):
    """Pay later: what was let through unpaid, by whom and why (an emergency)."""

    class Reason(models.TextChoices):
        EMERGENCY = "emergency", _("Emergency")
        NO_MONEY = "no_money", _("Has no money on them")
        NETWORK = "network", _("Payment does not work now")
        OTHER = "other", _("Another reason")

    row_uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="deferrals")
    amount = models.DecimalField(max_digits=12, decimal_places=2)  # owed at that moment
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    words = EncryptedTextField(context="deferral.words", max_length=200, null=True)
    # What it let through, such as "rx/<row>": the debt ends when that is paid.
    sources = models.JSONField(default=list)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("payment put off")
        verbose_name_plural = _("payments put off")
        ordering = ["made_at", "pk"]

    def __str__(self) -> str:
        return str(self.bill_id)

    def get_additional_data(self) -> dict:
        return {"patient": self.bill.patient_id.hex}
