"""Fingerprints of the keys that this database was written with."""

from django.db import models

from clinic.core.text import ExactCharField


class KeyCheck(models.Model):
    """A fingerprint of each key, so that a wrong key ring is noticed before it does harm."""

    purpose = ExactCharField(max_length=10)
    key_id = models.PositiveSmallIntegerField()
    kcv = models.BinaryField(max_length=8)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purpose", "key_id"], name="security_keycheck_one")
        ]

    def __str__(self) -> str:
        return f"{self.purpose}/{self.key_id}"
