"""What a pack costs from a time on (R-122)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from pharmacy.models.documents import StockDocument
from pharmacy.models.drugs import Drug


class DrugPrice(models.Model):
    """One drug's line of a price document; `Drug.price` is the price in force."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        APPLIED = "applied", _("In force since then")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    drug = models.ForeignKey(Drug, on_delete=models.PROTECT, related_name="prices")
    document = models.ForeignKey(StockDocument, on_delete=models.PROTECT, related_name="prices")
    price = models.DecimalField(_("price per pack"), max_digits=10, decimal_places=2)
    # What it cost until then: as it was when written, and once in force what it really replaced.
    before = models.DecimalField(max_digits=10, decimal_places=2)
    since = models.DateTimeField(_("since"))
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    reason = models.CharField(_("reason"), max_length=200)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("price of a drug")
        verbose_name_plural = _("prices of drugs")
        ordering = ["since", "pk"]
        indexes = [models.Index(fields=["state", "since"], name="pharmacy_price_due")]
        constraints = [
            models.UniqueConstraint(fields=["document", "drug"], name="pharmacy_price_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["planned", "applied", "withdrawn"]),
                name="pharmacy_price_state",
            ),
            models.CheckConstraint(
                condition=models.Q(price__gte=0), name="pharmacy_price_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.drug_id} {self.price}"
