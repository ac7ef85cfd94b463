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
    """SQLite sorts an index much faster than it enters ten million rows; MariaDB keeps its own."""
    tables = [model._meta.db_table for model in models]
    indexes = []
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for table in tables:
                cursor.execute(
                    "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s "
                    "AND sql IS NOT NULL",
                    [table],
                )
                indexes += cursor.fetchall()
        for name, _sql in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
    yield
    for number, (_name, sql) in enumerate(indexes, 1):
        with connection.cursor() as cursor:
            cursor.execute(sql)
        if number % 10 == 0:
            told(f"{number} of {len(indexes)} indexes")


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
