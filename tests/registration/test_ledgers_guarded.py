"""The database refuses to change or delete a line of this app's ledgers (R-145, R-148)."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection

from clinic.core.immutable import AppendOnly
from registration import paper, printing, signing, stopping
from registration.correcting import correct
from registration.handing import hand_over_visit
from registration.models import Clinician, Consultation, HandOver, RecordVersion
from security import triggers
from tests.factories.registration import finished_record, waiting_visit

pytestmark = pytest.mark.django_db(transaction=True)
LEDGERS = [m for m in apps.get_app_config("registration").get_models() if issubclass(m, AppendOnly)]


@pytest.fixture
def guarded(db):
    """The triggers stand; they go before the tables are emptied."""
    assert triggers.make()
    yield
    triggers.drop()


@pytest.fixture
def every_ledger(guarded, session, other_session, doctor, other_doctor, frontdesk):
    """A row in each table that is only ever added to, written while the triggers stand."""
    Clinician.objects.filter(pk=session.clinician_id).update(title=Clinician.Title.ASSISTANT)
    session.clinician.refresh_from_db()
    record = finished_record(session, frontdesk)
    signing.add_words(consultation=record, text="补充记录", by=doctor)
    signing.countersign(consultation=record, version=record.version, by=other_doctor)
    printing.count_print(record=record, kind="record", by=doctor)
    paper.print_sheets(clinicians=[session.clinician], count=5, by=frontdesk)
    stopping.note(session, "reached", registration=record.registration, by=frontdesk)
    visit = waiting_visit(session, frontdesk)
    other = other_session.clinician
    hand_over_visit(
        registration=visit, clinician=other, reason=HandOver.Reason.SPECIALTY, by=doctor
    )
    return record


def test_every_ledger_of_every_app_is_guarded_by_reflection():
    models = [model for model in apps.get_models() if issubclass(model, AppendOnly)]

    guarded = {table for _name, table, _verb in triggers._wanted()}

    assert {model._meta.db_table for model in models} <= guarded
    assert {model._meta.db_table for model in LEDGERS} <= guarded


def test_the_database_refuses_sql_that_changes_or_deletes_a_row(every_ledger):
    for model in LEDGERS:
        table, count = model._meta.db_table, model.objects.count()
        assert count, f"{table}: no row to try it on"
        column = next(f.column for f in model._meta.fields if f.column.endswith("_by_id"))
        for statement in (
            f"UPDATE {table} SET {column} = {column} + 1",  # noqa: S608
            f"DELETE FROM {table}",  # noqa: S608
        ):
            with pytest.raises(DatabaseError, match=f"{table} are never changed"):
                with connection.cursor() as cursor:
                    cursor.execute(statement)
        assert model.objects.count() == count


def test_the_clinic_goes_on_writing_under_the_triggers(every_ledger, doctor):
    record = Consultation.objects.get(pk=every_ledger.pk)

    correct(consultation=record, version=record.version, by=doctor, complaint="咳嗽 5 天")

    assert RecordVersion.objects.count() == 2
