"""The entries of a verb are stored together at its end; none is lost, none is left over."""

from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from clinic.core.errors import RuleBroken
from clinic.core.models import Setting
from clinic.core.transactions import atomic_retry
from security import audit, entry_store, put_off
from security.models import AuditEntry
from security.tracking import is_tracked

pytestmark = pytest.mark.django_db
KEYS = ["queue.fair_minutes", "site.charges", "site.booking"]


def entries():
    return list(AuditEntry.objects.order_by("pk").values_list("event", "object_repr"))


def inserts(queries):
    return [
        one
        for one in queries.captured_queries
        if 'INTO "security_auditentry"' in one["sql"].replace("`", '"')
    ]


@atomic_retry
def store(*keys, refuse=False):
    for key in keys:
        Setting.objects.create(key=key, value="1")
    audit.record("import", screen="test")
    if refuse:
        raise RuleBroken("no")


def test_one_statement_in_the_order_of_what_was_done():
    assert is_tracked(Setting)
    before = entries()
    with CaptureQueriesContext(connection) as queries:
        store(*KEYS)

    assert len(inserts(queries)) == 1
    told = [event for event, _what in entries()[len(before) :]]
    assert told == ["create", "create", "create", "import"]


def test_a_refused_verb_leaves_none():
    before = entries()
    with pytest.raises(RuleBroken):
        store(*KEYS, refuse=True)
    store(KEYS[0])

    assert [event for event, _what in entries()[len(before) :]] == ["create", "import"]


def test_a_part_taken_back_takes_its_entries_along():
    @atomic_retry
    def outer():
        store(KEYS[0])
        with pytest.raises(RuleBroken):
            store(KEYS[1], refuse=True)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            Setting.objects.create(key=KEYS[1], value="1")
            raise ZeroDivisionError
        store(KEYS[2])

    before = entries()
    outer()

    told = entries()[len(before) :]
    assert [event for event, _what in told] == ["create", "import"] * 2
    assert len({what for _event, what in told if what}) == 2


def test_what_no_verb_does_is_on_record_at_once():
    before = len(entries())
    row = Setting.objects.create(key=KEYS[0], value="1")
    assert len(entries()) == before + 1

    with transaction.atomic():
        row.delete()
        assert len(entries()) == before + 2


@pytest.mark.django_db(transaction=True)
def test_nothing_is_committed_without_its_entries(monkeypatch):
    def fail(*_rows):
        raise OSError("no")

    monkeypatch.setattr(put_off, "insert_rows", fail)
    before = entries()

    with pytest.raises(OSError):
        store(KEYS[0])

    assert entries() == before
    assert not Setting.objects.filter(key=KEYS[0]).exists()
    monkeypatch.setattr(put_off, "insert_rows", entry_store.insert_rows)
    store(KEYS[0])
    assert len(entries()) == len(before) + 2  # the entries of the failed one are gone


def test_an_entry_says_what_was_told_then_whatever_becomes_of_it():
    @atomic_retry
    def verb():
        told = {"rows": [1]}
        audit.record("import", screen="test", data=told)
        told["rows"].append(2)

    verb()

    entry = AuditEntry.objects.latest("pk")
    assert entry.additional_data == {"rows": [1]}
    assert '"rows":[1]' in entry.payload


def test_a_look_within_a_verb_is_on_record_once(doctor):
    patient = uuid4()

    @atomic_retry
    def verb():
        for _time in range(2):
            audit.record_read(by=doctor, screen="test", patients=[patient])

    verb()

    assert AuditEntry.objects.filter(subject=patient).count() == 1
