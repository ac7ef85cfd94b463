"""An older backup comes back into an installation that went on: keys, seals, sessions."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from patients.models import Patient
from patients.reference import load_allergy_groups
from security import checkpoints, checks, seals
from security.backup import make
from security.backup.restore import restore
from security.models import AuditEntry, DeviceUnlock, OpenSession
from tests.factories.patients import PatientFactory
from tests.helpers import SecureClient


@pytest.fixture
def clinic(clinic_dir, own_ring, frontdesk, settings):
    settings.CLINIC_CHECKPOINT_DIR = str(clinic_dir / "checkpoints")
    load_allergy_groups()
    more(frontdesk)
    return clinic_dir


def more(by):
    """Another patient, and the entries about it sealed."""
    PatientFactory(created_by=by)
    seals.seal_all()


def backup():
    return make.make_backup(kind="manual")


def phones():
    return sorted(str(patient.phone) for patient in Patient.objects.all())


def run(*command):
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


def test_a_backup_from_before_a_rotation_comes_back_and_is_rotated_again(clinic):
    path, told = backup(), phones()
    run("rotate_keys", "--purpose", "all")

    restore(path=path, agreed=True)

    assert phones() == told
    assert checks.keyring_fault() is None
    run("rotate_keys", "--resume", "--purpose", "all")
    assert phones() == told
    run("verify_encryption")


def test_a_key_that_a_backup_needs_is_missed_before_anything_is_replaced(
    clinic, frontdesk, tmp_path
):
    path = backup().rename(tmp_path / "clinic-20260101T000000Z-manual.clinicbackup")
    run("rotate_keys", "--purpose", "data")
    run("retire_key", "data", "1")
    more(frontdesk)
    told = phones()

    with pytest.raises(CommandError) as refused:
        run("restore", str(path), "--yes")

    assert "retire_key data 1 --back" in str(refused.value)
    assert phones() == told
    assert not list(clinic.glob("*.before-restore-*"))


def test_the_log_is_whole_after_a_restore_that_says_what_it_lost(clinic, frontdesk):
    path = backup()
    more(frontdesk)
    more(frontdesk)

    said = run("restore", str(path), "--yes")

    assert "2 newer seals" in said
    entry = json.loads(AuditEntry.objects.get(event="restore").payload)
    assert entry["data"]["lost_seals"] == 2
    run("verify_audit")
    more(frontdesk)
    run("verify_audit")
    kept = next(clinic.glob("checkpoints.before-restore-*"))
    assert len(list(checkpoints.read(next(kept.glob("*.txt"))))) == 3


def test_sessions_that_were_ended_after_the_backup_do_not_live_again(clinic, frontdesk):
    browser = SecureClient()
    browser.post("/login/", {"username": "frontdesk", "password": "correct-horse-7"})
    assert DeviceUnlock.objects.exists() and OpenSession.objects.exists()
    path = backup()

    restore(path=path, agreed=True)

    assert browser.get("/sessions/").status_code == 302
    assert not DeviceUnlock.objects.exists() and not OpenSession.objects.exists()
