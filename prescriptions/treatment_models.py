"""What nurses carry out: services, orders, and each time one is due (R-40, R-45)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.core.text import ExactCharField
from security.fields import EncryptedModel, EncryptedTextField


class TreatmentService(models.Model):
    """A treatment that can be ordered; what it costs is the cashier's matter."""

    class Kind(models.TextChoices):
        INJECTION = "injection", _("Injection")
        INFUSION = "infusion", _("Infusion")
        SKIN_TEST = "skin_test", _("Skin tests")
        DRESSING = "dressing", _("Dressing change")
        NEBULISER = "nebuliser", _("Nebuliser")
        OTHER = "other", _("Other treatment")

    code = ExactCharField(_("code"), max_length=20, unique=True)
    name = ExactCharField(_("name"), max_length=60)
    initials = models.CharField(_("initials"), max_length=30, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    # A row of a prescription with one of these routes (codes, ;-separated) orders it by itself.
    routes = models.CharField(_("routes"), max_length=60, blank=True)
    two_people = models.BooleanField(_("two people check"), default=False)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("kind of treatment")
        verbose_name_plural = _("kinds of treatments")
        ordering = ["kind", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in="injection infusion skin_test dressing nebuliser other".split()
                ),
                name="prescriptions_service_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Treatment(EncryptedModel):
    """An order: by a row or a group of a prescription, or by the doctor on the page of the visit.

    `settled_at` is when it was paid for, put off, or found free: nothing is carried out before.
    """

    class State(models.TextChoices):
        ORDERED = "ordered", _("To be carried out")
        DONE = "done", _("Carried out")
        CANCELLED = "cancelled", _("Cancelled")

    class Settled(models.TextChoices):
        """Why it may be carried out."""

        PAID = "paid", _("Paid")
        FREE = "free", _("Nothing to pay")
        LATER = "later", _("To be paid later")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consultation = models.ForeignKey(
        "registration.Consultation", on_delete=models.PROTECT, related_name="treatments"
    )
    patient = models.ForeignKey(
        "patients.Patient", on_delete=models.PROTECT, related_name="treatments"
    )
    service = models.ForeignKey(TreatmentService, on_delete=models.PROTECT, related_name="+")
    # The row it is ordered by; of an infusion the first of its group.
    item = models.ForeignKey(
        "prescriptions.PrescriptionItem",
        on_delete=models.PROTECT,
        null=True,
        related_name="treatments",
    )
    # Where and how: a left forearm, twice folded gauze.
    words = EncryptedTextField(context="treatment.words", max_length=200, null=True)
    times = models.PositiveSmallIntegerField(_("times"), default=1)  # of the whole course
    state = models.CharField(max_length=10, choices=State.choices, default=State.ORDERED)
    ordered_at = models.DateTimeField(auto_now_add=True)
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Why the doctor stopped what was left of the course.
    reason = EncryptedTextField(context="treatment.reason", max_length=200, null=True)
    settled = models.CharField(max_length=5, choices=Settled.choices, blank=True)
    settled_at = models.DateTimeField(null=True)
    # "<row>" or "<row>:test" while it stands: a row orders once. MySQL has no conditional unique.
    live_key = ExactCharField(max_length=60, unique=True, null=True)

    class Meta:
        verbose_name = _("treatment")
        verbose_name_plural = _("treatments")
        ordering = ["ordered_at", "pk"]
        indexes = [
            models.Index(fields=["state", "ordered_at"], name="prescriptions_treat"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(times__gte=1), name="prescriptions_treat_times"),
            models.CheckConstraint(
                condition=Q(state__in=["ordered", "done", "cancelled"]),
                name="prescriptions_treat_state",
            ),
            models.CheckConstraint(
                condition=Q(settled="", settled_at__isnull=True)
                | (~Q(settled="") & Q(settled_at__isnull=False)),
                name="prescriptions_treat_settled",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_additional_data(self) -> dict:
        return {"patient": self.patient_id.hex}


class TreatmentTurn(EncryptedModel):
    """One time of a course: when it is due, who did it when, with which lot, and how it went."""

    class State(models.TextChoices):
        DUE = "due", _("Due")
        RUNNING = "running", _("Running")
        DONE = "done", _("Carried out")
        NOT_DONE = "not_done", _("Not carried out")
        REFUSED = "refused", _("Refused by the patient")
        CANCELLED = "cancelled", _("Cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="turns")
    number = models.PositiveSmallIntegerField()  # 2 of 3
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DUE)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Who took the needle out may be another than who put it in.
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # The second person where two check.
    witness = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    lots = models.CharField(_("lots"), max_length=200, blank=True)
    result = EncryptedTextField(context="turn.result", max_length=200, null=True)
    reaction = EncryptedTextField(context="turn.reaction", max_length=200, null=True)
    reason = EncryptedTextField(context="turn.reason", max_length=200, null=True)
    # Its money went back or was never taken: from then on nobody carries it out.
    given_back_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("turn of a treatment")
        verbose_name_plural = _("turns of treatments")
        ordering = ["treatment", "number"]
        indexes = [models.Index(fields=["state", "due_at"], name="prescriptions_turns_due")]
        constraints = [
            models.UniqueConstraint(fields=["treatment", "number"], name="prescriptions_turn_once"),
            models.CheckConstraint(
                condition=Q(state__in="due running done not_done refused cancelled".split()),
                name="prescriptions_turn_state",
            ),
            models.CheckConstraint(
                condition=Q(witness__isnull=True) | ~Q(witness=models.F("by")),
                name="prescriptions_turn_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.treatment_id}/{self.number}"

    def get_additional_data(self) -> dict:
        return {"patient": self.treatment.patient_id.hex}
