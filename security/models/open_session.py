"""Who is signed in where; beside Django's sealed sessions, which can't be listed by person."""

from django.conf import settings
from django.db import models

from clinic.core.text import ExactCharField


class OpenSession(models.Model):
    """One signed-in browser. The cookie can't be made from the digest of its key."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="open_sessions"
    )
    key_digest = ExactCharField(max_length=64, unique=True)
    since = models.DateTimeField(auto_now_add=True)
    seen = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=40)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.browser
