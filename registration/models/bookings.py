"""Online bookings: a place held by somebody who may or may not have a file here (R-103)."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.text import ExactCharField
from patients.models import IdType
from registration.models.schedule import Session
from registration.models.visits import Registration
from registration.states import BookingState
from security.fields import BlindIndexField, EncryptedModel, EncryptedTextField


class Booking(EncryptedModel):
    """A place of a session held for a person; at check-in it becomes a registration.

    Whoever has the code can show, change or cancel it. Name, document and phone are what was
    typed on the public page: the front desk finds or makes the file.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="bookings")
    slot = models.TimeField()
    state = models.CharField(
        max_length=10, choices=BookingState.choices, default=BookingState.BOOKED
    )
    code = EncryptedTextField(context="booking.code", max_length=20)
    code_index = BlindIndexField(
        source="code", context="booking.code", normalise="plain", unique=True
    )
    name = EncryptedTextField(_("full name"), context="booking.name", max_length=50)
    id_type = models.CharField(
        _("document"), max_length=2, choices=IdType.choices, default=IdType.RESIDENT
    )
    id_number = EncryptedTextField(_("document number"), context="booking.id_number", max_length=30)
    id_number_index = BlindIndexField(
        source="id_number", context="booking.id_number", normalise="id_number"
    )
    phone = EncryptedTextField(_("phone"), context="booking.phone", max_length=20)
    phone_index = BlindIndexField(source="phone", context="booking.phone", normalise="phone")
    made_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    registration = models.OneToOneField(
        Registration, on_delete=models.PROTECT, null=True, related_name="booking"
    )
    # "<session>/<index of the document>" while the booking is alive, else null.
    live_key = ExactCharField(max_length=90, unique=True, null=True)

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        indexes = [models.Index(fields=["session", "state"], name="registration_bookings")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=BookingState.values),
                name="registration_booking_state",
            ),
            models.CheckConstraint(
                condition=models.Q(state=BookingState.KEPT, registration__isnull=False)
                | ~models.Q(state=BookingState.KEPT) & models.Q(registration__isnull=True),
                name="registration_booking_kept",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
