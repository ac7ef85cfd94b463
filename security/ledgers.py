"""Append-only rows with something encrypted in them."""

from clinic.core.immutable import AppendOnly, AppendOnlyQuerySet
from security.fields import EncryptedManager, EncryptedModel, EncryptedQuerySet


class SealedLedgerQuerySet(AppendOnlyQuerySet, EncryptedQuerySet):
    """Reads and creates; knows what can't be asked of an encrypted column."""


class SealedLedger(AppendOnly, EncryptedModel):
    """Abstract parent: written once; only a new key seals its values anew (security.places)."""

    objects = EncryptedManager.from_queryset(SealedLedgerQuerySet)()

    class Meta:
        abstract = True
