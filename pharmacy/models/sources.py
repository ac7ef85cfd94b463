"""Where goods come from and where they lie."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.text import ExactCharField


class Supplier(models.Model):
    """A licensed source of drugs (R-110)."""

    name = ExactCharField(_("name"), max_length=100, unique=True)
    licence = models.CharField(_("licence number"), max_length=60, blank=True)
    licence_until = models.DateField(_("licence good until"), null=True, blank=True)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("supplier")
        verbose_name_plural = _("suppliers")

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """Where goods lie: the pharmacy that hands out, a store behind it (R-114).

    A clinic with one place never hears of places.
    """

    code = ExactCharField(_("code"), max_length=10, unique=True)
    name = ExactCharField(_("name"), max_length=50)
    # Only what lies in such a place can be promised to a prescription and handed out.
    dispenses = models.BooleanField(_("hands out to patients"), default=True)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("stock place")
        verbose_name_plural = _("stock places")
        ordering = ["-dispenses", "code"]

    def __str__(self) -> str:
        return self.name
