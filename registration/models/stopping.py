"""Who was told that their doctor is away, and how it ended (R-100)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnly
from registration.models.bookings import Booking
from registration.models.schedule import Session
from registration.models.visits import Registration


class StoppedContact(AppendOnly):
    """One try to tell one person, or what was done for them; the newest says how it stands."""

    class Outcome(models.TextChoices):
        REACHED = "reached", _("Reached")
        NOT_REACHED = "missed", _("Not reached")
        MESSAGE = "message", _("Told by text message")
        IN_PERSON = "person", _("Told in person")
        REBOOKED = "rebooked", _("Moved to another time")
        HANDED_OVER = "handed", _("Handed over to another doctor")
        CANCELLED = "cancelled", _("Cancelled")

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="contacts")
    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, null=True, related_name="+"
    )
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("contact of a stopped session")
        verbose_name_plural = _("contacts of stopped sessions")
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(registration__isnull=True, booking__isnull=False)
                | models.Q(registration__isnull=False, booking__isnull=True),
                name="registration_contact_of_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.outcome}"
