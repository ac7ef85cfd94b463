"""The rows of our tables as plain values that mean the same on SQLite and on MySQL.

Neither model nor field converts anything: what is sealed stays sealed, as in a backup.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal
from uuid import UUID

from django.apps import apps
from django.db.migrations.recorder import MigrationRecorder

ROWS = 1000
# Last of all: without the one nothing starts, without the other nobody knows that it is unfinished.
LAST = ("security_keycheck", "django_migrations")


def tables() -> dict[str, type]:
    """Name → model of every table that a migrated database has, in the order of copying."""
    found = {
        model._meta.db_table: model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and not model._meta.swapped
    }
    found["django_migrations"] = MigrationRecorder.Migration
    return {name: found[name] for name in sorted(found, key=lambda name: (name in LAST, name))}


def fields(model) -> list:
    return [field for field in model._meta.local_concrete_fields if not field.generated]


def pages(connection, model, rows: int = ROWS) -> Iterator[list[tuple]]:
    """All rows in pieces, by key: the driver would load a whole table at once."""
    key, columns = model._meta.pk, fields(model)
    at = columns.index(key)
    readers = [_reader(connection, field, model) for field in columns]
    quote = connection.ops.quote_name
    table, named = quote(model._meta.db_table), quote(key.column)
    wanted = ", ".join(quote(field.column) for field in columns)
    head = f"SELECT {wanted} FROM {table}"  # noqa: S608  # nosec B608 # our own names
    tail = f" ORDER BY {named} LIMIT {rows}"
    sql, values = head + tail, []
    while True:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            found = cursor.fetchall()
        if found:
            yield [
                tuple(read(value) for read, value in zip(readers, row, strict=True))
                for row in found
            ]
        if len(found) < rows:
            return
        sql, values = f"{head} WHERE {named} > %s{tail}", [found[-1][at]]


def _reader(connection, field, model):
    """From what the driver hands over to a value without a dialect."""
    column = field.get_col(model._meta.db_table)
    converters = connection.ops.get_db_converters(column)

    def read(value):
        for convert in converters:
            value = convert(value, column, connection)
        return bytes(value) if isinstance(value, (bytearray, memoryview)) else value

    return read


def writers(connection, model) -> list:
    """For each column a function from a plain value to what this database's driver takes."""
    return [_writer(connection, field) for field in fields(model)]


def _writer(connection, field):
    ops, kind = connection.ops, _kind(field)
    if kind == "DecimalField":
        places = (field.max_digits, field.decimal_places)
        return lambda value: ops.adapt_decimalfield_value(value, *places)
    if kind == "UUIDField":
        native = connection.features.has_native_uuid_field
        return lambda value: value and (str(value) if native else value.hex)
    adapt = {
        "DateTimeField": ops.adapt_datetimefield_value,
        "DateField": ops.adapt_datefield_value,
        "TimeField": ops.adapt_timefield_value,
    }
    return adapt.get(kind, _same)


def _same(value):
    return value


def _kind(field) -> str:
    """A key of another table is what that table's key is."""
    while field.remote_field is not None and hasattr(field, "target_field"):
        field = field.target_field
    return field.get_internal_type()


@dataclass
class Digest:
    """Number of rows and the sum of their hashes: the order, which the collation decides, does
    not matter, and one changed bit does."""

    rows: int = 0
    total: int = 0

    def add(self, page: list[tuple], json_at: list[int]) -> None:
        for row in page:
            value = int.from_bytes(hashlib.sha256(encode(row, json_at)).digest(), "big")
            self.total = (self.total + value) % 2**256
        self.rows += len(page)


def digest_of(connection, model) -> Digest:
    found, json_at = Digest(), json_columns(model)
    for page in pages(connection, model):
        found.add(page, json_at)
    return found


def json_columns(model) -> list[int]:
    """MySQL writes JSON down in its own spelling; what counts is what it says."""
    return [at for at, field in enumerate(fields(model)) if _kind(field) == "JSONField"]


def encode(row: tuple, json_at: list[int]) -> bytes:
    """The same bytes for the same row on every database."""
    if json_at:
        row = list(row)
        for at in json_at:
            if row[at] is not None:
                row[at] = json.dumps(json.loads(row[at]), sort_keys=True)
    plain = [int(value) if isinstance(value, bool) else value for value in row]
    return json.dumps(plain, default=_plain, ensure_ascii=False).encode()


def _plain(value) -> str:
    if isinstance(value, bytes):
        return f"b:{value.hex()}"
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat()
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat()  # dates and times
