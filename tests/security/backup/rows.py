"""Every row of every table, for comparing a database before and after."""

from django.db import connection

OWN = {"security_backuprecord", "django_session", "core_lease"}


def all_rows() -> dict[str, list]:
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            if table not in OWN:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
                found[table] = sorted(map(repr, cursor.fetchall()))
    return found


def differing(one: dict, two: dict) -> set[str]:
    return {name for name in one.keys() | two.keys() if one.get(name) != two.get(name)}
