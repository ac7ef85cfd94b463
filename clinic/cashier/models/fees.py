"""What services cost, from when on, and for whom less (R-85, R-101)."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnly
from clinic.core.text import ExactCharField
from patients.models import Payment as Category


class FeeItem(models.Model):
    """Something that is charged and is no drug (R-101)."""

    class Kind(models.TextChoices):
        """The columns of the daily report."""

        REGISTRATION = "registration", _("Registration fee")
        CONSULTATION = "consultation", _("Consultation fee")
        # Registration, consultation, injection and pharmacy service in one, where that is the
        # local price: then none of these is charged beside it.
        GENERAL = "general", _("General treatment fee")
        TREATMENT = "treatment", _("Treatment fee")
        MATERIAL = "material", _("Material")
        OTHER = "other", _("Other")

    code = ExactCharField(_("code"), max_length=20, unique=True)
    name = ExactCharField(_("name"), max_length=60)
    initials = models.CharField(_("initials"), max_length=30, blank=True, db_index=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    unit = models.CharField(_("unit"), max_length=10, default="次")
    # Charged by itself for visits in this department only; empty: in all.
    department = models.ForeignKey(
        "registration.Department",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("department"),
    )
    # Charged by itself for each time of this treatment.
    service = models.ForeignKey(
        "prescriptions.TreatmentService",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("treatment"),
    )
    in_general_fee = models.BooleanField(_("contained in the general treatment fee"), default=False)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("fee item")
        verbose_name_plural = _("fee items")
        ordering = ["kind", "code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    kind__in="registration consultation general treatment material other".split()
                ),
                name="cashier_fee_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FeePrice(AppendOnly):
    """One item's line of a price document: what it costs from a moment on (R-122).

    Of two for the same moment the later one counts: that is how a planned price is taken back.
    """

    item = models.ForeignKey(
        FeeItem, on_delete=models.PROTECT, related_name="prices", verbose_name=_("fee item")
    )
    price = models.DecimalField(
        _("price"), max_digits=10, decimal_places=2, validators=[MinValueValidator(0)]
    )
    since = models.DateTimeField(_("since"))
    document = models.CharField(_("price document"), max_length=60)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("price of a fee item")
        verbose_name_plural = _("prices of fee items")
        ordering = ["since", "pk"]
        indexes = [models.Index(fields=["item", "since"], name="cashier_price_since")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price__gte=0), name="cashier_price_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.price}"


class Reduction(models.Model):
    """By how much an item is cheaper for a payment category or an age, and why (R-85, R-101)."""

    item = models.ForeignKey(
        FeeItem, on_delete=models.PROTECT, related_name="reductions", verbose_name=_("fee item")
    )
    # Empty: whatever the category.
    category = models.CharField(
        _("payment category"), max_length=10, choices=Category.choices, blank=True
    )
    from_age = models.PositiveSmallIntegerField(
        _("from the age of"), null=True, blank=True, validators=[MaxValueValidator(150)]
    )
    percent = models.PositiveSmallIntegerField(
        _("percent less"), validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    reason = models.CharField(_("reason"), max_length=60)
    since = models.DateField(_("since"))
    until = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        verbose_name = _("reduction")
        verbose_name_plural = _("reductions")
        ordering = ["item", "since", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(percent__gte=1, percent__lte=100), name="cashier_reduction"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} -{self.percent} %"
