"""A step of a sheet writes what differs from what was locked, and nothing that others wrote."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from prescriptions.models import Prescription
from prescriptions.moves import locked, move
from prescriptions.states import RxState
from security.models import AuditEntry
from tests.factories.prescriptions import approved

pytestmark = pytest.mark.django_db


@pytest.fixture
def sheet(doctor, pharmacist):
    return approved(doctor, pharmacist)


def stored(sheet) -> Prescription:
    return Prescription.objects.get(pk=sheet.pk)


def updates(captured) -> list[str]:
    start = f"UPDATE {connection.ops.quote_name(Prescription._meta.db_table)}"
    return [one["sql"] for one in captured if one["sql"].startswith(start)]


def test_a_step_writes_its_own_columns_and_what_was_set(sheet, pharmacist):
    with transaction.atomic(), CaptureQueriesContext(connection) as captured:
        row = locked(sheet)
        row.picker = pharmacist
        move(row, RxState.PICKING, by=pharmacist)

    (update,) = updates(captured)
    assert all(name in update for name in ("state", "version", "picker_id"))
    assert not any(name in update for name in ("number", "head", "dispenser_id"))
    now = stored(sheet)
    assert (now.state, now.version, now.picker) == (RxState.PICKING, sheet.version + 1, pharmacist)
    assert {**now.head} == {**sheet.head}


def test_what_was_changed_in_its_place_is_written(sheet, pharmacist):
    with transaction.atomic():
        row = locked(sheet)
        row.head["note"] = "changed in its place"
        move(row, RxState.PICKING, by=pharmacist)

    assert stored(sheet).head["note"] == "changed in its place"


def test_after_another_save_everything_counts_again(sheet, pharmacist):
    with transaction.atomic():
        row = locked(sheet)
        row.picker = pharmacist
        row.save()
        row.picker = None  # as it was when it was locked
        move(row, RxState.PICKING, by=pharmacist)

    assert stored(sheet).picker is None


def test_the_second_step_in_a_transaction_writes_only_what_came_after_the_first(
    sheet, pharmacist, doctor
):
    with transaction.atomic():
        row = locked(sheet)
        row.picker = pharmacist
        move(row, RxState.PICKING, by=pharmacist)
        with CaptureQueriesContext(connection) as captured:
            row.dispenser = doctor
            move(row, RxState.DISPENSED, by=pharmacist)

    (update,) = updates(captured)
    assert "picker_id" not in update
    assert (stored(sheet).picker, stored(sheet).dispenser) == (pharmacist, doctor)


def test_the_log_names_the_same_columns_as_before(sheet, pharmacist):
    before = AuditEntry.objects.count()
    with transaction.atomic():
        row = locked(sheet)
        row.picker = pharmacist
        move(row, RxState.PICKING, by=pharmacist)

    change = AuditEntry.objects.order_by("pk")[before]
    assert set(change.changes) == {"state", "version", "picker"}


def test_a_sheet_that_is_gone_is_said_to_be(sheet):
    with pytest.raises(Prescription.DoesNotExist), transaction.atomic():
        locked(Prescription(number="none"))
