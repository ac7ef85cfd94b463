"""Refrigerators and their temperatures, read twice a day (R-121)."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnly
from clinic.core.text import ExactCharField
from pharmacy.models.sources import Place


class ColdUnit(models.Model):
    """A refrigerator or cool box with the limits that must be kept."""

    name = ExactCharField(_("name"), max_length=50, unique=True)
    place = models.ForeignKey(
        Place,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("place"),
    )
    low = models.DecimalField(
        _("lowest allowed, ℃"), max_digits=4, decimal_places=1, default=Decimal("2.0")
    )
    high = models.DecimalField(
        _("highest allowed, ℃"), max_digits=4, decimal_places=1, default=Decimal("8.0")
    )
    # Vaccines belong to the immunisation system: here only a note of what lies in there.
    memo = models.CharField(_("vaccines in it (memo)"), max_length=200, blank=True)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("refrigerator")
        verbose_name_plural = _("refrigerators")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(low__lt=models.F("high")), name="pharmacy_cold_limits"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TemperatureRecord(AppendOnly):
    """One reading. A wrong one is followed by a second row, and both stay to be seen."""

    class Slot(models.TextChoices):
        MORNING = "am", _("Morning")
        AFTERNOON = "pm", _("Afternoon")

    unit = models.ForeignKey(ColdUnit, on_delete=models.PROTECT, related_name="readings")
    day = models.DateField()
    slot = models.CharField(max_length=2, choices=Slot.choices)
    celsius = models.DecimalField(max_digits=4, decimal_places=1)
    # The limits of that moment: changing them later does not change what was in range.
    low = models.DecimalField(max_digits=4, decimal_places=1)
    high = models.DecimalField(max_digits=4, decimal_places=1)
    note = models.CharField(_("note"), max_length=200, blank=True)
    # "unit/day/slot" of the first reading, null of a correction: two people never both write it.
    first_of = ExactCharField(max_length=40, unique=True, null=True)
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="corrected_by"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("temperature")
        verbose_name_plural = _("temperatures")
        indexes = [models.Index(fields=["unit", "day"], name="pharmacy_cold_days")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first_of__isnull=False, corrects__isnull=True)
                | models.Q(first_of__isnull=True, corrects__isnull=False),
                name="pharmacy_cold_first_or_correction",
            ),
            models.CheckConstraint(
                condition=models.Q(slot__in=["am", "pm"]), name="pharmacy_cold_slot"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.day} {self.slot}"

    @property
    def in_range(self) -> bool:
        return self.low <= self.celsius <= self.high
