"""Encrypted model fields. Import everything from here; migrations do too."""

from security.fields.base import EncryptedField, encrypted_fields, is_blind_index, is_encrypted
from security.fields.index import BlindIndexField, blind_indexes
from security.fields.model import EncryptedModel, EncryptedRow
from security.fields.query import EncryptedManager, EncryptedQuerySet, encrypted_update
from security.fields.types import (
    EncryptedDateField,
    EncryptedDecimalField,
    EncryptedJSONField,
    EncryptedTextField,
)
from security.fields.values import MASK, Sealed

__all__ = [
    "MASK",
    "BlindIndexField",
    "EncryptedDateField",
    "EncryptedDecimalField",
    "EncryptedField",
    "EncryptedJSONField",
    "EncryptedManager",
    "EncryptedModel",
    "EncryptedQuerySet",
    "EncryptedRow",
    "EncryptedTextField",
    "Sealed",
    "blind_indexes",
    "encrypted_fields",
    "encrypted_update",
    "is_blind_index",
    "is_encrypted",
]
