"""What the shelf asks people to do: one row per condition, from when it began until it is gone."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.text import ExactCharField
from pharmacy.models.drugs import Drug
from pharmacy.models.shelf import Batch


class StockWarning(models.Model):
    """A condition of the shelf that somebody should act on (R-111, R-114).

    It begins and ends by itself with the stock; people only mark it as dealt with. What gets worse
    (near expiry from 6 months to 3, low to out) is open again.
    """

    NOW = models.Q(gone_at__isnull=True)

    class Kind(models.TextChoices):
        OUT = "out", _("Out of stock")
        LOW = "low", _("Below the lower limit")
        REFILL = "refill", _("Low in the pharmacy")
        OVER = "over", _("Above the upper limit")
        EXPIRED = "expired", _("Expired")
        NEAR = "near", _("Near expiry")
        SLOW = "slow", _("Slow mover")

    class How(models.TextChoices):
        ORDERED = "ordered", _("Ordered")
        ARRANGED = "arranged", _("Return, transfer or write-off arranged")
        KNOWN = "known", _("Seen, nothing to do now")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    drug = models.ForeignKey(Drug, on_delete=models.PROTECT, related_name="+")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, null=True, related_name="+")
    # How bad: of near expiry the months left (6, 3, 1), of the others 0; smaller is worse.
    level = models.PositiveSmallIntegerField(default=0)
    # What it is about while it lasts, null when it is gone: no condition is ever warned of twice.
    in_force = ExactCharField(max_length=40, unique=True, null=True)
    # In force and not dealt with: what the bell counts.
    is_open = models.BooleanField(default=True)
    # Sorts by what people should do first: by kind, level, expiry date and name of the drug.
    urgency = ExactCharField(max_length=120, blank=True)
    # Of a drug that should be ordered: supplier and name, by which the order list is sorted, and
    # what the order comes to in hundredths of a yuan. The list shows a page and adds up all of it.
    order_place = ExactCharField(max_length=210, blank=True)
    order_cents = models.BigIntegerField(default=0)
    began_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
    handled_at = models.DateTimeField(null=True, db_index=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    handled_how = models.CharField(max_length=8, choices=How.choices, blank=True)
    note = models.CharField(max_length=200, blank=True)
    # The last day of being left in peace; open again on the day after.
    quiet_until = models.DateField(null=True)

    class Meta:
        verbose_name = _("stock warning")
        verbose_name_plural = _("stock warnings")
        indexes = [
            # Counts read nothing but this, and nothing that is long gone.
            models.Index(
                fields=["gone_at", "is_open", "kind", "level", "drug"], name="pharmacy_warning_now"
            ),
            models.Index(fields=["began_at"], name="pharmacy_warning_began"),
            models.Index(fields=["gone_at", "is_open", "urgency"], name="pharmacy_warning_first"),
            models.Index(
                fields=["gone_at", "-is_open", "order_place", "order_cents"],
                name="pharmacy_warning_order",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_open=False)
                | models.Q(in_force__isnull=False, handled_at__isnull=True),
                name="pharmacy_warning_is_open",
            ),
            models.CheckConstraint(
                condition=models.Q(in_force__isnull=False, gone_at__isnull=True)
                | models.Q(in_force__isnull=True, gone_at__isnull=False),
                name="pharmacy_warning_gone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.drug_id}"
