"""Where a patient stands in the lists of the audit log."""

from django.db import models


class AuditMention(models.Model):
    """The entries of some hour that show this patient among others, once more by the patient.

    An entry names the patients of a list as bytes, which no index reads. Made out of the log by
    security.mentions; the entries stay the truth.
    """

    patient = models.UUIDField()
    last_id = models.BigIntegerField()  # the newest of the entries
    entries = models.BinaryField()  # their numbers, eight bytes each, the oldest first

    class Meta:
        verbose_name = "mention in the audit log"
        verbose_name_plural = "mentions in the audit log"
        default_permissions = ()
        indexes = [models.Index(fields=["patient", "-last_id"], name="security_mentioned")]

    def __str__(self) -> str:
        return str(self.last_id)
