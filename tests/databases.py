"""The test database after a test that really committed: as the migrations left it, quickly.

Django's flush empties the tables and then makes permissions, roles and fingerprints anew, half a
second each time. Here the rows that the migrations left are kept and put back.
"""

from dataclasses import dataclass, field

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import TransactionTestCase


@dataclass
class Kept:
    """The rows of a fresh database, by table; Django's own record of migrations is left alone."""

    rows: dict[str, list] = field(default_factory=dict)

    def keep(self) -> None:
        with connection.cursor() as cursor:
            for table in _filled(cursor):
                cursor.execute(f"SELECT * FROM {_name(table)}")  # noqa: S608 # our tables
                self.rows[table] = list(cursor.fetchall())

    def put_back(self) -> None:
        """Empty every table that is not, and fill those that were not empty."""
        with connection.constraint_checks_disabled(), transaction.atomic():
            with connection.cursor() as cursor:
                for table in _filled(cursor):
                    cursor.execute(f"DELETE FROM {_name(table)}")  # noqa: S608 # our tables
                for table, rows in self.rows.items():
                    places = ", ".join(["%s"] * len(rows[0]))
                    insert = f"INSERT INTO {_name(table)} VALUES ({places})"  # noqa: S608 # ours
                    cursor.executemany(insert, rows)
        apps.get_model("contenttypes", "ContentType").objects.clear_cache()


KEPT = Kept()


def _filled(cursor) -> list[str]:
    """The tables with rows, asked for in one question."""
    each = (
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {_name(table)})"  # noqa: S608 # our tables
        for table in _tables()
    )
    cursor.execute(" UNION ALL ".join(each))
    return [table for (table,) in cursor.fetchall()]


def _tables() -> list[str]:
    return connection.introspection.django_table_names(only_existing=True, include_views=False)


def _name(table: str) -> str:
    return connection.ops.quote_name(table)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """What pytest-django makes; what the migrations left in it is remembered and put back."""
    with django_db_blocker.unblock():
        KEPT.keep()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: KEPT.put_back())
        yield
