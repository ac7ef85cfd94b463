"""A backup holds the archives of the audit log; restored, the log is whole again."""

import pytest

from security.audit_archive import make, places
from security.backup.make import make_backup
from security.backup.restore import restore
from tests.security.archiving import archived_files, faults, old_log


@pytest.fixture
def clinic(clinic_dir, settings):
    settings.CLINIC_CHECKPOINT_DIR = str(clinic_dir / "audit-checkpoints")
    old_log()
    return clinic_dir


def test_a_restore_brings_the_archives_back(clinic):
    make.archive()
    content = archived_files()[0].read_bytes()
    backup = make_backup(kind="manual")
    archived_files()[0].unlink()

    restore(path=backup, agreed=True)

    assert archived_files()[0].read_bytes() == content
    assert faults() == []
    assert make.archive().removed == 0


def test_a_backup_of_before_the_archiving_brings_the_entries_back(clinic):
    backup = make_backup(kind="manual")
    make.archive()
    name = archived_files()[0].name

    restore(path=backup, agreed=True)

    assert faults() == []
    assert make.archive().archives[0].number == 1
    assert faults() == []
    assert (places.own_folder() / name).exists()  # of the time that was given up; no harm done
    assert len(archived_files()) == 2
