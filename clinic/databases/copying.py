"""From one database to another, table by table: ids, sealed bytes and codes stay as they are."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from clinic.databases import rows
from clinic.databases.errors import MoveError
from security import triggers

MARK = ("clinic_move", "unfinished")  # a row of django_migrations: a schema made by hand has it too


def prepare(using: str) -> None:
    """The tables of this version in an empty database, all empty, without triggers.

    What an interrupted move left is taken away first; anything else that is there is refused.
    """
    connection = connections[using]
    there = set(connection.introspection.table_names())
    if there:
        _require_ours(connection, there)
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    recorder.record_applied(*MARK)
    if there & set(triggers.LEDGERS):
        triggers.drop(using)
    if _plan(connection):
        drop_tables(connection, there - {"django_migrations"})
        recorder.migration_qs.exclude(app=MARK[0]).delete()
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    _empty(connection)


def _require_ours(connection, there: set[str]) -> None:
    """Either the mark of an interrupted move, or our tables without anything in them."""
    known = rows.tables()
    if "django_migrations" in there:
        if MARK in MigrationRecorder(connection).applied_migrations():
            return
        is_whole = there >= set(known) and not _plan(connection)
        if is_whole and not any(filled(connection, there - {"django_migrations"})):
            return  # an administrator made them from the scripts
    raise MoveError("not_empty", len(there))


def filled(connection, names):
    """Those of these tables that hold rows."""
    for name in sorted(names):
        with connection.cursor() as cursor:
            # Names of tables are the models' own, quoted.
            cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(name)} LIMIT 1")  # noqa: S608  # nosec B608
            if cursor.fetchone():
                yield name


def _plan(connection) -> list:
    executor = MigrationExecutor(connection)
    return executor.migration_plan(executor.loader.graph.leaf_nodes())


def drop_tables(connection, names: set[str]) -> None:
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(name)}")


def _empty(connection) -> None:
    """Some migrations write rows of their own; the old database has them."""
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for name in filled(connection, set(rows.tables()) - {"django_migrations"}):
            # Names of tables are the models' own, quoted.
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")  # noqa: S608  # nosec B608


def copy(source: str, target: str, tell: Callable[[str, int], object]) -> dict[str, rows.Digest]:
    """Copy everything; what was read, by table. The caller keeps others from writing."""
    one, two = connections[source], connections[target]
    found = {}
    with two.constraint_checks_disabled():
        _zero_is_a_number(two)
        for name, model in rows.tables().items():
            if name == "django_migrations":
                with two.cursor() as cursor:
                    cursor.execute("DELETE FROM django_migrations")
            try:
                found[name] = _copy_table(one, two, model)
            except two.Database.Error as error:
                raise MoveError("table", f"{name}: {error.args[-1]}") from error
            _copy_counter(one, two, model)
            tell(name, found[name].rows)
    return found


def _zero_is_a_number(connection) -> None:
    """On MySQL a zero in a key would otherwise ask for the next number."""
    if connection.vendor == "mysql":
        with connection.cursor() as cursor:
            cursor.execute("SET sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')")


@contextlib.contextmanager
def thrifty(using: str):
    """A file that is being filled need not be on the disk before it is full."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
    yield
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    folder = Path(connection.settings_dict["NAME"])
    with folder.open("rb+") as stream:
        os.fsync(stream.fileno())


def _copy_table(one, two, model) -> rows.Digest:
    columns, quote = rows.fields(model), two.ops.quote_name
    names = ", ".join(quote(field.column) for field in columns)
    blanks = ", ".join(["%s"] * len(columns))
    # Names are the models' own, quoted; the values go as parameters.
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({blanks})"  # noqa: S608  # nosec B608
    writers, json_at = rows.writers(two, model), rows.json_columns(model)
    found = rows.Digest()
    for page in rows.pages(one, model):
        found.add(page, json_at)
        values = [[write(value) for write, value in zip(writers, row, strict=True)] for row in page]
        with transaction.atomic(using=two.alias), two.cursor() as cursor:
            cursor.executemany(sql, values)
    return found


def _copy_counter(one, two, model) -> None:
    """The next number: what is gone (archived entries of the log) keeps its number for itself."""
    table, key = model._meta.db_table, model._meta.pk
    number = _next(one, table) if key.get_internal_type().endswith("AutoField") else 0
    if number <= _next(two, table):
        return
    with two.cursor() as cursor:
        if two.vendor == "mysql":
            cursor.execute(f"ALTER TABLE {two.ops.quote_name(table)} AUTO_INCREMENT = {number}")
            return
        cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
        cursor.execute(
            "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, number - 1]
        )


def _next(connection, table: str) -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "mysql":
            cursor.execute("SHOW TABLE STATUS LIKE %s", [table.replace("_", "\\_")])
            columns = [column[0].lower() for column in cursor.description]
            found = cursor.fetchone()
            return found[columns.index("auto_increment")] or 1
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        found = cursor.fetchone()
        return found[0] + 1 if found else 1
