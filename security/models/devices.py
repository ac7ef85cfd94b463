"""PCs that people share: which one it is, who may come back there by PIN, and the PINs."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.text import ExactCharField


class Device(models.Model):
    """One browser on one PC; its cookie is random and only the cookie's hash lies here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_hash = ExactCharField(max_length=64, unique=True)
    # Whose forms are open there when the session has gone: nobody else is shown what was typed.
    last_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("last person there"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField(_("known since"), auto_now_add=True)
    # What tells the computers apart in a list, as at the last sign-in with the password.
    browser = models.CharField(_("browser"), max_length=40, default="")
    address = models.GenericIPAddressField(_("address"), null=True)

    class Meta:
        verbose_name = _("computer")
        verbose_name_plural = _("computers")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.browser} {self.address or ''}".strip()


class DeviceUnlock(models.Model):
    """A person's full sign-in at a PC: until when the PIN is enough there, and the wrong tries."""

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="unlocks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(auto_now=True)  # not by the tries, which are counted in SQL
    until = models.DateTimeField()
    stamp = ExactCharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "user"], name="security_unlock_one")
        ]

    def __str__(self) -> str:
        return f"{self.device_id} {self.user_id}"


class Pin(models.Model):
    """A person's PIN: a slow hash of its MAC under the key ring, so the database can't tell it."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="pin"
    )
    key_id = models.PositiveSmallIntegerField()
    hash = ExactCharField(max_length=128)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("PIN")

    def __str__(self) -> str:
        return str(self.user_id)
