"""Disks that are really full: nothing is lost, nothing half looks finished, and it goes on after.

Each disk is a small file system of its own in a mount namespace, filled to the last byte; what
happens there stands in tests/security/backup/filled.py. It runs once and is looked at here. A
container that forbids namespaces has no way to make such a disk; the report of the run says so.
"""

import json
import shutil
import subprocess
import sys

import pytest

from tests.security.backup.conftest import ROOT, Installation

OWN_MOUNTS = ["unshare", "--mount", "--map-root-user", "--"]
if subprocess.run([*OWN_MOUNTS, "true"], capture_output=True).returncode:
    pytest.skip("this system lets nobody make a small disk", allow_module_level=True)


@pytest.fixture(scope="module")
def happened(first_installation, tmp_path_factory):
    clinic = Installation(tmp_path_factory.mktemp("full") / "clinic")
    shutil.copytree(first_installation, clinic.root)
    done = subprocess.run(
        [*OWN_MOUNTS, sys.executable, "-m", "tests.security.backup.filled"],
        env={**clinic.environment(), "DJANGO_SETTINGS_MODULE": "clinic.settings"},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def is_one_sentence(said: str) -> bool:
    return said.startswith("1: ") and "\n" not in said and "Traceback" not in said


def test_a_backup_that_finds_no_room_leaves_the_old_ones_whole(happened):
    found = happened["backups"]

    assert is_one_sentence(found["refused"])
    assert "There is not enough room" in found["refused"]
    assert found["old ones as they were"]
    assert found["left"] == []
    assert found["record"] == ["failed", "disk_full"]


def test_with_room_again_the_next_backup_is_good(happened):
    found = happened["backups"]

    assert ".clinicbackup (" in found["after"]
    assert found["whole"] == [True, True]


def test_a_full_second_place_takes_nothing_from_the_first_copy(happened):
    found = happened["second"]

    assert found["record"] == ["good", "failed", "disk_full"]
    assert found["on the stick"] == []
    assert found["after"] == "good"


def test_a_checkpoint_that_was_cut_off_in_its_count_is_no_tampering(happened):
    found = happened["checkpoints"]

    assert found["torn"] == "4"  # of 44
    assert found["sealed"] == 14
    for said in (found["then"], found["later"]):
        assert said.partition(" ")[0].isdigit(), said
    assert found["named"]


def test_the_key_ring_stays_whole_and_gets_its_key_when_there_is_room(happened):
    found = happened["keys"]

    assert is_one_sentence(found["refused"])
    assert "No space left on device" in found["refused"]
    assert found["ring as it was"]
    assert found["left"] == []
    assert "New active key: data 2" in found["after"]
    assert found["key"] == 2


def test_what_can_not_be_archived_stays_in_the_log(happened):
    found = happened["archives"]

    assert is_one_sentence(found["refused"])
    assert "Nothing was removed from the log" in found["refused"]
    assert found["there"] == []
    assert found["gone"] == 0


@pytest.mark.parametrize("disk", ["almost", "brim"])
def test_with_everything_on_one_full_disk_each_command_says_so_in_one_sentence(happened, disk):
    found = happened[disk]

    for name in ("backup", "rotate", "archive", "trial", "restore"):
        assert is_one_sentence(found[name]), (name, found[name])
    assert found["scan"].startswith("full: ")
    assert found["page"] == 503
    assert found["left"] == []
    assert found["same"]


@pytest.mark.parametrize("disk", ["almost", "brim"])
def test_the_clinic_goes_on_when_there_is_room_again(happened, disk):
    found = happened[disk]

    assert found["page after"] == 200
    assert found["scan after"]
    assert not [said for said in found["after"] if said[:2] in ("1:", "2:")], found["after"]
    assert " 0 faults" in found["after"][-1]
