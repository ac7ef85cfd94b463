"""What moved on each past day, added up once at night so that no report adds it up again."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from pharmacy.models.drugs import Drug
from pharmacy.models.shelf import StockMovement
from pharmacy.models.sources import Place


class ClosedDay(models.Model):
    """A day whose movements until a moment are in StockDay: past days whole, today in part.

    A day without movements has none there.
    """

    day = models.DateField(unique=True)
    until = models.DateTimeField()
    closed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("closed day")
        verbose_name_plural = _("closed days")

    def __str__(self) -> str:
        return self.day.isoformat()


class StockDay(models.Model):
    """One day's movements of one kind by one person, as money; the ledger stays the truth."""

    day = models.DateField()
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=20)
    kind = models.CharField(max_length=12, choices=StockMovement.Kind.choices)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    lines = models.PositiveIntegerField()
    # Signed as the movements are. A day is added up in many parts, hence the digits.
    cost = models.DecimalField(max_digits=20, decimal_places=8)
    price = models.DecimalField(max_digits=20, decimal_places=8)

    class Meta:
        verbose_name = _("day of the stock")
        verbose_name_plural = _("days of the stock")
        constraints = [
            models.UniqueConstraint(
                fields=["day", "place", "category", "kind", "made_by"], name="pharmacy_day_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"


class DrugUse(models.Model):
    """All that was ever used of a drug by the end of a day, for days on which some was.

    A running total: what was used since any day is the difference of two rows, however much it was.
    """

    drug = models.ForeignKey(Drug, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    units = models.BigIntegerField()  # base units, what came back taken off
    times = models.PositiveIntegerField()  # how often some was handed out

    class Meta:
        verbose_name = _("use of a drug")
        verbose_name_plural = _("use of drugs")
        constraints = [
            models.UniqueConstraint(fields=["drug", "day"], name="pharmacy_use_of_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.drug_id} {self.day}"
