"""Seals over the audit log: each holds a piece of it together and is chained to the one before."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.core.immutable import AppendOnly


class AuditSeal(AppendOnly):
    """One link of the chain: the Merkle root of its members, and the MAC that covers all of it.

    `seq` is the primary key: two sealers that chose the same number can't both commit.
    """

    seq = models.PositiveBigIntegerField(primary_key=True)
    n = models.PositiveIntegerField()
    total = models.PositiveBigIntegerField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    prev_mac = models.BinaryField(max_length=34)
    mac = models.BinaryField(max_length=34)
    sealed_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("seal of the audit log")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.seq} {self.mark}"

    @property
    def mark(self) -> str:
        """Twelve digits for paper, in groups that a person can compare."""
        return " ".join(self.digits[at : at + 4] for at in (0, 4, 8))

    @property
    def digits(self) -> str:
        return bytes(self.mac)[2:8].hex()


class AuditSealed(AppendOnly):
    """Which seal an entry belongs to, and the leaf that the seal's root was computed over.

    A table of its own, so that entries are only ever inserted; the leaf tells which of the members
    is wrong when the entry no longer fits.
    """

    # No constraints of the database: whoever may delete may also switch them off, and every entry
    # would be looked up and locked once more. The verification compares instead.
    entry = models.OneToOneField(
        "security.AuditEntry",
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="sealed",
        db_constraint=False,
    )
    seal = models.ForeignKey(
        AuditSeal,
        on_delete=models.PROTECT,
        related_name="members",
        db_index=False,
        db_constraint=False,
    )
    leaf = models.BinaryField(max_length=32)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["seal", "entry"], name="security_sealed_walk")]
