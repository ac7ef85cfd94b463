"""What was taken out of the audit log and lies in archive files, as a chain of its own."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnly


class AuditArchive(AppendOnly):
    """One archive file: the stretch of seals whose entries it holds, and the MAC over all of it.

    The row is written once the file was read back and proven; from then on the database lets the
    entries of these seals go. The seals stay, so that the chain is never broken.
    """

    number = models.PositiveIntegerField(primary_key=True)
    first_seal = models.PositiveBigIntegerField()
    last_seal = models.PositiveBigIntegerField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    entries = models.PositiveBigIntegerField()
    seal_mac = models.BinaryField(max_length=34)  # of the last seal, which holds all before it
    file = models.CharField(max_length=500)  # a name in our own folder, or a whole path
    size = models.PositiveBigIntegerField()
    sha256 = models.BinaryField(max_length=32)
    backup_key = models.PositiveSmallIntegerField()
    audit_keys = models.CharField(max_length=300)
    made_at = models.DateTimeField()
    prev_mac = models.BinaryField(max_length=34)
    mac = models.BinaryField(max_length=34)

    class Meta:
        verbose_name = _("archive of the audit log")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.number} {self.file}"

    def holds(self, seq: int) -> bool:
        """Whether this seal's entries are in the file."""
        return self.first_seal <= seq <= self.last_seal
