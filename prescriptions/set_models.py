"""Set prescriptions (协定方): rows that are used again and again, without any patient (R-129)."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.text import ExactCharField


class PrescriptionSet(models.Model):
    """A named list of rows: somebody's own, or the clinic's where `owner` is empty."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = ExactCharField(_("name of the set"), max_length=40)
    pinyin = models.CharField(max_length=240, blank=True, editable=False)
    initials = models.CharField(max_length=40, blank=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    stopped_at = models.DateTimeField(null=True)
    # "<owner or clinic>/<name>" while it is in use, else null: no two of a name to choose from.
    live_key = ExactCharField(max_length=90, unique=True, null=True)

    class Meta:
        verbose_name = _("set prescription")
        verbose_name_plural = _("set prescriptions")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(stopped_at__isnull=True, live_key__isnull=False)
                | models.Q(stopped_at__isnull=False, live_key__isnull=True),
                name="prescriptions_set_live",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PrescriptionSetItem(models.Model):
    """A row of a set, with the usage it is written with."""

    set = models.ForeignKey(PrescriptionSet, on_delete=models.PROTECT, related_name="items")
    rank = models.PositiveSmallIntegerField()
    drug = models.ForeignKey("pharmacy.Drug", on_delete=models.PROTECT, related_name="+")
    dose = models.DecimalField(max_digits=12, decimal_places=4)
    dose_unit = models.CharField(max_length=10)
    route = ExactCharField(max_length=20)
    frequency = ExactCharField(max_length=10)
    days = models.PositiveSmallIntegerField()
    quantity = models.PositiveIntegerField(null=True)  # base units; null: computed
    remark = models.CharField(max_length=50, blank=True)
    outside = models.BooleanField(default=False)
    group = models.PositiveSmallIntegerField(null=True)
    drip = models.CharField(max_length=20, blank=True)
    herb_note = ExactCharField(max_length=20, blank=True)

    class Meta:
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(fields=["set", "rank"], name="prescriptions_set_row"),
            models.CheckConstraint(
                condition=models.Q(dose__gt=0, days__gte=1), name="prescriptions_set_usage"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.set_id}/{self.rank}"
