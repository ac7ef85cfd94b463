"""Money that came or went: receipts, their payments, and the ledger of the till."""

import uuid
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _

from clinic.cashier.models.bills import Bill
from clinic.cashier.models.shifts import Shift, Way
from clinic.core.immutable import AppendOnly
from clinic.core.text import ExactCharField
from security.fields import EncryptedTextField
from security.ledgers import SealedLedger


class Receipt(SealedLedger):
    """One act at the till with a number of its own: money taken, or given back."""

    class Kind(models.TextChoices):
        PAYMENT = "payment", _("Payment")
        REFUND = "refund", _("Refund")

    class Cause(models.TextChoices):
        """What a refund rests on; nothing else gives money back."""

        VISIT = "visit", _("Registration cancelled")
        DRUGS = "drugs", _("Drugs returned")
        SHEET = "sheet", _("Prescription not dispensed")
        TREATMENT = "treatment", _("Treatment not carried out")
        MISTAKE = "mistake", _("Mistake at the till")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = ExactCharField(_("receipt number"), max_length=20, unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="receipts")
    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="receipts")
    # The receipt whose lines it takes back.
    refunds = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="refunded_by"
    )
    cause = models.CharField(max_length=10, choices=Cause.choices, blank=True)
    # In a person's own words: it may say what somebody has.
    reason = EncryptedTextField(context="receipt.reason", max_length=200, null=True)
    charged = models.DecimalField(max_digits=12, decimal_places=2)  # sum of its lines
    paid = models.DecimalField(max_digits=12, decimal_places=2)  # sum of its payments
    made_at = models.DateTimeField(db_index=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="payment", refunds__isnull=True, paid__gte=0, charged__gte=0)
                | (Q(kind="refund", refunds__isnull=False, paid__lte=0) & ~Q(cause="")),
                name="cashier_receipt_kind",
            ),
        ]

    @property
    def given_back(self) -> Decimal:
        """What a refund says to people: without the minus of the books."""
        return -self.paid

    def __str__(self) -> str:
        return self.number

    def get_additional_data(self) -> dict:
        return {"patient": self.bill.patient_id.hex}


class Payment(SealedLedger):
    """What a receipt moved by one way; negative where money was given back."""

    row_uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="payments")
    way = models.CharField(max_length=10, choices=Way.choices)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    # Cash: what the patient gave and what went back.
    given = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    change = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    # Number of the insurance's settlement or of the bank's slip.
    reference = EncryptedTextField(context="payment.reference", max_length=60, null=True)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["receipt", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["receipt", "way"], name="cashier_payment_way"),
            models.CheckConstraint(
                condition=Q(given__isnull=True, change=0)
                | Q(
                    given=Round(models.F("amount") + models.F("change"), 2),
                    change__gte=0,
                    way="cash",
                ),
                name="cashier_payment_change",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.receipt_id} {self.way}"

    def get_additional_data(self) -> dict:
        return {"patient": self.receipt.bill.patient_id.hex}


class TillEntry(AppendOnly):
    """The ledger of a shift: each payment once, with the balance of its way after it."""

    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="entries")
    way = models.CharField(max_length=10, choices=Way.choices)
    place = models.PositiveIntegerField()  # 1, 2, 3 … without a hole
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="entry")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    balance = models.DecimalField(max_digits=12, decimal_places=2)
    made_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("entry of the till")
        verbose_name_plural = _("entries of the till")
        ordering = ["shift", "way", "place"]
        constraints = [
            models.UniqueConstraint(fields=["shift", "way", "place"], name="cashier_entry_place"),
        ]

    def __str__(self) -> str:
        return f"{self.shift_id} {self.way} {self.place}"


class ReceiptPrint(AppendOnly):
    """Each time a receipt was printed; all after the first are marked as reprints."""

    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="prints")
    paper = models.CharField(max_length=4)  # 58, 80, a5
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("print of a receipt")
        verbose_name_plural = _("prints of receipts")

    def __str__(self) -> str:
        return str(self.receipt_id)

    def get_additional_data(self) -> dict:
        return {"patient": self.receipt.bill.patient_id.hex}
