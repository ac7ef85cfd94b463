"""A lock of a cluster is written down, so that the nodes find out that two hold it."""

import pytest
from django.db import connection, transaction

from clinic.core.fences import fenced
from clinic.core.models import Counter, Fence
from clinic.core.transactions import lock

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(db):
    return [Counter.objects.create(name=f"row {n}") for n in range(3)]


def marks() -> dict[int, int]:
    return dict(Fence.objects.values_list("slot", "mark"))


def test_who_locks_the_same_row_writes_the_same_row(rows):
    chosen = Counter.objects.filter(pk=rows[0].pk)

    fenced(chosen.all()).get()
    first = marks()
    fenced(chosen.all()).values_list("pk").first()
    second = marks()

    assert first.keys() == second.keys()
    assert len(first) == 1
    assert first != second  # a row that stays the same would be no write


def test_each_row_that_was_found_is_written_down_and_no_other(rows):
    found = list(fenced(Counter.objects.filter(pk__in=[rows[0].pk, rows[1].pk])))

    assert len(found) == len(marks()) == 2
    assert fenced(Counter.objects.filter(name="nobody")).first() is None
    assert len(marks()) == 2


def test_values_that_hide_which_row_they_are_of_are_refused(rows):
    with pytest.raises(TypeError):
        list(fenced(Counter.objects.all()).values_list("name", "value"))


@pytest.mark.parametrize("is_cluster", [True, False])
def test_only_a_cluster_needs_it(rows, is_cluster, monkeypatch):
    monkeypatch.setattr(connection, "is_cluster", is_cluster, raising=False)

    with transaction.atomic():
        lock(Counter.objects.filter(pk=rows[0].pk)).get()

    needed = is_cluster and connection.features.has_select_for_update
    assert len(marks()) == needed
