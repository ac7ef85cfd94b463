"""Verbs within verbs: what is taken back alone, and what waits for the end."""

import functools

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.core import transactions
from clinic.core.errors import RuleBroken
from clinic.core.models import Counter
from clinic.core.transactions import atomic_part, atomic_retry, part_of

pytestmark = pytest.mark.django_db


@atomic_retry
def make(name, *, refuse=False):
    Counter.objects.create(name=name)
    if refuse:
        raise RuleBroken("no")


@atomic_part
def make_as_part(name):
    Counter.objects.create(name=name)


def names():
    return set(Counter.objects.filter(name__startswith="t.").values_list("name", flat=True))


def savepoints(queries):
    return sum("SAVEPOINT" in one["sql"] for one in queries.captured_queries)


def test_a_verb_within_a_verb_is_taken_back_alone():
    @atomic_retry
    def outer():
        make("t.1")
        with pytest.raises(RuleBroken):
            make("t.2", refuse=True)

    outer()

    assert names() == {"t.1"}


def test_a_part_needs_no_savepoint_and_fails_with_the_whole():
    @atomic_retry
    def outer(*, refuse):
        make_as_part("t.1")
        part_of(make)("t.2")
        if refuse:
            raise RuleBroken("no")

    with CaptureQueriesContext(connection) as queries:
        outer(refuse=False)
    Counter.objects.filter(name__startswith="t.").delete()
    with pytest.raises(RuleBroken):
        outer(refuse=True)

    assert savepoints(queries) == 2  # the whole's own, in this test's transaction
    assert names() == set()


@pytest.mark.django_db(transaction=True)
def test_a_part_by_itself_is_a_verb():
    @atomic_part
    def alone():
        Counter.objects.create(name="t.1")
        raise RuleBroken("no")

    with pytest.raises(RuleBroken):
        alone()

    assert names() == set()


def test_a_plain_function_is_its_own_part_and_so_is_one_around_a_verb():
    @functools.wraps(make)
    def guarded(*args, **kwargs):
        raise RuleBroken("no")

    assert part_of(names) is names
    assert part_of(guarded) is guarded


def test_endings_run_once_in_the_whole_s_transaction(monkeypatch):
    seen = []
    monkeypatch.setattr(
        transactions,
        "_endings",
        [
            lambda: seen.append(
                (names(), connection.in_atomic_block, transactions.current_verb() is not None)
            )
        ],
    )

    @atomic_retry
    def outer():
        make("t.1")
        make("t.2")

    outer()
    with pytest.raises(RuleBroken):
        make("t.3", refuse=True)

    assert seen == [({"t.1", "t.2"}, True, True)]
    assert transactions.current_verb() is None


def test_an_ending_that_fails_takes_everything_back(monkeypatch):
    def fail():
        raise OSError("no")

    monkeypatch.setattr(transactions, "_endings", [fail])

    with pytest.raises(OSError):
        make("t.1")

    assert names() == set()
