"""The table of diagnoses."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.text import ExactCharField


class Icd10Code(models.Model):
    """A diagnosis that can be chosen: ICD-10 code and Chinese name (R-158, R-179)."""

    code = ExactCharField(_("code"), max_length=20, unique=True)
    name = ExactCharField(_("name"), max_length=100)
    initials = ExactCharField(_("pinyin initials"), max_length=60, db_index=True)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("diagnosis code")
        verbose_name_plural = _("diagnosis codes")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Icd10Part(models.Model):
    """The rest of a name from each of its characters on, so that a part of it is looked up in an
    index; written with every diagnosis (registration.icd10_words)."""

    LONGEST = 8

    code = models.ForeignKey(Icd10Code, on_delete=models.PROTECT, related_name="parts")
    text = ExactCharField(max_length=LONGEST, db_index=True)
    initials = ExactCharField(max_length=LONGEST, db_index=True)

    class Meta:
        verbose_name = _("part of the name of a diagnosis")
        verbose_name_plural = _("parts of the names of diagnoses")

    def __str__(self) -> str:
        return self.text
