"""Backup, trial restore and restore, on whatever database the tests run."""

import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from clinic.core import files
from clinic.core.models import Counter, Institution
from patients.models import Patient
from patients.reference import load_allergy_groups
from security import keyring
from security.audit import acting_as
from security.backup import archive, check, engines, make, manifest
from security.backup.errors import BackupError
from security.backup.restore import restore
from security.models import AuditEntry, BackupRecord
from tests.factories.patients import PatientFactory
from tests.security.backup.conftest import ROOT
from tests.security.backup.rows import all_rows, differing
from tests.security.markers import spellings


@pytest.fixture
def clinic(clinic_dir, frontdesk):
    load_allergy_groups()
    with acting_as(frontdesk):
        for _n in range(12):
            PatientFactory(created_by=frontdesk)
        files.store(content=b"scan " * 999, purpose="t", media_type="text/plain", by=frontdesk)
    tls = clinic_dir / "tls"
    tls.mkdir()
    (tls / "ca.crt").write_text("certificate")
    (clinic_dir / ".env").write_text("CLINIC_SECRET_KEY=do-not-tell\nCLINIC_PORT=8443\n")
    (clinic_dir / "keys").mkdir()
    (clinic_dir / "keys" / "keyring.json").write_text("never inside")
    return clinic_dir


def backup():
    return make.make_backup(kind="manual")


def test_a_restore_brings_every_row_and_file_back(clinic, frontdesk):
    before, patient = all_rows(), Patient.objects.order_by("pk").first()
    stored = {p.relative_to(clinic): p.read_bytes() for p in (clinic / "files").rglob("*.*")}
    path = backup()
    phone = str(patient.phone)
    lost = Patient.objects.order_by("pk").last()
    lost.name_parts.all().delete()
    lost.delete()
    Institution.objects.create(name="后来", short_name="后")
    (clinic / "tls" / "ca.crt").write_text("another")

    told = restore(path=path, agreed=True)

    after = all_rows()
    restored_entry = AuditEntry.objects.get(event="restore")
    after["security_auditentry"] = [
        row for row in after["security_auditentry"] if repr(restored_entry.mac) not in row
    ]
    assert differing(before, after) == set()
    assert str(Patient.objects.get(pk=patient.pk).phone) == phone
    assert {
        p.relative_to(clinic): p.read_bytes() for p in (clinic / "files").rglob("*.*")
    } == stored
    assert (clinic / "tls" / "ca.crt").read_text() == "certificate"
    assert told["kept"]
    assert BackupRecord.objects.get().state == "good"


def test_ids_go_on_where_they_were_after_a_restore(clinic, frontdesk):
    last = AuditEntry.objects.order_by("pk").last().pk

    restore(path=backup(), agreed=True)

    assert AuditEntry.objects.order_by("pk").last().pk == last + 1


def test_a_trial_restore_compares_and_leaves_nothing_behind(clinic):
    path = backup()
    rows = all_rows()

    found = check.verify_backup(path)

    assert found["rows"] > 100
    assert found["cells"] >= 12 * 3
    assert not found["older"]
    assert differing(rows, all_rows()) == set()
    record = BackupRecord.objects.get()
    assert record.verified_at is not None
    with connection.cursor() as cursor:
        if connection.vendor == "mysql":
            cursor.execute("SHOW DATABASES LIKE '%\\_scratch'")
            assert cursor.fetchall() == ()
    assert not list((clinic / "backups").glob("*.part"))


def test_nothing_told_in_confidence_is_readable_in_the_file(clinic):
    patient = Patient.objects.first()
    path = backup()
    content = path.read_bytes()

    for text in (str(patient.phone), str(patient.id_number), patient.name, "scan scan"):
        assert not any(spelling in content for spelling in spellings(text))
    assert b"do-not-tell" not in content
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_keys_secrets_logs_and_older_backups_stay_outside(clinic):
    backup()
    path = backup_again(clinic)
    members = {}

    archive.read(path, lambda name, stream: members.update({name: stream.read()}))

    assert {name.split("/")[0].split(".")[0] for name in members} == {
        "database",
        "files",
        "tls",
        "settings",
    }
    assert members["settings.env"] == b"CLINIC_PORT=8443\n"


def backup_again(clinic):
    """Of the same second: the first one must not be in the way."""
    for path in (clinic / "backups").glob("*.clinicbackup"):
        path.rename(path.with_name("clinic-20200101T000000Z-manual.clinicbackup"))
    return backup()


def test_a_backup_while_others_write_is_one_moment_and_loses_nothing(clinic):
    Counter.objects.create(name="left")
    Counter.objects.create(name="right")
    name = str(connection.settings_dict["NAME"])
    connection.close()
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.security.backup.writer", name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ.copy(),
        text=True,
    )
    try:
        for _n in range(5):
            committed = int(writer.stdout.readline())
        path = backup()
        later = int(writer.stdout.readline())
        while later <= committed + 1:
            later = int(writer.stdout.readline())
    finally:
        writer.stdin.close()
        writer.stdout.close()
        writer.wait(20)

    restore(path=path, agreed=True)

    values = dict(Counter.objects.values_list("name", "value"))
    assert values["left"] == values["right"] == len(values) - 2
    assert values["left"] >= committed
    assert later > committed + 1


def test_without_a_word_nothing_is_replaced(clinic):
    path, before = backup(), all_rows()

    with pytest.raises(BackupError) as refused:
        restore(path=path, agreed=False)
    with pytest.raises(CommandError):
        call_command("restore", str(path))

    assert refused.value.code == "not_agreed"
    assert differing(before, all_rows()) == set()
    assert not list(clinic.glob("*.before-restore-*"))


def test_a_damaged_backup_changes_nothing_and_says_one_sentence(clinic):
    path = backup()
    content = bytearray(path.read_bytes())
    content[-40] ^= 1
    path.write_bytes(content)
    before = all_rows()

    for act in (
        lambda: restore(path=path, agreed=True),
        lambda: check.verify_backup(path),
    ):
        with pytest.raises(BackupError) as refused:
            act()
        assert refused.value.code == "damaged"

    assert differing(before, all_rows()) == set()
    assert BackupRecord.objects.get().verify_error == "damaged"


def test_a_row_that_came_back_otherwise_is_found(clinic, monkeypatch):
    path = backup()
    target = engines.engine().Target
    monkeypatch.setattr(target, "complete", lose_a_patient)

    with pytest.raises(BackupError) as refused:
        check.verify_backup(path)

    assert refused.value.code == "differs"
    assert "patients_patient" in refused.value.detail


def lose_a_patient(target, manifest_):
    """A fault of the loader, as it could creep in."""
    sql = "DELETE FROM patients_patient ORDER BY record_no LIMIT 1"
    if connection.vendor == "mysql":
        target._session.query(sql)
        return
    import sqlite3

    database = sqlite3.connect(target.path)
    with database:
        database.execute(
            "DELETE FROM patients_patient WHERE record_no ="
            " (SELECT MIN(record_no) FROM patients_patient)"
        )
    database.close()


def test_a_backup_of_a_newer_program_is_refused_and_an_older_one_says_so(clinic):
    now = {"migrations": []}
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        now["migrations"] = [list(row) for row in cursor.fetchall()]
    newer = {"migrations": [*now["migrations"], ["patients", "0099_future"]]}
    older = {"migrations": [row for row in now["migrations"] if row[0] != "patients"]}

    assert manifest.version_fault(now) == ""
    assert manifest.version_fault(older) == "older"
    with pytest.raises(BackupError) as refused:
        manifest.version_fault(newer)
    assert (refused.value.code, refused.value.detail) == ("newer", "patients.0099_future")


def test_the_keys_that_backups_need_are_known(clinic):
    assert not any(manifest.backups_needing(purpose, 1) for purpose in keyring.PURPOSES)

    backup()

    needing = {purpose: manifest.backups_needing(purpose, 1) for purpose in keyring.PURPOSES}
    assert needing == dict.fromkeys(keyring.PURPOSES, "1 backups")
    assert not any(manifest.backups_needing(purpose, 2) for purpose in keyring.PURPOSES)


def test_a_forged_audit_entry_is_found_by_the_trial_restore(clinic):
    columns = [f.column for f in AuditEntry._meta.concrete_fields if f.column not in ("id", "uid")]
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO security_auditentry (uid, {names}) "  # noqa: S608
            f"SELECT %s, {names} FROM security_auditentry ORDER BY id LIMIT 1",
            ["0" * 32],
        )
    forged = AuditEntry.objects.order_by("pk").last()
    path = backup()

    with pytest.raises(BackupError) as refused:
        check.verify_backup(path)

    assert refused.value.detail == f"audit: {forged.pk}"


def test_sealed_values_open_after_a_restore(clinic):
    restore(path=backup(), agreed=True)

    assert [str(p.phone)[:3] for p in Patient.objects.all()] == ["138"] * 12
