"""Departments, schedules, sessions, visits, calls and the consultation record."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnly
from clinic.core.text import ExactCharField
from registration.states import VisitState
from security.fields import BlindIndexField, EncryptedJSONField, EncryptedModel, EncryptedTextField


class Period(models.TextChoices):
    """Parts of the day in which a doctor sees patients (R-99)."""

    MORNING = "am", _("Morning")
    AFTERNOON = "pm", _("Afternoon")
    NIGHT = "night", _("Night")


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


class Room(models.Model):
    """A consulting room, named on the waiting-room screen."""

    name = ExactCharField(_("name"), max_length=20, unique=True)

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


class WeeklySchedule(models.Model):
    """A doctor's usual week; sessions of a date are made from it (R-99)."""

    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="week")
    weekday = models.PositiveSmallIntegerField(
        _("weekday"),
        choices=[
            (0, _("Monday")),
            (1, _("Tuesday")),
            (2, _("Wednesday")),
            (3, _("Thursday")),
            (4, _("Friday")),
            (5, _("Saturday")),
            (6, _("Sunday")),
        ],
    )
    period = models.CharField(_("period"), max_length=5, choices=Period.choices)
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("to"))
    quota = models.PositiveSmallIntegerField(_("quota"), default=30)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("weekly schedule")
        verbose_name_plural = _("weekly schedules")
        ordering = ["clinician", "weekday", "starts"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinician", "weekday", "period"], name="registration_week_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.clinician_id}/{self.weekday}/{self.period}"


class Session(models.Model):
    """One doctor, one date, one part of the day: what patients are registered for."""

    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="sessions")
    room = models.ForeignKey(Room, on_delete=models.PROTECT)
    date = models.DateField(_("date"), db_index=True)
    period = models.CharField(max_length=5, choices=Period.choices)
    starts = models.TimeField()
    ends = models.TimeField()
    quota = models.PositiveSmallIntegerField()
    open = models.BooleanField(default=True)

    class Meta:
        ordering = ["date", "starts", "clinician"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinician", "date", "period"], name="registration_session_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.period} {self.clinician_id}"


class Registration(models.Model):
    """A visit: one patient, one session, one queue number that is never reused that day (R-89)."""

    class Source(models.TextChoices):
        DESK = "desk", _("At the desk")
        ONLINE = "online", _("Online")

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
    day = models.DateField(db_index=True)
    number = ExactCharField(_("queue number"), max_length=6)
    state = models.CharField(max_length=10, choices=VisitState.choices)
    source = models.CharField(max_length=6, choices=Source.choices, default=Source.DESK)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    priority_reason = models.CharField(max_length=10, choices=Reason.choices, blank=True)
    # The place in the queue: class first, then time. Both are those of the priority and the
    # check-in, until a recalled patient is put behind somebody else.
    queue_class = models.PositiveSmallIntegerField(default=Priority.NORMAL)
    queued_at = models.DateTimeField(null=True)
    registered_at = models.DateTimeField(auto_now_add=True)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    checked_in_at = models.DateTimeField(null=True)
    first_called_at = models.DateTimeField(null=True)
    called_times = models.PositiveSmallIntegerField(default=0)
    missed_times = models.PositiveSmallIntegerField(default=0)
    recalled_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
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
            models.Index(fields=["patient", "-day"], name="registration_visits"),
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
    called_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.registration_id} {self.called_at}"


class Consultation(EncryptedModel):
    """The outpatient record of one visit (R-70), written at the time of the visit (R-71)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    registration = models.OneToOneField(
        Registration, on_delete=models.PROTECT, related_name="consultation"
    )
    patient = models.ForeignKey(
        "patients.Patient", on_delete=models.PROTECT, related_name="consultations"
    )
    clinician = models.ForeignKey(Clinician, on_delete=models.PROTECT)
    # Keys of registration.vitals.VITALS with numbers as strings.
    vitals = EncryptedJSONField(context="consultation.vitals", null=True, blank=True)
    complaint = EncryptedTextField(
        _("chief complaint"), context="consultation.complaint", max_length=500, null=True
    )
    present_illness = EncryptedTextField(
        _("history of present illness"), context="consultation.illness", max_length=2000, null=True
    )
    examination = EncryptedTextField(
        _("physical examination"), context="consultation.examination", max_length=2000, null=True
    )
    advice = EncryptedTextField(
        _("treatment opinion"), context="consultation.advice", max_length=2000, null=True
    )
    # "1" when the doctor said that it is most sensitive, else "0": always one letter, encrypted.
    guarded = EncryptedTextField(context="consultation.guarded", max_length=1, default="0")
    first_visit = models.BooleanField(_("first visit"), default=True)
    # Null while only a nurse has taken vital signs and the patient still waits.
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    finished_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("consultation")
        verbose_name_plural = _("consultations")
        indexes = [
            models.Index(fields=["patient", "-started_at"], name="registration_history"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(finished_at__isnull=True, finished_by__isnull=True)
                | models.Q(finished_at__isnull=False, finished_by__isnull=False),
                name="registration_consultation_signed",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_additional_data(self) -> dict:
        return {"patient": self.patient_id.hex}


class Diagnosis(EncryptedModel):
    """One coded diagnosis of a consultation. Removed ones stay, marked (R-147)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consultation = models.ForeignKey(
        Consultation, on_delete=models.PROTECT, related_name="diagnoses"
    )
    rank = models.PositiveSmallIntegerField(default=1)
    code = EncryptedTextField(context="diagnosis.code", max_length=12)
    name = EncryptedTextField(context="diagnosis.name", max_length=100)
    # For statistics: over code and month together, never over the code alone.
    month_code = EncryptedTextField(context="diagnosis.month_code", max_length=20)
    month_code_index = BlindIndexField(
        source="month_code", context="diagnosis.month_code", normalise="plain"
    )
    removed_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField(auto_now_add=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("diagnosis")
        verbose_name_plural = _("diagnoses")
        ordering = ["rank", "added_at"]

    def __str__(self) -> str:
        return str(self.pk)

    def get_additional_data(self) -> dict:
        return {"patient": self.consultation.patient_id.hex}


class Icd10Code(models.Model):
    """A diagnosis that can be chosen: ICD-10 code and Chinese name (R-158, R-179)."""

    code = ExactCharField(_("code"), max_length=12, unique=True)
    name = ExactCharField(_("name"), max_length=100)
    initials = ExactCharField(_("pinyin initials"), max_length=60, db_index=True)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("diagnosis code")
        verbose_name_plural = _("diagnosis codes")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
