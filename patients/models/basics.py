"""The resident's basic information form of the national health record (R-59), and histories."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from patients.models.patient import Patient
from security.fields import EncryptedJSONField, EncryptedModel, EncryptedTextField


class Basics(EncryptedModel):
    """What the form asks beyond the person itself; children below seven don't fill it (R-59).

    `answers` holds the codes of patients/data/codes.csv by the name of the set: one code, or a list
    where several may hold; "<set>_other" is what was written beside "other", "none" names the parts
    of the histories (basics_rules.PARTS) of which it was said that there is nothing. Encrypted as a
    whole: disability, exposure and marriage are nobody's business who finds the database.
    """

    class Histories(models.TextChoices):
        NOT_ASKED = "not_asked", _("Not asked")
        DENIED = "denied", _("Denies earlier illness")
        HAS = "has", _("Has earlier illness")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.OneToOneField(Patient, on_delete=models.PROTECT, related_name="basics")
    answers = EncryptedJSONField(context="basics.answers")
    workplace = EncryptedTextField(
        _("workplace"), context="basics.workplace", max_length=100, null=True, blank=True
    )
    genetic = EncryptedTextField(
        _("hereditary disease"), context="basics.genetic", max_length=100, null=True, blank=True
    )
    histories = models.CharField(
        _("earlier illness"), max_length=9, choices=Histories.choices, default=Histories.NOT_ASKED
    )
    asked_on = models.DateField(_("asked on"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    written_at = models.DateTimeField(auto_now=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("basic information")
        verbose_name_plural = _("basic information")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(histories__in=["not_asked", "denied", "has"]),
                name="patients_basics_histories",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_additional_data(self) -> dict:
        return {"patient": self.patient_id.hex}


class History(EncryptedModel):
    """One earlier disease, operation, injury or transfusion, or a disease in the family (R-59).

    Withdrawn when entered in error, never deleted (R-147).
    """

    class Kind(models.TextChoices):
        DISEASE = "disease", pgettext_lazy("in a history", "Disease")
        SURGERY = "surgery", _("Operation")
        TRAUMA = "trauma", _("Injury")
        TRANSFUSION = "transfusion", _("Transfusion")
        FAMILY = "family", _("Disease in the family")

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        WITHDRAWN = "withdrawn", _("Entered in error")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="histories")
    # All encrypted, the kind as well: that somebody had a transfusion is told by none of the rows.
    kind = EncryptedTextField(context="history.kind", max_length=11)
    # Of past_disease or family_disease; blank for what has no code.
    code = EncryptedTextField(context="history.code", max_length=20, blank=True)
    text = EncryptedTextField(context="history.text", max_length=200, blank=True)
    # Of the family only: father, mother, sibling, child.
    relative = EncryptedTextField(context="history.relative", max_length=10, blank=True)
    # As much of the date as is known: 2019, 2019-05 or 2019-05-12.
    since = EncryptedTextField(context="history.since", max_length=10, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.ACTIVE)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("earlier illness")
        verbose_name_plural = _("earlier illnesses")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="active", withdrawn_at__isnull=True)
                | models.Q(state="withdrawn", withdrawn_at__isnull=False),
                name="patients_history_state",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_additional_data(self) -> dict:
        return {"patient": self.patient_id.hex}
