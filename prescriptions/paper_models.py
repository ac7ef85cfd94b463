"""What the papers need: the clinic's own layout, and the archive of finished sheets."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnly
from clinic.core.text import ExactCharField
from prescriptions.models import Prescription
from prescriptions.states import RxState
from security.fields import EncryptedJSONField
from security.ledgers import SealedLedger

FARTHEST = 15  # millimetres that a sheet can be moved


class PaperLayout(AppendOnly):
    """How the clinic has its sheets printed, from a moment on; the newest of each form counts.

    Never overwritten: what was archived keeps the layout it was printed with (R-130).
    """

    class Paper(models.TextChoices):
        A5 = "a5", _("A5, one sheet")
        A4_TWO = "a4_two", _("A4 on its side, two pages beside each other")
        A4_COPIES = "a4_copies", _("A4 on its side, each page twice")

    form = models.CharField(max_length=8, choices=Prescription.Form.choices)
    shift_x = models.DecimalField(max_digits=3, decimal_places=1, default=0)
    shift_y = models.DecimalField(max_digits=3, decimal_places=1, default=0)
    paper = models.CharField(max_length=10, choices=Paper.choices, default=Paper.A5)
    # Labels and lines are on the paper already (套打).
    preprinted = models.BooleanField(default=False)
    points = models.DecimalField(max_digits=3, decimal_places=1, default="10.5")
    shown = models.CharField(max_length=100, blank=True)  # names of prescriptions.layout.OPTIONAL
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("print layout")
        verbose_name_plural = _("print layouts")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(shift_x__gte=-FARTHEST, shift_x__lte=FARTHEST)
                & models.Q(shift_y__gte=-FARTHEST, shift_y__lte=FARTHEST),
                name="prescriptions_layout_shift",
            )
        ]

    def __str__(self) -> str:
        return f"{self.form} {self.pk}"


class ArchivedSheet(SealedLedger):
    """A finished prescription as one document, with all that its print needs (R-148, R-30).

    The truth is `content`; the columns beside it are copies to search by. `content` holds the
    digest of the document before, so that none can be changed, left out or put elsewhere.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveIntegerField(unique=True)  # its place in the chain
    prescription = models.OneToOneField(
        Prescription, on_delete=models.PROTECT, related_name="archived"
    )
    content = EncryptedJSONField(context="archived_sheet.content")
    digest = ExactCharField(max_length=64)
    kind = models.CharField(max_length=15, choices=Prescription.Kind.choices)
    outcome = models.CharField(max_length=15, choices=RxState.choices)  # how the sheet ended
    day = models.DateField()  # of issue
    keep_until = models.DateField()  # the last day on which it must be there
    archived_at = models.DateTimeField()
    # Empty: it happened by itself at the end of the day.
    archived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("archived prescription")
        verbose_name_plural = _("archived prescriptions")
        indexes = [models.Index(fields=["-day", "-number"], name="prescriptions_archive_day")]

    def __str__(self) -> str:
        return str(self.number)

    def get_additional_data(self) -> dict:
        return {"patient": self.prescription.patient_id.hex}
