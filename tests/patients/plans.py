"""How a database means to answer: which queries of a work would read a whole table or index."""

import re

from django.db import connection

SELECT = "SELECT"
# What a query calls its tables inside of a question in it; MariaDB's plans say that name.
CALLED = re.compile(r"(?:FROM|JOIN) `(\w+)` ([A-Z]+\d+)\b")


def whole_reads(work) -> list[str]:
    """The plans of the work's queries that are no look-up in an index."""
    asked: list[tuple] = []

    def note(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        work()
    found = []
    for sql, params in asked:
        if sql.startswith(SELECT):
            found += [f"{line} in {sql[:2000]}" for line in _bad_lines(sql, params)]
    return found


def _bad_lines(sql: str, params) -> list[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            return [line for *_ids, line in cursor.fetchall() if _is_whole(line)]
        cursor.execute(f"EXPLAIN {sql}", params)
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [f"{_named(row, sql)} {row['type']} {row['key']}" for row in rows if _reads_all(row)]


def _named(row: dict, sql: str) -> str:
    """Its table; of what is read before the question itself is answered, all that are called so.

    In other questions inside the question it stays the name that the query gave: there a table of
    few rows is read along its index even where the first row is enough.
    """
    called = {real for real, name in CALLED.findall(sql) if name == row["table"]}
    if row["select_type"] != "MATERIALIZED" or not called:
        return str(row["table"])
    return " or ".join(sorted(called))


def _is_whole(line: str) -> bool:
    """SQLite: a scan; or a search of the parts of names by their first column alone."""
    scan = line.startswith("SCAN") and not line.startswith("SCAN CONSTANT ROW")
    return scan or line.endswith("(rank=?)") or "AUTOMATIC" in line


def _reads_all(row: dict) -> bool:
    """MariaDB: ALL and index read a table or an index from end to end."""
    return row["type"] in ("ALL", "index")
