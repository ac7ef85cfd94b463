"""The database refuses what no screen of ours offers: changing or deleting an audit row by SQL."""

import pytest
from django.db import DatabaseError, connection

from security import audit, seals, triggers
from security.verify import Verification

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_checkpoints(tmp_path, settings):
    settings.CLINIC_CHECKPOINT_DIR = str(tmp_path / "checkpoints")


@pytest.fixture
def guarded():
    """One sealed entry under the triggers; they go before the tables are emptied."""
    entry = audit.record("print")
    seals.seal_all()
    assert triggers.make()
    yield entry
    triggers.drop()


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE security_auditentry SET screen = 'x'",
        "DELETE FROM security_auditentry",
        "UPDATE security_auditseal SET n = 0",
        "DELETE FROM security_auditseal",
        "UPDATE security_auditsealed SET seal_id = 9",
        "DELETE FROM security_auditsealed",
    ],
)
def test_no_row_is_changed_or_deleted(guarded, statement):
    with pytest.raises(DatabaseError, match="never changed"):
        sql(statement)

    assert list(Verification().faults()) == []


def test_the_clinic_goes_on_writing_and_sealing(guarded):
    audit.record("print")

    assert seals.seal_all() == 1


def test_making_them_again_changes_nothing(guarded):
    assert triggers.make()


def test_a_database_that_allows_no_triggers_stops_no_installation(transactional_db, monkeypatch):
    monkeypatch.setattr(triggers, "TABLES", ["a_table_that_is_not_there"])

    assert not triggers.make()
