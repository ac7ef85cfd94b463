"""A cashier's shift: from the first receipt to the money handed over."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.core.text import ExactCharField


class Way(models.TextChoices):
    """How money moves; insurance is settled elsewhere and typed by hand with its number."""

    CASH = "cash", _("Cash")
    WECHAT = "wechat", _("WeChat Pay")
    ALIPAY = "alipay", _("Alipay")
    CARD = "card", _("Bank card")
    INSURANCE = "insurance", _("Medical insurance")


class Shift(models.Model):
    """What one cashier took until it was counted and handed over; locked from then on.

    No receipt joins a shift that has ended: whoever writes one locks the shift first.
    """

    number = ExactCharField(_("number"), max_length=20, unique=True)
    cashier = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    # The cashier while the shift runs, null afterwards: nobody has two.
    open_key = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    opened_at = models.DateTimeField(_("opened"))
    # Change money that lay in the till at the start.
    floating = models.DecimalField(_("change money"), max_digits=10, decimal_places=2, default=0)
    closed_at = models.DateTimeField(_("handed over"), null=True)
    counted = models.DecimalField(_("cash counted"), max_digits=12, decimal_places=2, null=True)
    # How many of each note and coin, where they were counted singly: {"100": 3, "0.5": 2}.
    coins = models.JSONField(default=dict)
    # Counted less what should lie there.
    difference = models.DecimalField(_("difference"), max_digits=12, decimal_places=2, null=True)
    reason = models.CharField(_("reason of the difference"), max_length=200, blank=True)
    handed_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Who closed it: the cashier, or somebody else where it was left open.
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("cashier's shift")
        verbose_name_plural = _("cashiers' shifts")
        ordering = ["-opened_at", "-pk"]
        indexes = [models.Index(fields=["closed_at"], name="cashier_shift_closed")]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, open_key=models.F("cashier"))
                | Q(
                    closed_at__isnull=False,
                    open_key__isnull=True,
                    counted__gte=0,
                    difference__isnull=False,
                    handed_to__isnull=False,
                ),
                name="cashier_shift_open",
            ),
            models.CheckConstraint(
                condition=Q(handed_to__isnull=True) | ~Q(handed_to=models.F("cashier")),
                name="cashier_shift_two",
            ),
            models.CheckConstraint(
                condition=Q(difference__isnull=True) | Q(difference=0) | ~Q(reason=""),
                name="cashier_shift_difference",
            ),
            models.CheckConstraint(condition=Q(floating__gte=0), name="cashier_shift_floating"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("shift_show", args=[self.number])


class ShiftLine(models.Model):
    """What the shift took by one way: a kept sum of its till entries, proven by check_cash."""

    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="lines")
    way = models.CharField(max_length=10, choices=Way.choices)
    count = models.PositiveIntegerField(default=0)  # entries so far; the next one's place
    balance = models.DecimalField(max_digits=12, decimal_places=2, default=0)

    class Meta:
        verbose_name = _("sum of a shift")
        verbose_name_plural = _("sums of shifts")
        ordering = ["shift", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["shift", "way"], name="cashier_shift_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.shift_id} {self.way}"
