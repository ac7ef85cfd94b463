"""Slow counters of wrong passwords, and the passwords a person had before."""

from django.conf import settings
from django.db import models

from clinic.core.text import ExactCharField


class WrongTries(models.Model):
    """Wrong passwords of an hour: of an account, of an address, or of an account at one PC.

    `account` is a known name or the mark of an unknown one, never what was typed.
    """

    account = ExactCharField(max_length=40, blank=True)
    address = ExactCharField(max_length=39, blank=True)
    device = ExactCharField(max_length=36, blank=True)
    since = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)
    closed_until = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["account", "address", "device"], name="security_tries_one"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account}{self.address} {self.failures}"


class FormerPassword(models.Model):
    """A hash of a password used before; kept only while the clinic forbids using it again."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="former_passwords"
    )
    hash = ExactCharField(max_length=128)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.user_id)
