"""Sign-ins that somebody else gave anew: what the person is told until they have read it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AccountReset(models.Model):
    """An administrator gave this person a one-time password, or took their codes away.

    `by` is empty for the command of whoever owns the machine.
    """

    class Kind(models.TextChoices):
        PASSWORD = "password", _("a one-time password was given")
        CODES = "codes", _("the one-time codes were reset")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="resets"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}"
