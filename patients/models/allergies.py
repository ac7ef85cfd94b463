"""What a patient must not be given, and the groups of substances that share an allergy."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.models_clinical import Sourced
from clinic.core.text import ExactCharField
from patients.models.patient import Patient
from security.fields import EncryptedModel, EncryptedTextField


class AllergyGroup(Sourced):
    """A group of substances that share an allergy (patients/data/allergy_groups.csv)."""

    code = ExactCharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=50)
    members = models.TextField(_("members"), blank=True)
    synonyms = models.TextField(_("other names"), blank=True)
    cross_reactivity = models.TextField(_("cross-reactivity"), blank=True)
    default_action = models.CharField(_("action"), max_length=20)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("allergy group")
        verbose_name_plural = _("allergy groups")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Allergy(EncryptedModel):
    """One recorded allergy. Withdrawn when it was entered in error, never deleted (R-147)."""

    class Severity(models.TextChoices):
        MILD = "mild", _("Mild")
        MODERATE = "moderate", _("Moderate")
        SEVERE = "severe", _("Severe")
        UNKNOWN = "unknown", _("Severity not known")  # from papers that don't say

    # What somebody who is asked can answer.
    KNOWN = Severity.choices[:3]

    class Source(models.TextChoices):
        PATIENT = "patient", _("The patient says so")
        FAMILY = "family", _("A relative")
        PAPERS = "papers", _("Papers of another institution")
        SEEN = "seen", _("Seen here")
        TEST = "test", _("Skin test here")

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        WITHDRAWN = "withdrawn", _("Entered in error")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="allergies")
    # A group's code; UNKNOWN when the patient can't name the drug, blank for a free text alone.
    group_code = EncryptedTextField(context="allergy.group_code", max_length=20)
    substance = EncryptedTextField(_("substance"), context="allergy.substance", max_length=100)
    reaction = EncryptedTextField(
        _("reaction"), context="allergy.reaction", max_length=200, null=True, blank=True
    )
    severity = models.CharField(_("severity"), max_length=8, choices=Severity.choices)
    source = models.CharField(
        _("who says so"), max_length=8, choices=Source.choices, default=Source.PATIENT
    )
    # As much of the date as is known: 2019, 2019-05 or 2019-05-12.
    since = EncryptedTextField(
        _("when it happened"), context="allergy.since", max_length=10, null=True, blank=True
    )
    # The group was found by a word; a doctor looked whether it is the right one.
    group_confirmed_at = models.DateTimeField(null=True)
    group_confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
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
        verbose_name = _("allergy")
        verbose_name_plural = _("allergies")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(severity__in=["mild", "moderate", "severe", "unknown"]),
                name="patients_allergy_severity",
            ),
            models.CheckConstraint(
                condition=models.Q(source__in=["patient", "family", "papers", "seen", "test"]),
                name="patients_allergy_source",
            ),
            models.CheckConstraint(
                condition=models.Q(state="active", withdrawn_at__isnull=True)
                | models.Q(state="withdrawn", withdrawn_at__isnull=False),
                name="patients_allergy_state",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_additional_data(self) -> dict:
        return {"patient": self.patient_id.hex}
