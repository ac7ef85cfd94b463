"""Clinical data by which rules decide: where it is from, who checked it, who changed it (R-157)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnly
from clinic.core.text import ExactCharField


class Sourced(models.Model):
    """Abstract: a row of clinical data, with its source and whether a pharmacist checked it."""

    source = models.CharField(_("source"), max_length=200, blank=True)
    # False: written from memory or not compared yet.
    checked = models.BooleanField(_("checked by a pharmacist"), default=False)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("who checked it"),
    )
    checked_at = models.DateTimeField(_("checked at"), null=True, editable=False)

    class Meta:
        abstract = True


class ClinicalChange(AppendOnly):
    """One change of the clinical data; its number is the data's version from then on."""

    number = models.PositiveIntegerField(unique=True)
    area = ExactCharField(max_length=40)  # a model's label, such as pharmacy.interaction
    key = ExactCharField(max_length=40)  # the row's own code or number
    label = models.CharField(max_length=200)
    changes = models.JSONField()  # [field, before, after]; a new row: before is empty
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["area", "key", "number"], name="core_clinical_of")]

    def __str__(self) -> str:
        return f"{self.number} {self.area} {self.key}"

    @property
    def name(self) -> str:
        """The row's own words besides its code."""
        return "" if self.label == self.key else self.label
