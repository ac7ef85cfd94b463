"""Rows that are like another one but for some columns; each through its model takes far longer."""

import datetime
import uuid

from django.db import connection

from security import crypto
from security.fields.base import EncryptedField
from tests.benchmarks.large import bulk

IS_SQLITE = connection.vendor == "sqlite"
adapted = connection.ops.adapt_datetimefield_value


def stored_of(instance) -> list:
    """What the database would get of this row, by columns."""
    return [
        bulk.plain(field.get_db_prep_save(field.pre_save(instance, True), connection))
        for field in instance._meta.concrete_fields
    ]


def bare(key: uuid.UUID) -> str:
    """As the driver takes it."""
    return key.hex if IS_SQLITE else str(key)


class Like:
    """What is sealed is sealed anew for each row; the rest is as it is in this one."""

    def __init__(self, instance):
        self.fields = {field.attname: field for field in instance._meta.concrete_fields}
        self.stored = dict(zip(self.fields, stored_of(instance), strict=True))
        self.sealed = {
            name: field.encode(field.plain_to_python(value))
            for name, field in self.fields.items()
            if isinstance(field, EncryptedField) and (value := getattr(instance, name)) is not None
        }

    def row(self, key: uuid.UUID, **values) -> list:
        """Of this key; `values` by the names of the columns, as a model would hold them."""
        made, sealed = self.stored | values, self.sealed
        for name, value in values.items():
            field = self.fields[name]
            if isinstance(field, EncryptedField):
                sealed = sealed | {name: field.encode(field.plain_to_python(value))}
            elif isinstance(value, uuid.UUID):
                made[name] = bare(value)
            elif isinstance(value, datetime.datetime):
                made[name] = adapted(value)
        for name, content in sealed.items():
            field = self.fields[name]
            made[name] = crypto.seal(field.context, key, content, field.kind)
        return list(made.values())
