"""Who the person is, and how they are found."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.core.text import ExactCharField
from patients.age import age_text
from security.fields import BlindIndexField, EncryptedModel, EncryptedTextField


class Sex(models.TextChoices):
    """GB/T 2261.1 (R-84)."""

    UNKNOWN = "0", _("Unknown")
    MALE = "1", _("Male")
    FEMALE = "2", _("Female")
    UNSTATED = "9", _("Not stated")


class IdType(models.TextChoices):
    """Kinds of identity document (R-78 to R-80)."""

    RESIDENT = "01", _("Resident ID card")
    HOUSEHOLD = "02", _("Household register")
    PASSPORT = "03", _("Passport")
    MILITARY = "04", _("Military officer's card")
    DRIVING = "05", _("Driving licence")
    HONG_KONG_MACAU = "06", _("Hong Kong or Macau travel permit")
    TAIWAN = "07", _("Taiwan travel permit")
    FOREIGN_RESIDENT = "13", _("Foreigner's permanent residence card")
    HMT_RESIDENT = "12", _("Hong Kong, Macau or Taiwan residence permit")
    BIRTH = "11", _("Birth certificate")
    OLD = "19", _("Old ID number of 15 digits")
    NONE = "98", _("No document")
    OTHER = "99", _("Other valid document")


class AllergyStatus(models.TextChoices):
    """Three values that can't be confused (R-44)."""

    NOT_ASKED = "not_asked", _("Not asked")
    DENIED = "denied", _("Denies allergies")
    HAS = "has", _("Has allergies")


class Payment(models.TextChoices):
    """Payment category as shown to users (R-85)."""

    SELF = "self", _("Self-pay")
    EMPLOYEE = "employee", _("Employee insurance")
    RESIDENT = "resident", _("Resident insurance")
    PUBLIC = "public", _("Publicly funded")
    COMMERCIAL = "commercial", _("Commercial insurance")
    OTHER = "other", _("Other")


class Patient(EncryptedModel):
    """A person with a file. Never deleted; `record_no` is given once and never reused."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        MERGED = "merged", _("Merged")
        # Opened by mistake, such as by an import, and used by nobody.
        WITHDRAWN = "withdrawn", _("Withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record_no = ExactCharField(_("patient number"), max_length=12, unique=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.ACTIVE)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True)
    # Plain: search by part and by pinyin needs it; found by its NameParts.
    name = ExactCharField(_("full name"), max_length=50)
    pinyin = ExactCharField(max_length=200, blank=True, editable=False)
    initials = ExactCharField(max_length=50, blank=True, editable=False)
    sex = models.CharField(_("sex"), max_length=1, choices=Sex.choices)
    birth_date = models.DateField(_("date of birth"))
    id_type = models.CharField(_("document"), max_length=2, choices=IdType.choices)
    id_number = EncryptedTextField(
        _("document number"), context="patient.id_number", max_length=30, null=True, blank=True
    )
    id_number_index = BlindIndexField(
        source="id_number", context="patient.id_number", normalise="id_number", unique=True
    )
    no_id_reason = models.CharField(_("why no document"), max_length=100, blank=True)
    phone = EncryptedTextField(
        _("phone"), context="patient.phone", max_length=20, null=True, blank=True
    )
    phone_index = BlindIndexField(source="phone", context="patient.phone", normalise="phone")
    phone_last4_index = BlindIndexField(
        source="phone", context="patient.phone_last4", normalise="phone_last4", bits=12
    )
    address = EncryptedTextField(
        _("address"), context="patient.address", max_length=200, null=True, blank=True
    )
    contact_name = EncryptedTextField(
        _("contact person"), context="patient.contact_name", max_length=50, null=True, blank=True
    )
    contact_relation = models.CharField(_("relation"), max_length=20, blank=True)
    contact_phone = EncryptedTextField(
        _("contact's phone"), context="patient.contact_phone", max_length=20, null=True, blank=True
    )
    contact_phone_index = BlindIndexField(
        source="contact_phone", context="patient.contact_phone", normalise="phone"
    )
    contact_phone_last4_index = BlindIndexField(
        source="contact_phone",
        context="patient.contact_phone_last4",
        normalise="phone_last4",
        bits=12,
    )
    payment = models.CharField(
        _("payment category"), max_length=10, choices=Payment.choices, default=Payment.SELF
    )
    allergy_status = models.CharField(
        _("allergies"),
        max_length=10,
        choices=AllergyStatus.choices,
        default=AllergyStatus.NOT_ASKED,
    )
    allergy_confirmed_at = models.DateTimeField(null=True, blank=True)
    allergy_confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # 17 digits of the national health record; the number of the old paper file.
    health_no = EncryptedTextField(
        _("health record number"), context="patient.health_no", max_length=17, null=True, blank=True
    )
    health_no_index = BlindIndexField(
        source="health_no", context="patient.health_no", normalise="plain", unique=True
    )
    paper_no = EncryptedTextField(
        _("number of the paper file"), context="patient.paper_no", max_length=30, null=True,
        blank=True,
    )  # fmt: skip
    paper_no_index = BlindIndexField(
        source="paper_no", context="patient.paper_no", normalise="loose"
    )
    # How a rare character is read; without it the table knows.
    reading = models.CharField(_("pinyin of the name"), max_length=100, blank=True)
    # A newborn without a document is known by its mother until it has one of its own.
    mother_id_number = EncryptedTextField(
        _("mother's document number"), context="patient.mother_id_number", max_length=30, null=True,
        blank=True,
    )  # fmt: skip
    mother_id_number_index = BlindIndexField(
        source="mother_id_number", context="patient.mother_id_number", normalise="id_number"
    )
    birth_time = models.TimeField(_("time of birth"), null=True, blank=True)
    # An emergency of whom nobody knows who it is, until somebody does.
    is_unnamed = models.BooleanField(_("nobody knows who this is yet"), default=False)
    # Only the year or the month is known; the date is its first day (1 January, or of the month).
    birth_precision = models.CharField(
        max_length=5, choices=[("day", _("Day")), ("month", _("Month")), ("year", _("Year"))],
        default="day",
    )  # fmt: skip
    notice_given = models.BooleanField(_("purpose notice given"), default=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("patient")
        verbose_name_plural = _("patients")
        indexes = [
            models.Index(fields=["name", "birth_date", "sex"], name="patients_patient_name"),
            models.Index(fields=["birth_date", "sex"], name="patients_patient_birth"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["active", "merged", "withdrawn"]),
                name="patients_patient_state",
            ),
            models.CheckConstraint(
                condition=models.Q(allergy_status__in=AllergyStatus.values),
                name="patients_patient_allergy_status",
            ),
            models.CheckConstraint(
                condition=models.Q(sex__in=Sex.values), name="patients_patient_sex"
            ),
            models.CheckConstraint(
                condition=models.Q(birth_precision__in=["day", "month", "year"]),
                name="patients_patient_precision",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["active", "withdrawn"], merged_into=None)
                | models.Q(state="merged", merged_into__isnull=False),
                name="patients_patient_merged",
            ),
        ]

    @classmethod
    def from_db(cls, db, field_names, values):
        """Remembers under which name the file is found (patients.names)."""
        new = super().from_db(db, field_names, values)
        if {"name", "reading"} <= new.__dict__.keys():
            new.indexed_as = (new.name, new.reading)
        return new

    def __str__(self) -> str:
        return self.record_no  # copied into every audit entry, so never the name

    @property
    def age_text(self) -> str:
        """Today's age in words (R-18)."""
        return self.age_on(timezone.localdate())

    def age_on(self, day) -> str:
        """The same on another day; a guessed one says so."""
        return age_text(self.birth_date, day, self.birth_precision)

    def get_additional_data(self) -> dict:
        """For the audit entry: whose file this is."""
        return {"patient": self.pk.hex}
