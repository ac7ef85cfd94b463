"""The count of controlled drugs when one shift hands them to the next (R-120)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnly
from pharmacy.models.shelf import Batch
from pharmacy.models.sources import Place


class ControlledHandover(AppendOnly):
    """One person gave the key and the counted drugs to another, who signed for them."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    from_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    to_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    made_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("handover of controlled drugs")
        verbose_name_plural = _("handovers of controlled drugs")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(from_person=models.F("to_person")),
                name="pharmacy_handover_two_people",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class HandoverLine(AppendOnly):
    """What the book said of a batch and what was counted; a difference has its reason."""

    handover = models.ForeignKey(ControlledHandover, on_delete=models.PROTECT, related_name="lines")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+")
    book = models.PositiveIntegerField()
    counted = models.PositiveIntegerField()
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("line of a handover")
        verbose_name_plural = _("lines of handovers")
        constraints = [
            models.UniqueConstraint(fields=["handover", "batch"], name="pharmacy_counted_once"),
            models.CheckConstraint(
                condition=models.Q(counted=models.F("book")) | ~models.Q(reason=""),
                name="pharmacy_difference_explained",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.handover_id}/{self.batch_id}"

    @property
    def difference(self) -> int:
        return self.counted - self.book
