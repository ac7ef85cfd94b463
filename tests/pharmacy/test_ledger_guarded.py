"""No road leads to a changed or deleted line of the stock ledger (R-107)."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection

from pharmacy import stock
from pharmacy.books import check
from pharmacy.models import StockMovement
from security import triggers
from tests.factories.pharmacy import SupplierFactory, put_on_shelf, stocked_drug, storekeeper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def guarded(db):
    """A drug on the shelf under the triggers; they go before the tables are emptied."""
    drug = stocked_drug(24)
    assert triggers.make()
    yield drug
    triggers.drop()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE pharmacy_stockmovement SET quantity = 1",
        "UPDATE pharmacy_stockmovement SET reason = 'x'",
        "DELETE FROM pharmacy_stockmovement",
    ],
)
def test_the_database_refuses_sql_that_changes_or_deletes_a_movement(guarded, statement):
    with pytest.raises(DatabaseError, match="never changed"), connection.cursor() as cursor:
        cursor.execute(statement)

    assert StockMovement.objects.get().quantity == 24
    assert check() == []


def test_the_clinic_goes_on_writing_under_the_triggers(guarded, pharmacist):
    put_on_shelf(guarded, 24, lot="NEXT")
    stock.reserve(drug=guarded, quantity=30, reference="RX1/1", by=pharmacist)

    stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")

    assert StockMovement.objects.count() == 4


def test_no_verb_of_the_orm_changes_or_deletes_a_movement(guarded):
    row = StockMovement.objects.get()
    row.quantity = 1

    for road in (
        row.save,
        row.delete,
        StockMovement.objects.all().delete,
        lambda: StockMovement.objects.update(quantity=1),
        lambda: StockMovement.objects.bulk_update([row], ["quantity"]),
        lambda: StockMovement.objects.bulk_create(
            [row], update_conflicts=True, update_fields=["quantity"], unique_fields=["id"]
        ),
    ):
        with pytest.raises(PermissionDenied):
            road()

    assert StockMovement.objects.get().quantity == 24


def test_a_ledger_whose_table_comes_later_stops_no_other_trigger(transactional_db, monkeypatch):
    monkeypatch.setitem(triggers.LEDGERS, "a_table_of_a_later_app", "Never.")

    assert triggers.make()
    triggers.drop()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE pharmacy_refusedgoods SET fate = 'kept'", "DELETE FROM pharmacy_refusedgoods"],
)
def test_the_database_refuses_sql_that_changes_what_was_refused_R110(guarded, statement):
    row = {"name": "x", "drug": guarded, "quantity": 24, "reason": "破损"}
    stock.receive(supplier=SupplierFactory(), lines=[], refused=[row], by=storekeeper())

    with pytest.raises(DatabaseError, match="never changed"), connection.cursor() as cursor:
        cursor.execute(statement)
