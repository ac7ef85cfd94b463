"""The week's plan, public holidays and the sessions made from them (R-99, R-100)."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.text import ExactCharField
from registration.models.places import Clinician, Room

SLOT_MINUTES = [MinValueValidator(5), MaxValueValidator(240)]


class Period(models.TextChoices):
    """Parts of the day in which a doctor sees patients (R-99)."""

    MORNING = "am", _("Morning")
    AFTERNOON = "pm", _("Afternoon")
    NIGHT = "night", _("Night")


class WeeklySchedule(models.Model):
    """A doctor's usual week; sessions of a date are made from it (R-99)."""

    WEEKDAYS = [
        (0, _("Monday")),
        (1, _("Tuesday")),
        (2, _("Wednesday")),
        (3, _("Thursday")),
        (4, _("Friday")),
        (5, _("Saturday")),
        (6, _("Sunday")),
    ]

    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="week")
    weekday = models.PositiveSmallIntegerField(
        _("weekday"),
        choices=WEEKDAYS,
    )
    period = models.CharField(_("period"), max_length=5, choices=Period.choices)
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("to"))
    # None: the doctor's own room.
    room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True, blank=True)
    quota = models.PositiveSmallIntegerField(_("quota"), default=30)
    online_quota = models.PositiveSmallIntegerField(_("of these, online"), default=0)
    slot_minutes = models.PositiveSmallIntegerField(
        _("minutes of a slot"), default=30, validators=SLOT_MINUTES
    )
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("weekly schedule")
        verbose_name_plural = _("weekly schedules")
        ordering = ["clinician", "weekday", "starts"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinician", "weekday", "period"], name="registration_week_once"
            ),
            models.CheckConstraint(
                condition=models.Q(online_quota__lte=models.F("quota")),
                name="registration_week_online",
            ),
            models.CheckConstraint(
                condition=models.Q(starts__lt=models.F("ends")), name="registration_week_hours"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clinician_id}/{self.weekday}/{self.period}"


class Holiday(models.Model):
    """A date on which the week's plan does not hold: closed, or worked as another weekday."""

    date = models.DateField(_("date"), unique=True)
    name = ExactCharField(_("name"), max_length=20)
    # None: the clinic is closed. Else the day is worked as this weekday (a moved working day).
    as_weekday = models.PositiveSmallIntegerField(
        _("worked as"), null=True, blank=True, choices=WeeklySchedule.WEEKDAYS
    )
    # False once it was taken back: the row stays, the day follows the week again.
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("public holiday")
        verbose_name_plural = _("public holidays")
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class Session(models.Model):
    """One doctor, one date, one part of the day: what patients are registered for."""

    class StopReason(models.TextChoices):
        """Why a doctor is away (R-100); words to choose, so nothing private is typed."""

        LEAVE = "leave", _("On leave")
        ILL = "ill", _("Ill")
        TRAINING = "training", _("Training")
        DUTY = "duty", _("Other duty")
        HOLIDAY = "holiday", _("Public holiday")
        OTHER = "other", _("Another reason")

    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="sessions")
    room = models.ForeignKey(Room, on_delete=models.PROTECT)
    date = models.DateField(_("date"), db_index=True)
    period = models.CharField(max_length=5, choices=Period.choices)
    starts = models.TimeField()
    ends = models.TimeField()
    quota = models.PositiveSmallIntegerField()
    online_quota = models.PositiveSmallIntegerField(default=0)
    slot_minutes = models.PositiveSmallIntegerField(default=30, validators=SLOT_MINUTES)
    # Numbers given on top of the quota, each with who and when on its registration.
    added = models.PositiveSmallIntegerField(default=0)
    # False once the doctor is away, or, without `stopped_at`, once the week's plan has
    # this part of the day no more: no new number, no new booking.
    open = models.BooleanField(default=True)
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    stop_reason = models.CharField(max_length=10, choices=StopReason.choices, blank=True)
    # While set nobody is called into this room; registration goes on.
    paused_at = models.DateTimeField(null=True)
    # True once a person changed it for this date: the week's plan no longer does.
    by_hand = models.BooleanField(default=False)

    class Meta:
        ordering = ["date", "starts", "clinician"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinician", "date", "period"], name="registration_session_once"
            ),
            models.CheckConstraint(
                condition=models.Q(online_quota__lte=models.F("quota")),
                name="registration_session_online",
            ),
            models.CheckConstraint(
                condition=models.Q(starts__lt=models.F("ends")), name="registration_session_hours"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.period} {self.clinician_id}"
