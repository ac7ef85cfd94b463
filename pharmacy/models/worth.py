"""What lies on the shelf now, once more and narrow, so that nobody adds up the whole shelf."""

from django.db import models

from pharmacy.models.drugs import Drug
from pharmacy.models.shelf import Batch


class ShelfWorth(models.Model):
    """What a batch that is not empty is worth; it comes, changes and goes with the movement.

    Reports read nothing but its indexes. Written by pharmacy.worth only, proven by check_stock.
    """

    batch = models.OneToOneField(
        Batch, on_delete=models.PROTECT, primary_key=True, related_name="worth"
    )
    # Copies of what never changes once a drug lay here.
    drug = models.ForeignKey(Drug, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=20)
    units_per_pack = models.PositiveIntegerField()
    expires_on = models.DateField()
    on_hand = models.PositiveIntegerField()
    # Units times the cost and the price of a pack in ten-thousandths of a yuan: whole numbers, of
    # which sums are exact in any database. Divided by the units of a pack it is what lies there.
    cost = models.BigIntegerField()
    price = models.BigIntegerField()

    class Meta:
        verbose_name = "worth of a batch"
        verbose_name_plural = "worth of batches"
        indexes = [
            models.Index(
                fields=["category", "units_per_pack", "cost", "price"], name="pharmacy_worth_kinds"
            ),
            models.Index(
                fields=["expires_on", "units_per_pack", "category", "cost"],
                name="pharmacy_worth_days",
            ),
        ]

    def __str__(self) -> str:
        return str(self.batch_id)
