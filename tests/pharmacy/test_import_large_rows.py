"""Rows of very long cells are stored in statements that a database server takes (16 MB)."""

import pytest

from clinic.core.tables import imports
from pharmacy.models import Drug
from tests.factories.tables import HEADINGS, brought, csv, driven

pytestmark = pytest.mark.django_db
ROWS, COLUMNS, LONG = 8, 190, 1_900
MOST = 2_000_000  # bytes of one sealed piece: a third of a list that was one piece


@pytest.fixture
def long_list() -> bytes:
    more = ",".join(f"备注{number}" for number in range(COLUMNS))
    long = ",".join(["x" * LONG] * COLUMNS)
    lines = [
        f"L{n:03d},维生素C片,0.1g*{n + 10}片/瓶,瓶,厂,3.2,片剂,西药,{long}" for n in range(ROWS)
    ]
    return csv(*lines, headings=f"{HEADINGS},{more}")


def test_a_list_of_long_cells_lies_in_pieces_that_travel(storekeeper, long_list):
    table = brought(storekeeper, long_list)

    sizes = [len(bytes(chunk.content)) for chunk in table.chunks.all()]
    assert len(sizes) > 1
    assert max(sizes) < MOST
    assert len(bytes(table.head)) < MOST


def test_it_is_imported_whole(storekeeper, long_list):
    table = brought(storekeeper, long_list)

    imports.match(table_id=table.pk, mapping=table.read_head()["mapping"], by=storekeeper)
    table = driven(table)
    imports.start(table_id=table.pk, by=storekeeper)
    table = driven(table)

    assert (table.created, table.refused) == (ROWS, 0)
    assert Drug.objects.filter(code__startswith="L00").count() == ROWS
