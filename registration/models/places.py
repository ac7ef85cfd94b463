"""Departments, consulting rooms and doctors."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.text import ExactCharField


class Department(models.Model):
    """A department as printed on prescriptions (R-7)."""

    name = ExactCharField(_("name"), max_length=30, unique=True)
    paediatric = models.BooleanField(_("paediatric"), default=False)
    emergency = models.BooleanField(_("emergency"), default=False)
    # Its name would tell a disease on the public screen.
    discreet = models.BooleanField(_("not named on the public screen"), default=False)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class Area(models.Model):
    """A waiting area with screens of its own; they show its rooms and no others (R-97)."""

    name = ExactCharField(_("name"), max_length=20, unique=True)
    # One area may be quieter than the others: R-97 wants names to be switched there.
    numbers_only = models.BooleanField(_("numbers without names"), default=False)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("waiting area")
        verbose_name_plural = _("waiting areas")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Room(models.Model):
    """A consulting room, named on the waiting-room screen."""

    name = ExactCharField(_("name"), max_length=20, unique=True)
    # None: on the screens that show everything.
    area = models.ForeignKey(
        Area, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("waiting area")
    )

    class Meta:
        verbose_name = _("consulting room")
        verbose_name_plural = _("consulting rooms")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Clinician(models.Model):
    """A doctor with what the law binds to the person (R-2): licence, title, rights."""

    class Title(models.TextChoices):
        ASSISTANT = "assistant", _("Assistant doctor")
        RESIDENT = "resident", _("Resident doctor")
        ATTENDING = "attending", _("Attending doctor")
        ASSOCIATE = "associate", _("Associate chief doctor")
        CHIEF = "chief", _("Chief doctor")

    class Grade(models.TextChoices):
        """Highest antibiotic grade the doctor may prescribe (R-47)."""

        NONE = "none", _("None")
        UNRESTRICTED = "unrestricted", _("Unrestricted grade")
        RESTRICTED = "restricted", _("Restricted grade")
        SPECIAL = "special", _("Special grade")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="clinician"
    )
    department = models.ForeignKey(Department, on_delete=models.PROTECT)
    room = models.ForeignKey(Room, on_delete=models.PROTECT)
    letter = ExactCharField(_("letter of the queue number"), max_length=1, unique=True)
    title = models.CharField(_("title"), max_length=10, choices=Title.choices)
    licence_no = models.CharField(_("licence number"), max_length=30, blank=True)
    may_prescribe = models.BooleanField(_("may prescribe"), default=True)
    antibiotic_grade = models.CharField(
        _("antibiotic grade"), max_length=12, choices=Grade.choices, default=Grade.UNRESTRICTED
    )
    psychotropic_2 = models.BooleanField(_("may prescribe class-II psychotropics"), default=False)
    narcotic = models.BooleanField(_("may prescribe narcotics"), default=False)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("doctor")
        verbose_name_plural = _("doctors")
        ordering = ["letter"]

    def __str__(self) -> str:
        return self.user.full_name
