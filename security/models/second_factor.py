"""The second step of a sign-in: a seed for one-time codes, and recovery codes on paper."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from security.fields import EncryptedModel, EncryptedTextField


class SecondFactor(EncryptedModel):
    """One person's authenticator. Without `confirmed_at` it was shown but never proven."""

    row_uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="second_factor"
    )
    seed = EncryptedTextField(context="security.second_factor.seed")
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)  # a code up to this half minute is spent
    failures = models.PositiveSmallIntegerField(default=0)
    blocked_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("one-time codes")
        verbose_name_plural = _("one-time codes")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.user_id)


class RecoveryCode(models.Model):
    """A code on paper for a lost phone; only a keyed digest is kept, and it works once."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="recovery_codes"
    )
    digest = models.BinaryField(max_length=32)
    used_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.user_id)
