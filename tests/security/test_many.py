"""Rows that are stored together are on record as if each had been saved alone."""

import json

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from patients.models import Patient
from pharmacy.models import Batch, Drug, ShelfWorth
from security import audit, crypto, many
from security.entries import canonical
from security.models import AuditEntry
from tests.factories.patients import PatientFactory
from tests.factories.pharmacy import put_on_shelf, stocked_drug

pytestmark = pytest.mark.django_db

OWN = {"uid", "at", "pk", "object"}  # of one entry, and of the row that it is about


@pytest.fixture
def batches() -> list[Batch]:
    drug = stocked_drug(240)
    more = [put_on_shelf(drug, 10 * n, lot=f"LOT{n}") for n in (1, 2, 3)]
    return [drug.batches.get(lot="260518"), *more]


def entries_since(last: AuditEntry | None) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(pk__gt=last.pk if last else 0).order_by("pk"))


def newest() -> AuditEntry | None:
    return AuditEntry.objects.order_by("-pk").first()


def told(entries) -> list[dict]:
    return [
        {key: value for key, value in json.loads(entry.payload).items() if key not in OWN}
        for entry in entries
    ]


def emptied(batches, moment):
    """The same change of each; the first one stays as it is."""
    for batch in batches[1:]:
        batch.on_hand, batch.emptied_at, batch.shelf = 0, moment, "not stored"
    return batches


def test_changes_are_on_record_as_if_each_row_had_been_saved(batches, pharmacist):
    moment = timezone.now()
    before = newest()
    with audit.acting_as(pharmacist):
        many.update(emptied(batches, moment), ["on_hand", "emptied_at"])
        together = entries_since(before)
        for batch, on_hand in zip(batches[1:], (10, 20, 30), strict=True):
            Batch.objects.filter(pk=batch.pk).update(on_hand=on_hand, emptied_at=None)
        middle = newest()
        for batch in emptied(batches, moment):
            batch.save(update_fields=["on_hand", "emptied_at"])

    assert told(together) == told(entries_since(middle))
    assert [entry.object_pk for entry in together] == [str(one.pk) for one in batches[1:]]
    stored = Batch.objects.in_bulk([one.pk for one in batches])
    assert [stored[one.pk].on_hand for one in batches] == [240, 0, 0, 0]
    assert {stored[one.pk].emptied_at for one in batches} == {None, moment}
    assert "not stored" not in {one.shelf for one in stored.values()}


def test_new_rows_are_on_record_as_if_each_had_been_saved(pharmacist, batches):
    def new(number: int) -> Batch:
        like = batches[0]
        return Batch(
            place=like.place, drug=like.drug, lot="N", cost=number, expires_on=like.expires_on
        )

    before = newest()
    with audit.acting_as(pharmacist):
        rows = [new(1), new(2)]
        many.create(rows)
        together, middle = entries_since(before), newest()
        Batch.objects.filter(pk__in=[row.pk for row in rows]).delete()
        middle = newest()
        for row in (new(1), new(2)):
            row.save()

    alone = entries_since(middle)
    for entry in [*together, *alone]:
        for name in ("id", "cost", "emptied_at", "received_at"):
            entry.changes.pop(name, None)
    assert [entry.changes for entry in together] == [entry.changes for entry in alone]
    assert [entry.object_pk for entry in together] == [str(row.pk) for row in rows]
    assert all(row.pk and not row._state.adding for row in rows)


def test_each_entry_is_sealed_and_reads_what_its_columns_say(batches, pharmacist):
    before = newest()
    with audit.acting_as(pharmacist):
        many.update(emptied(batches, timezone.now()), ["on_hand", "emptied_at"])

    for entry in entries_since(before):
        assert entry.payload == canonical(entry)
        assert bytes(entry.mac) == crypto.audit_mac(entry.payload.encode(), entry.uid)
        assert entry.actor == pharmacist


def test_a_row_that_is_gone_takes_everything_back(batches):
    gone = Batch(pk=10**9, on_hand=0, emptied_at=timezone.now())
    before = newest()

    with pytest.raises(DatabaseError), transaction.atomic():
        many.update([*emptied(batches, timezone.now()), gone], ["on_hand", "emptied_at"])

    assert newest() == before
    assert Batch.objects.get(pk=batches[1].pk).on_hand == 10


def test_what_the_database_refuses_leaves_the_transaction_fit_only_to_be_taken_back(batches):
    batches[1].on_hand = 0  # and emptied_at stays null
    with pytest.raises(DatabaseError), transaction.atomic():
        with pytest.raises(DatabaseError):
            many.update(batches, ["on_hand", "emptied_at"])
        Patient.objects.count()


def test_more_rows_than_one_statement_takes(batches, monkeypatch):
    monkeypatch.setattr(many, "MOST", 3)
    before = newest()

    many.update(emptied(batches, timezone.now()), ["on_hand", "emptied_at"])

    assert len(entries_since(before)) == 3
    assert set(Batch.objects.values_list("on_hand", flat=True)) == {240, 0}


def test_what_is_encrypted_is_saved_row_by_row():
    patient = PatientFactory()

    with pytest.raises(TypeError):
        many.update([patient], ["phone"])


def test_a_tracked_row_is_never_changed_unless_it_is_there():
    with pytest.raises(TypeError):
        many.update_found([stocked_drug()], ["generic_name"])


def test_rows_that_nobody_tracks_may_be_missing(batches):
    rows = list(ShelfWorth.objects.filter(batch__in=batches))
    for row in rows:
        row.on_hand = 7
    rows[0].delete()
    rows[0].pk = batches[0].pk

    assert many.update_found(rows, ["on_hand"]) == 3
    assert set(ShelfWorth.objects.values_list("on_hand", flat=True)) == {7}
    assert Drug.objects.count() == 1
