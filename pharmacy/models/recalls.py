"""Goods that must stay on the shelf: who froze what and why, and recalls of a whole lot."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnly
from clinic.core.text import ExactCharField
from pharmacy.models.drugs import Drug
from pharmacy.models.shelf import Batch


class Recall(models.Model):
    """One lot of one drug called back: nothing of it goes out while the recall is open."""

    class Source(models.TextChoices):
        MAKER = "maker", _("Maker")
        SUPPLIER = "supplier", _("Supplier")
        AUTHORITY = "authority", _("Drug authority")
        CLINIC = "clinic", _("Found by this clinic")

    class Level(models.TextChoices):
        """By the harm that the drug may do; level 1 is the most urgent."""

        ONE = "1", _("Level 1 (serious harm)")
        TWO = "2", _("Level 2 (passing harm)")
        THREE = "3", _("Level 3 (no harm expected)")
        UNKNOWN = "0", _("Not told yet")

    class State(models.TextChoices):
        OPEN = "open", _("Recall open")
        CLOSED = "closed", _("Recall closed")

    number = ExactCharField(_("number"), max_length=20, unique=True)
    drug = models.ForeignKey(Drug, on_delete=models.PROTECT, related_name="recalls")
    lot = ExactCharField(_("lot"), max_length=40)
    # "drug/lot" while open, null once closed: two recalls of one lot are never open together.
    in_force = ExactCharField(max_length=60, unique=True, null=True)
    reason = models.CharField(_("reason"), max_length=200)
    source = models.CharField(_("called back by"), max_length=10, choices=Source.choices)
    level = models.CharField(_("level"), max_length=1, choices=Level.choices)
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    made_at = models.DateTimeField(auto_now_add=True, db_index=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.CharField(_("outcome"), max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("recall")
        verbose_name_plural = _("recalls")
        indexes = [models.Index(fields=["drug", "lot"], name="pharmacy_recalled")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open", in_force__isnull=False, closed_at__isnull=True)
                | models.Q(state="closed", in_force__isnull=True, closed_at__isnull=False),
                name="pharmacy_recall_state",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Hold(AppendOnly):
    """A batch was frozen or released; the newest row says what `Batch.frozen` says."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="holds")
    frozen = models.BooleanField()
    reason = models.CharField(_("reason"), max_length=200)
    recall = models.ForeignKey(Recall, on_delete=models.PROTECT, null=True, related_name="holds")
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("freezing of a batch")
        verbose_name_plural = _("freezing of batches")

    def __str__(self) -> str:
        return f"{self.batch_id} {'frozen' if self.frozen else 'released'}"
