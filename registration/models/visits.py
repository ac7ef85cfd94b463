"""Visits: one patient, one session, one queue number; and the calls over the screen."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnly
from clinic.core.text import ExactCharField
from registration.models.places import Room
from registration.models.schedule import Session
from registration.states import VisitState


class Registration(models.Model):
    """A visit: one patient, one session, one queue number that is never reused that day (R-89)."""

    class Source(models.TextChoices):
        DESK = "desk", _("At the desk")
        ONLINE = "online", _("Online")
        PAPER = "paper", _("Emergency number on paper")

    class Priority(models.IntegerChoices):
        """Higher is called first (R-92)."""

        NORMAL = 0, _("Usual order")
        BOOKED = 10, _("Booked")
        PRIORITY = 20, _("Priority")
        RETURNED = 30, _("Back from examination")
        EMERGENCY = 40, _("Emergency")

    class Reason(models.TextChoices):
        """Why somebody is called first; shown beside the name (R-92)."""

        ELDERLY = "elderly", _("Elderly")
        PREGNANT = "pregnant", _("Pregnant")
        MILITARY = "military", _("Soldier or veteran")
        DISABLED = "disabled", _("Disabled")
        INFANT = "infant", _("Infant with fever")
        EMERGENCY = "emergency", _("Emergency")

    class CancelReason(models.TextChoices):
        """Why a number was given back (R-102); words to choose, so nothing medical is typed."""

        LEFT = "left", _("The patient left")
        WRONG_DOCTOR = "doctor", _("Wrong doctor or time")
        TWICE = "twice", _("Registered twice")
        MISTAKE = "mistake", _("Wrong patient")
        STOPPED = "stopped", _("The doctor can't come")
        OTHER = "other", _("Another reason")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="visits")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="registrations")
    day = models.DateField()
    number = ExactCharField(_("queue number"), max_length=6)
    # When the slot begins that was promised; none for who simply came.
    slot = models.TimeField(null=True)
    # Given on top of the quota by a person who may.
    added = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=VisitState.choices)
    source = models.CharField(max_length=6, choices=Source.choices, default=Source.DESK)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    priority_reason = models.CharField(max_length=10, choices=Reason.choices, blank=True)
    # The moment the number was given; of a number on paper what stands on the paper.
    registered_at = models.DateTimeField(default=timezone.now)
    entered_at = models.DateTimeField(null=True)  # when a number on paper was typed in
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    # The place in the queue is worked out of these times and the calls (registration.order).
    checked_in_at = models.DateTimeField(null=True)
    triaged_at = models.DateTimeField(null=True)  # the nurse has asked and measured
    first_called_at = models.DateTimeField(null=True)
    called_times = models.PositiveSmallIntegerField(default=0)
    missed_times = models.PositiveSmallIntegerField(default=0)
    recalled_at = models.DateTimeField(null=True)  # or back from an examination
    started_at = models.DateTimeField(null=True)
    exam_at = models.DateTimeField(null=True)  # last sent for an examination
    # In all at examinations until back with the doctor: no part of the consultation's time.
    away_seconds = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    cancel_reason = models.CharField(max_length=10, choices=CancelReason.choices, blank=True)
    slip_prints = models.PositiveSmallIntegerField(default=0)
    # "<session>/<patient>" while the visit is alive, else null: MySQL has no conditional
    # unique constraint, and nobody may hold two numbers for one session.
    live_key = ExactCharField(max_length=60, unique=True, null=True)

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        indexes = [
            models.Index(fields=["session", "state"], name="registration_queue"),
            # What is left over of past days is found without reading all that was finished.
            models.Index(fields=["state", "day"], name="registration_left_over"),
            models.Index(fields=["patient", "-day"], name="registration_visits"),
            models.Index(fields=["source", "number"], name="registration_paper"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["day", "number"], name="registration_number_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=VisitState.values), name="registration_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.number}"

    def get_additional_data(self) -> dict:
        return {"patient": self.patient_id.hex}


class Call(AppendOnly):
    """One call over the screen: who was called, where to, by whom, when (R-94)."""

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="calls")
    room = models.ForeignKey(Room, on_delete=models.PROTECT)
    called_at = models.DateTimeField(auto_now_add=True, db_index=True)
    again = models.BooleanField(default=False)  # the same call repeated, nobody new
    called_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.registration_id} {self.called_at}"


class HandOver(AppendOnly):
    """One patient handed over to another doctor of the day, who did it and why (R-94)."""

    class Reason(models.TextChoices):
        """Words to choose, so nothing medical is typed."""

        SPECIALTY = "specialty", _("Belongs to another specialty")
        WISH = "wish", _("The patient's wish")
        BUSY = "busy", _("The doctor is called away")
        SHORTER = "shorter", _("Shorter wait there")
        OTHER = "other", _("Another reason")

    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, related_name="hand_overs"
    )
    from_session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="+")
    to_session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("hand-over of a patient")
        verbose_name_plural = _("hand-overs of patients")
        ordering = ["made_at", "pk"]

    def __str__(self) -> str:
        return f"{self.registration_id} {self.to_session_id}"
