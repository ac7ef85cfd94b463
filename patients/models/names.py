"""What a name is found by."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.text import ExactCharField
from patients.models.patient import Patient


class NamePart(models.Model):
    """A name from one of its characters on, so that a part of it is looked up in an index.

    In characters, in pinyin and in initials, once for each way somebody may read it; computed from
    the name (patients.names).
    """

    TEXT, PINYIN, INITIALS = 20, 40, 20
    WHOLE, OTHER = 0, 1

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="name_parts")
    # 0: the whole name as it is usually read; these fit best, so they are asked for by themselves.
    # A number, because SQLite takes no boolean of Django's for the beginning of an index.
    rank = models.PositiveSmallIntegerField()
    text = ExactCharField(max_length=TEXT)
    pinyin = ExactCharField(max_length=PINYIN)
    initials = ExactCharField(max_length=INITIALS)

    class Meta:
        verbose_name = _("part of a name")
        verbose_name_plural = _("parts of names")
        indexes = [
            models.Index(fields=["rank", "text"], name="patients_namepart_text"),
            models.Index(fields=["rank", "pinyin"], name="patients_namepart_pinyin"),
            # With the other two: a mixture such as w秀英 is compared without reading the rows.
            models.Index(
                fields=["rank", "initials", "text", "pinyin"], name="patients_namepart_initials"
            ),
        ]

    def __str__(self) -> str:
        return self.initials
