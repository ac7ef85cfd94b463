"""No road leads to a changed or deleted line of the pharmacy's ledgers (R-107, R-120, R-121)."""

from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection

from clinic.core.immutable import AppendOnly
from pharmacy import cold, freezing, stock
from pharmacy.books import check
from pharmacy.handing_over import Counted, hand_over
from pharmacy.models import ControlClass, Place, StockMovement
from security import triggers
from tests.factories.pharmacy import SupplierFactory, put_on_shelf, stocked_drug
from tests.factories.takes import counted, started

pytestmark = pytest.mark.django_db(transaction=True)
LEDGERS = [m for m in apps.get_app_config("pharmacy").get_models() if issubclass(m, AppendOnly)]


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


@pytest.fixture
def every_ledger(guarded, storekeeper, pharmacist):
    """A row in each table that is only ever added to, written while the triggers stand."""
    batch = guarded.batches.get()
    freezing.freeze(batch=batch, reason="待检", by=storekeeper)
    ControlClass.objects.create(drug=guarded, name="麻醉药品", since=date(2020, 1, 1))
    place = Place.objects.get()
    hand_over(place=place, counts={batch.pk: Counted(24)}, to_person=pharmacist, by=storekeeper)
    limits = {"low": Decimal("2.0"), "high": Decimal("8.0")}
    fridge = cold.save_unit(name="冷藏箱", by=storekeeper, **limits)
    cold.read_temperature(unit=fridge, slot=cold.slot_now(), celsius=Decimal("4.5"), by=storekeeper)
    counted(started(by=storekeeper), batch, 24, by=storekeeper)
    row = {"name": "x", "drug": guarded, "quantity": 24, "reason": "破损"}
    stock.receive(supplier=SupplierFactory(), lines=[], refused=[row], by=storekeeper)


def test_the_database_refuses_sql_that_changes_or_deletes_a_row_of_any_ledger(every_ledger):
    for model in LEDGERS:
        table, rows = model._meta.db_table, list(model.objects.values_list())
        assert rows, f"{table}: no row to try it on"
        for statement in (f"UPDATE {table} SET id = id + 1", f"DELETE FROM {table}"):  # noqa: S608
            with pytest.raises(DatabaseError, match=f"{table} are never changed"):
                with connection.cursor() as cursor:
                    cursor.execute(statement)
        assert list(model.objects.values_list()) == rows


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
    monkeypatch.setitem(triggers.LEDGERS, "a_table_of_a_later_app", [])

    assert triggers.make()
    triggers.drop()
