"""What makes writing quick: texts to insert, and which diagnoses a doctor uses most (R-74)."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.text import ExactCharField
from registration.parts import REUSED
from security.fields import EncryptedJSONField, EncryptedModel


class RecordTemplate(EncryptedModel):
    """Texts that a button puts into a record: a phrase of the examination, or a whole record.

    The texts are meant for everybody and belong to no patient. They are encrypted all the same,
    because some are made from a real record, and a word of it may have been left in.
    """

    class Kind(models.TextChoices):
        PHRASE = "phrase", _("Phrase of the examination")
        RECORD = "record", _("Template of a record")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Nobody's: it came with the program.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    name = ExactCharField(_("name"), max_length=30)
    # Keys of registration.parts.REUSED.
    texts = EncryptedJSONField(context="record_template.texts")
    codes = EncryptedJSONField(context="record_template.codes", null=True)
    shared = models.BooleanField(_("colleagues use it too"), default=False)
    # The first of one's own phrases is inserted by one key.
    rank = models.SmallIntegerField(default=0)
    active = models.BooleanField(_("in use"), default=True)
    # "<owner>/<kind>/<name>" while it is in use, else null.
    live_key = ExactCharField(max_length=80, unique=True, null=True)

    class Meta:
        verbose_name = _("record template")
        verbose_name_plural = _("record templates")
        ordering = ["rank", "name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["phrase", "record"]),
                name="registration_template_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(active=True, live_key__isnull=False)
                | models.Q(active=False, live_key__isnull=True),
                name="registration_template_live",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def beginning(self) -> str:
        """The first of its texts, for lists."""
        return next((self.texts[name] for name in REUSED if name in self.texts), "")


class DiagnosisUse(EncryptedModel):
    """How often a doctor has used which diagnosis: one row per doctor, codes and counts together.

    Encrypted, because a count that goes up on the day of a visit tells that visit's diagnosis.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    counts = EncryptedJSONField(context="diagnosis_use.counts")

    class Meta:
        verbose_name = _("diagnoses used")
        verbose_name_plural = _("diagnoses used")

    def __str__(self) -> str:
        return str(self.pk)
