"""Many rows read by key: constant memory, and nothing stays open behind who stops halfway."""

import gc
import sqlite3
from contextlib import closing

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.core.models import Counter
from clinic.core.paging import paged


@pytest.fixture
def seven(transactional_db):
    Counter.objects.all().delete()
    Counter.objects.bulk_create(Counter(name=f"c{n}", value=7 - n) for n in range(7))


def nobody_holds_the_file() -> bool:
    """SQLite changes its kind of journal only when no other reads; elsewhere there is no file."""
    if connection.vendor != "sqlite":
        return True
    with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0)) as alone:
        try:
            return alone.execute("PRAGMA journal_mode=DELETE").fetchall() == [("delete",)]
        except sqlite3.OperationalError:
            return False


def test_every_row_comes_once_in_the_order_of_the_key_a_page_at_a_time(seven):
    with CaptureQueriesContext(connection) as captured:
        values = [counter.value for counter in paged(Counter.objects.all(), "value", 3)]
        named = Counter.objects.values_list("name", "value", named=True)
        names = [name for name, _value in paged(named, "name", 7)]

    assert values == [1, 2, 3, 4, 5, 6, 7]
    assert names == [f"c{n}" for n in range(7)]
    assert len(captured) == 3 + 2


def test_who_stops_halfway_holds_no_file_once_the_connection_is_closed(seven):
    connection.close()
    gc.collect()
    rows = paged(Counter.objects.all(), "name", 3)
    next(rows)

    connection.close()

    assert nobody_holds_the_file()
    assert len(list(rows)) == 6
