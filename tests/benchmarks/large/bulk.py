"""Rows by the million: plain statements, many processes that compute, indexes made at the end."""

import collections
import contextlib
import enum
import multiprocessing
import sys
import time

from django.db import connection, transaction


def told(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def copy(model, given: dict[str, str], source: str, params=(), **usual) -> None:
    """INSERT … SELECT: `given` says an expression for a column, the model everything else."""
    fields = model._meta.concrete_fields
    instance = model(**usual)
    columns, chosen, values = [], [], []
    for field in fields:
        if field.primary_key and field.column not in given and field.db_returning:
            continue
        columns.append(connection.ops.quote_name(field.column))
        if field.column in given:
            chosen.append(given[field.column])
        else:
            chosen.append("%s")
            values.append(field.get_db_prep_save(field.pre_save(instance, True), connection))
    table = connection.ops.quote_name(model._meta.db_table)
    run(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(chosen)} {source}",  # noqa: S608
        [*values, *params],
    )


def run(sql: str, params=()) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


def one(sql: str, params=()):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchone()[0]


def write(table: str, columns: list[str], rows: list) -> None:
    """In one transaction with everything else that the caller writes."""
    places = ", ".join(["%s"] * len(columns))
    names = ", ".join(map(connection.ops.quote_name, columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608


def plain(value):
    """What another process can hand over: bytes and text of no class of their own."""
    if type(value) is memoryview:
        return bytes(value)
    if isinstance(value, enum.Enum):
        return value.value
    return value


def new_id() -> str:
    """A random UUID as the database stores it."""
    if connection.vendor == "sqlite":
        return "lower(hex(randomblob(16)))"
    digits = [f"LEFT(MD5(RAND()), {length})" for length in (12, 3, 15)]
    return f"CONCAT({digits[0]}, '4', {digits[1]}, '8', {digits[2]})"  # MariaDB takes no other


@contextlib.contextmanager
def quick():
    """Nothing here needs to survive a power cut, and memory is for this alone."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA synchronous = OFF")
            cursor.execute("PRAGMA cache_size = -1200000")
            cursor.execute("PRAGMA temp_store = FILE")
            cursor.execute("PRAGMA foreign_keys = OFF")
        else:
            cursor.execute("SET SESSION unique_checks = 0, foreign_key_checks = 0")
    yield
    connection.close()


@contextlib.contextmanager
def indexed_at_the_end(*models):
    """A sorted index is made much faster than ten million rows are entered into it."""
    tables = [model._meta.db_table for model in models]
    again = _without_indexes_sqlite(tables) if _is_sqlite() else _without_indexes_mariadb(tables)
    yield
    for number, sql in enumerate(again, 1):
        with connection.cursor() as cursor:
            cursor.execute(sql)
        if number % 10 == 0 or not _is_sqlite():
            told(f"{number} of {len(again)} indexes")


def _is_sqlite() -> bool:
    return connection.vendor == "sqlite"


def _without_indexes_sqlite(tables: list[str]) -> list[str]:
    """They are gone; what makes them again."""
    again = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s "
                "AND sql IS NOT NULL",
                [table],
            )
            for name, sql in cursor.fetchall():
                cursor.execute(f'DROP INDEX "{name}"')
                again.append(sql)
    return again


def _without_indexes_mariadb(tables: list[str]) -> list[str]:
    """The same, all of a table at once. Foreign keys are not looked at meanwhile (`quick`)."""
    again = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SHOW CREATE TABLE `{table}`")
            lines = [line.strip(" ,") for line in cursor.fetchone()[1].splitlines()]
            keys = [line for line in lines if line.startswith(("KEY ", "UNIQUE KEY "))]
            names = [line.split("`")[1] for line in keys]
            if keys:
                drops = ", ".join(f"DROP INDEX `{name}`" for name in names)
                cursor.execute(f"ALTER TABLE `{table}` {drops}")
                adds = ", ".join(f"ADD {line}" for line in keys)
                again.append(f"ALTER TABLE `{table}` {adds}")
    return again


def computed(work, pieces, processes: int = 2):
    """The answers of `work(piece)` in order, made by other processes, never many in advance."""
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        waiting = collections.deque()
        for piece in pieces:
            waiting.append(pool.apply_async(work, (piece,)))
            if len(waiting) > processes * 2:
                yield waiting.popleft().get()
        while waiting:
            yield waiting.popleft().get()
