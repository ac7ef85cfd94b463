"""Rows of any model with encrypted columns, made by reflection and past all of our code.

No factory has to exist: foreign keys lead nowhere and states are no states while the test lasts,
so that a model of tomorrow is covered on the day it appears.
"""

import contextlib
import datetime
import decimal
import itertools
import os
import uuid

from django.apps import apps
from django.db import connection, models

from security.fields import encrypted_fields
from security.fields.base import is_blind_index, is_encrypted

OUR_APPS = ["core", "security", "patients", "pharmacy", "registration", "prescriptions"]
OURS = [model for label in OUR_APPS for model in apps.get_app_config(label).get_models()]
SEALED = [model for model in OURS if encrypted_fields(model)]
ENCRYPTED = [(model, field) for model in SEALED for field in encrypted_fields(model)]

_numbers = itertools.count(700_001)


def column_id(pair) -> str:
    return f"{pair[0]._meta.label}.{pair[1].name}"


def canary(field, number: int):
    """A value of the field's type that is this column's and row's own."""
    kind = type(field).__name__
    if "Date" in kind:
        return datetime.date(1871, 1, 1) + datetime.timedelta(days=number % 30_000)
    if "Decimal" in kind:
        whole = 10 ** (field.max_digits - field.decimal_places)
        return decimal.Decimal(number % whole).quantize(
            decimal.Decimal(1).scaleb(-field.decimal_places)
        )
    if "JSON" in kind:
        return {"canary": f"金丝雀{number}"}
    text = f"雀{number}"
    return text if field.max_length is None else text[: field.max_length]


def _filler(field):
    """Something that the column takes."""
    number = next(_numbers)
    if isinstance(field, models.ForeignKey):  # one-to-one included
        return _filler(field.target_field)
    by_type = [
        (models.UUIDField, uuid.uuid4),
        (models.BooleanField, lambda: False),
        (models.DateTimeField, lambda: datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)),
        (models.DateField, lambda: datetime.date(2026, 1, 1)),
        (models.TimeField, lambda: datetime.time(8, 0)),
        (models.DurationField, lambda: datetime.timedelta(1)),
        (models.DecimalField, lambda: decimal.Decimal(1)),
        (models.SmallIntegerField, lambda: number % 30_000),
        (models.PositiveSmallIntegerField, lambda: number % 30_000),
        (models.IntegerField, lambda: number),
        (models.JSONField, dict),
        (models.BinaryField, lambda: os.urandom(16)),
        (models.GenericIPAddressField, lambda: "127.0.0.1"),
    ]
    for kind, make in by_type:
        if isinstance(field, kind):
            return make()
    return str(number)[-(field.max_length or 10) :]


def _stored(field, values, row):
    if is_encrypted(field):
        return field.get_db_prep_save(field.seal(values[field.name], row), connection)
    if is_blind_index(field):
        if field.null and not field.unique:
            return None
        return connection.Database.Binary(os.urandom(17)[: 1 + (field.bits + 7) // 8])
    if field.name in values:
        return field.get_db_prep_save(values[field.name], connection)
    if field.null and not field.primary_key:
        return None
    return field.get_db_prep_save(_filler(field), connection)


def insert(model) -> tuple[object, dict]:
    """(primary key, encrypted values by name) of a new row of this model's table."""
    fields = [f for f in model._meta.local_concrete_fields if not f.generated]
    number = next(_numbers)
    values = {f.name: canary(f, number + n) for n, f in enumerate(encrypted_fields(model))}
    by_name = {f.name: f for f in fields}
    row = uuid.uuid4()
    row_attname = encrypted_fields(model)[0].row_attname
    row_field = next(f for f in fields if f.attname == row_attname)
    values[row_field.name] = row
    pk = model._meta.pk
    if pk is not row_field:
        values[pk.name] = _filler(pk)
    columns = ", ".join(connection.ops.quote_name(f.column) for f in fields)
    marks = ", ".join(["%s"] * len(fields))
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) VALUES ({marks})",  # noqa: S608
            [_stored(field, values, row) for field in by_name.values()],
        )
    return values[pk.name], {name: values[name] for name in values if is_encrypted(by_name[name])}


@contextlib.contextmanager
def anything_goes(*tables: str):
    """No foreign key and no check holds inside; the rows of these models are gone afterwards."""
    sqlite = connection.vendor == "sqlite"
    off = ["PRAGMA ignore_check_constraints = ON"] if sqlite else [
        "SET foreign_key_checks = 0",
        "SET check_constraint_checks = 0",
    ]  # fmt: skip
    on = ["PRAGMA ignore_check_constraints = OFF"] if sqlite else [
        "SET foreign_key_checks = 1",
        "SET check_constraint_checks = 1",
    ]  # fmt: skip
    try:
        for statement in off:
            execute(statement)
        yield
    finally:
        for table in tables:
            execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608
        for statement in on:
            execute(statement)


def execute(sql: str, parameters=()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
