"""Only what a proven archive holds can leave the database, whoever asks for it and how."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as real_settings
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.db.models import BigIntegerField
from django.utils import timezone

from security import audit, triggers
from security.audit_archive import make, records, remove
from security.models import AuditArchive, AuditEntry, AuditSeal, AuditSealed
from tests.security import archiving
from tests.security.archiving import EACH, YEARS_AGO, archived_files, faults, old_log, sql

pytestmark = pytest.mark.django_db(transaction=True)
OLD = EACH * len(YEARS_AGO)
RAW = [
    "DELETE FROM security_auditentry WHERE id = %s",
    "DELETE FROM security_auditsealed WHERE entry_id = %s",
]


@pytest.fixture
def guarded(archive_folders):
    """The old log under the triggers; they go before the tables are emptied."""
    log = old_log()
    assert triggers.make()
    yield log
    triggers.drop()


@pytest.fixture
def half_removed(guarded, monkeypatch):
    """An archive whose row stands, and of whose entries only some are gone yet."""
    monkeypatch.setattr(remove, "remove", lambda row: 0)
    make.archive()
    monkeypatch.undo()
    return guarded


def refused(statement: str, *values) -> None:
    with pytest.raises(DatabaseError, match="never changed"):
        sql(statement, *values)


def test_archiving_works_under_the_triggers(guarded):
    assert make.archive().removed == OLD

    assert AuditEntry.objects.count() == 2 * EACH + 2
    assert faults() == []


def test_nothing_is_deleted_that_no_archive_holds(guarded):
    for statement in RAW:
        refused(statement, guarded[0].pk)
    make.archive()
    young = AuditSealed.objects.order_by("pk").first().pk

    for statement in RAW:
        refused(statement, young)
        refused(statement.split(" WHERE")[0])
    refused(RAW[0], audit.record("print").pk)

    assert faults() == []


def test_a_membership_goes_only_after_its_entry_and_the_record_never(half_removed):
    refused(RAW[1], half_removed[0].pk)
    refused("UPDATE security_auditarchive SET last_seal = 6")
    refused("DELETE FROM security_auditarchive")


def test_going_on_needs_the_very_file_that_was_proven(half_removed):
    path, count = archived_files()[0], AuditEntry.objects.count()
    content = path.read_bytes()

    path.write_bytes(content[:-1] + b"x")
    assert "put the right file back" in archiving.refused()
    path.unlink()
    assert "put the file back" in archiving.refused()
    assert AuditEntry.objects.count() == count

    path.write_bytes(content)
    assert make.archive().removed == OLD
    assert faults() == []


def test_no_call_of_the_orm_deletes(half_removed):
    for model in (AuditEntry, AuditSeal, AuditSealed, AuditArchive):
        for rows in (model.objects.all(), model._base_manager.all()):
            with pytest.raises((PermissionDenied, DatabaseError)):
                rows.delete()
            with pytest.raises((PermissionDenied, DatabaseError)):
                rows._raw_delete("default")
        with pytest.raises(PermissionDenied):
            model.objects.first().delete()
    assert faults() == []


def record_for(last_seal: int, first_seal: int = 1) -> AuditArchive:
    seal = AuditSeal.objects.get(pk=last_seal)
    numbers = dict.fromkeys(("first_id", "last_id", "entries", "size", "backup_key"), 1)
    return AuditArchive(
        number=first_seal,
        first_seal=first_seal,
        last_seal=last_seal,
        seal_mac=bytes(seal.mac),
        sha256=bytes(32),
        made_at=timezone.now(),
        **numbers,
    )


def test_the_database_takes_no_archive_of_less_than_six_months_R135(guarded):
    moment = timezone.now() - timedelta(days=182)
    archiving.write(moment)
    archiving.seal_at(moment)

    with pytest.raises(DatabaseError, match="never changed"):
        records.note(record_for(7), 7)
    with pytest.raises(DatabaseError, match="never changed"):
        records.note(record_for(6, first_seal=2), 5)
    records.note(record_for(6), 6)

    with pytest.raises(DatabaseError, match="never changed"):
        records.note(record_for(6, first_seal=6), 1)


def test_a_later_migration_of_these_tables_is_not_stopped_by_the_triggers(guarded, settings):
    class Migration:
        app_label = "security"

    settings.CLINIC_AUDIT_TRIGGERS = True
    field = BigIntegerField(null=True)
    field.set_attributes_from_name("later")
    field.model = AuditSealed

    triggers.drop_before_migrate("default", plan=[(Migration, False)])
    with connection.schema_editor() as editor:
        editor.add_field(AuditSealed, field)
        editor.remove_field(AuditSealed, field)
    triggers.make_after_migrate("default")

    refused(RAW[0], guarded[0].pk)
    assert make.archive().removed == OLD


def test_no_other_code_of_ours_deletes_from_the_log():
    """Raw SQL against these tables stands in one module, past the managers goes nobody."""
    root = Path(real_settings.BASE_DIR)
    apps = ("clinic", "security", "patients", "pharmacy", "prescriptions", "registration")
    raw = re.compile(r"DELETE FROM \{model|DELETE FROM security_audit|_raw_delete\(|TRUNCATE TABLE")

    found = {
        path.relative_to(root).as_posix()
        for app in apps
        for path in (root / app).rglob("*.py")
        if raw.search(path.read_text(encoding="utf-8"))
    }

    assert found == {"security/audit_archive/remove.py"}
