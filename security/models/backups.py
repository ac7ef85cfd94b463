"""What became of each backup: the administrator's page and the schedule read it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.text import ExactCharField


class BackupRecord(models.Model):
    """One backup: asked for, at work, good or failed; and when it was last restored as a trial."""

    class Kind(models.TextChoices):
        DAILY = "daily", _("Daily")
        HOURLY = "hourly", _("Hourly")
        MANUAL = "manual", _("By hand")
        SAFETY = "safety", _("Before a restore")

    class State(models.TextChoices):
        WAITING = "waiting", _("Not begun yet")
        RUNNING = "running", _("Running")
        GOOD = "good", _("Good")
        FAILED = "failed", _("Failed")

    class Second(models.TextChoices):
        NONE = "none", _("No second place")
        GOOD = "good", _("Copied")
        FAILED = "failed", _("Failed")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    started_at = models.DateTimeField(auto_now_add=True, db_index=True)
    seconds = models.PositiveIntegerField(default=0)
    file_name = ExactCharField(max_length=300, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    audit_last = models.PositiveBigIntegerField(default=0)
    error = ExactCharField(max_length=20, blank=True)
    error_detail = models.CharField(max_length=300, blank=True)
    second = models.CharField(max_length=8, choices=Second.choices, default=Second.NONE)
    second_error = ExactCharField(max_length=20, blank=True)
    second_detail = models.CharField(max_length=300, blank=True)
    verified_at = models.DateTimeField(null=True, db_index=True)
    verify_seconds = models.PositiveIntegerField(default=0)
    verify_error = ExactCharField(max_length=20, blank=True)
    verify_detail = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("backup")
        verbose_name_plural = _("backups")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "running", "good", "failed"]),
                name="security_backup_state",
            )
        ]

    def __str__(self) -> str:
        return self.file_name or f"{self.kind} {self.state}"
