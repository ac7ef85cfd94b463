"""Institution, settings, stored files, jobs, drafts, counters: what needs no app of ours."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.text import ExactCharField


class Institution(models.Model):
    """The clinic itself; one row, named on every print (R-7)."""

    class Kind(models.TextChoices):
        CENTRE = "centre", _("Community health centre")
        STATION = "station", _("Community health station")
        TOWNSHIP = "township", _("Township health centre")
        CLINIC = "clinic", _("Clinic")

    name = models.CharField(_("name"), max_length=100)
    short_name = models.CharField(_("short name"), max_length=8)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.STATION)
    code = models.CharField(_("institution code"), max_length=30, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)

    class Meta:
        verbose_name = _("institution")
        verbose_name_plural = _("institution")

    def __str__(self) -> str:
        return self.name


class Setting(models.Model):
    """A site's own value for one of the keys in clinic.core.site; no row means the default."""

    key = ExactCharField(_("setting"), max_length=60, unique=True)
    value = models.CharField(_("value"), max_length=500)

    class Meta:
        verbose_name = _("setting")
        verbose_name_plural = _("settings")

    def __str__(self) -> str:
        return self.key


class Counter(models.Model):
    """The last number given in a series (record numbers, queue numbers of a day, ...)."""

    name = ExactCharField(max_length=60, unique=True)
    value = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}={self.value}"


class OnceToken(models.Model):
    """A form that was already carried out; the second click is sent where the first one went."""

    token = models.UUIDField(unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    location = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return str(self.token)


class Lease(models.Model):
    """Who may do a thing that only one process may do, and until when."""

    name = ExactCharField(max_length=60, unique=True)
    holder = models.CharField(max_length=100, blank=True)
    until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Fence(models.Model):
    """A lock that is in force on all nodes of a cluster (clinic.core.fences); empty elsewhere."""

    slot = models.PositiveIntegerField(primary_key=True)
    mark = models.PositiveIntegerField()

    def __str__(self) -> str:
        return str(self.slot)


class Job(models.Model):
    """Long work done in slices, so that no page waits and a restart goes on where it was."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = ExactCharField(max_length=60)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    due_at = models.DateTimeField(db_index=True)
    position = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    payload = models.BinaryField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "running", "done", "failed"]),
                name="core_job_state",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class StoredFile(models.Model):
    """A file whose content lies encrypted in the data directory under its id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = ExactCharField(max_length=40)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.id)


class Draft(models.Model):
    """What somebody typed and has not finished, encrypted; one per person, form and subject."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    form = ExactCharField(max_length=60)
    subject = ExactCharField(max_length=60, blank=True)
    content = models.BinaryField()
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "form", "subject"], name="core_draft_one")
        ]

    def __str__(self) -> str:
        return f"{self.form} {self.subject}"


class GuideStep(models.Model):
    """A step of the administrator's first-run guide that somebody ticked or put off."""

    class State(models.TextChoices):
        DONE = "done", _("done")
        LATER = "later", _("later")

    code = ExactCharField(max_length=30, unique=True)
    state = models.CharField(max_length=10, choices=State.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["done", "later"]), name="core_guide_step_state"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.state}"


class Opinion(models.Model):
    """One anonymous answer to "how was it?": names nobody, and its day is all the time it knows.

    `once` is a keyed digest of what gave the right to answer (a visit; a person and a month), so
    that nobody answers twice; without the key ring it leads back to nothing.
    """

    class Asked(models.TextChoices):
        PATIENT = "patient", _("patients")
        STAFF = "staff", _("staff")

    asked = models.CharField(max_length=10, choices=Asked.choices)
    score = models.PositiveSmallIntegerField()  # 1 very unsatisfied to 5 very satisfied
    day = models.DateField()
    once = ExactCharField(max_length=64, unique=True)

    class Meta:
        # All of them are counted by day and score, and this index alone is read for it.
        indexes = [models.Index(fields=["day", "asked", "score"], name="core_opinion_counted")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(score__gte=1, score__lte=5), name="core_opinion_score"
            ),
            models.CheckConstraint(
                condition=models.Q(asked__in=["patient", "staff"]), name="core_opinion_asked"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asked} {self.day}"


# Models of a folder of their own; here Django looks for them.
from clinic.core.models_clinical import ClinicalChange, Sourced  # noqa: E402
from clinic.core.tables.models import TableChunk, TableImport  # noqa: E402

__all__ = [
    "ClinicalChange",
    "Counter",
    "Draft",
    "GuideStep",
    "Institution",
    "Job",
    "Lease",
    "OnceToken",
    "Opinion",
    "Setting",
    "Sourced",
    "StoredFile",
    "TableChunk",
    "TableImport",
]
