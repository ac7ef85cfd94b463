"""The data directory is lost; a backup and the key ring are left: the clinic runs again."""

import shutil

import pytest

from tests.security.backup.conftest import Installation, drop_database, new_database

FILL = """
from security.models import User
from clinic.core import files
from tests.factories.patients import PatientFactory
by = User.objects.create_user("chen", "correct-horse-7", full_name="陈医生")
for n in range(5): PatientFactory(created_by=by)
files.store(content=b"scan" * 5000, purpose="t", media_type="text/plain", by=by)
"""
TELL = """
from security.models import User
from clinic.core import files
from clinic.core.models import StoredFile
from patients.models import Patient
print([(p.name, str(p.phone), str(p.id_number)) for p in Patient.objects.order_by("pk")],
      files.read(StoredFile.objects.get()) == b"scan" * 5000,
      User.objects.get(username="chen").check_password("correct-horse-7"),
      Patient.objects.find(id_number=str(Patient.objects.first().id_number)).count())
"""


@pytest.fixture
def machines(folder, transactional_db):
    """Two empty PCs: a folder and an empty database each."""
    names = ["backup_old_pc", "backup_new_pc"]
    made = []
    for name in names:
        root = folder / name
        root.mkdir(mode=0o700)
        made.append(Installation(root, new_database(name)))
    yield made
    for name in names:
        drop_database(name)


def test_backup_and_key_ring_are_enough_on_another_machine(machines):
    old, new = machines
    old.manage("keyring", "init")
    old.manage("migrate", "-v0")
    old.code(FILL)
    (old.root / "tls").mkdir()
    (old.root / "tls" / "ca.crt").write_text("the clinic's own authority")
    told = old.code(TELL)
    old.manage("backup")
    saved = shutil.copy(old.backups[0], new.root.parent)
    (new.root / "keys").mkdir(mode=0o700)
    shutil.copy(old.root / "keys" / "keyring.json", new.root / "keys" / "keyring.json")
    shutil.rmtree(old.root)

    new.manage("keyring", "init")  # what the installer does: it finds the ring and keeps it
    new.manage("migrate", "-v0")
    new.manage("restore", saved, "--yes")

    assert new.code(TELL) == told
    assert "True True 1" in told
    assert (new.root / "tls" / "ca.crt").read_text() == "the clinic's own authority"
    new.manage("check", "--database", "default")
    new.manage("backup")
    new.manage("verify_backup")


def test_with_another_key_ring_it_says_so_and_changes_nothing(installation, folder):
    installation.manage("backup")
    other = Installation(folder / "other")
    other.root.mkdir(mode=0o700)
    other.manage("keyring", "init")

    said = other.manage("restore", installation.backups[0], "--yes", status=1)

    assert "was made with another key ring" in said
    assert said.count("\n") == 1
