"""The table of diagnoses."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.text import ExactCharField


class Icd10Code(models.Model):
    """A diagnosis that can be chosen: ICD-10 code and Chinese name (R-158, R-179)."""

    code = ExactCharField(_("code"), max_length=12, unique=True)
    name = ExactCharField(_("name"), max_length=100)
    initials = ExactCharField(_("pinyin initials"), max_length=60, db_index=True)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("diagnosis code")
        verbose_name_plural = _("diagnosis codes")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
