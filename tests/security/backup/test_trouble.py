"""Full disk, killed at any moment, a second place that is gone: the old backups stay whole."""

import os
import resource
import signal
import time

import pytest

from clinic.core.models import Setting
from security.backup import folders, make, manifest
from security.backup.archive import read_through
from security.backup.errors import BackupError
from security.models import BackupRecord

LIMIT = 6_000_000  # more than the database, less than it with a file


def small_files_only():
    """The kernel refuses every byte beyond the limit, as a full disk does."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))


def test_no_room_left_ends_in_one_sentence_and_spoils_nothing(installation):
    installation.manage("backup")
    (installation.root / "files").mkdir()
    (installation.root / "files" / "scan").write_bytes(os.urandom(LIMIT + 500_000))
    before = {path: path.read_bytes() for path in installation.backups}

    said = installation.manage("backup", status=1, preexec_fn=small_files_only)

    assert said.count("\n") == 1
    assert "There is not enough room" in said
    assert {path: path.read_bytes() for path in installation.backups} == before
    assert not list((installation.root / "backups").glob("*.part"))


def test_too_little_room_is_noticed_before_anything_is_written(clinic_dir):
    huge = 2**60

    with pytest.raises(BackupError) as refused:
        folders.require_room(clinic_dir, huge)

    assert refused.value.code == "disk_full"
    folders.require_room(clinic_dir, 1)


MAKE = (
    "from security.backup.make import make_backup; print('ready', flush=True); "
    "make_backup(kind='manual')"
)


def test_killed_at_any_moment_no_half_file_looks_finished(installation):
    (installation.root / "files").mkdir()
    for n in range(12):
        (installation.root / "files" / f"scan{n}").write_bytes(os.urandom(1_000_000))
    installation.manage("backup")
    for milliseconds in (5, 30, 80, 150, 300):
        process = installation.start("shell", "--verbosity", "0", "-c", MAKE)
        assert process.stdout.readline() == "ready\n"
        time.sleep(milliseconds / 1000)
        process.send_signal(signal.SIGKILL)
        process.communicate()

    installation.manage("backup")

    code = (
        "from pathlib import Path; from security.backup.archive import read_through; "
        "from security.models import BackupRecord as B; "
        f"print([read_through(p)[0]['key'] for p in Path({str(installation.root)!r})"
        ".glob('backups/*.clinicbackup')], B.objects.filter(state='running').count())"
    )
    whole, running = installation.code(code).splitlines()[-1].rsplit(" ", 1)
    assert eval(whole) == [1] * len(installation.backups)  # noqa: S307 - our own numbers
    assert running == "0"
    left = {path.name for path in installation.root.rglob("*") if path.is_file()}
    assert not [name for name in left if name.endswith(".part") or "scratch" in name]


def test_a_part_left_behind_goes_at_the_next_start_but_not_while_one_is_at_work(clinic_dir):
    part = folders.backup_dir() / "clinic-20260101T000000Z-daily.clinicbackup.part"
    part.write_bytes(b"half")

    with folders.locked():
        assert not part.exists()
        part.write_bytes(b"at work")
        with pytest.raises(BackupError) as refused:
            make.make_backup(kind="manual")

        assert refused.value.code == "at_work"
        assert part.exists()


def test_the_second_place_gets_a_whole_copy(clinic_dir, tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    Setting.objects.create(key="backup.second_place", value=str(stick))

    path = make.make_backup(kind="manual")

    assert read_through(stick / path.name)[1]["tables"]
    assert [entry.name for entry in stick.iterdir()] == [path.name]
    assert BackupRecord.objects.get().second == "good"


def test_a_missing_second_place_is_noted_and_spoils_nothing(clinic_dir, tmp_path):
    stick = tmp_path / "not plugged in"
    Setting.objects.create(key="backup.second_place", value=str(stick))

    path = make.make_backup(kind="manual")

    record = BackupRecord.objects.get()
    assert (record.state, record.second, record.second_error) == ("good", "failed", "second_gone")
    assert path.exists()
    assert not stick.exists()


def test_old_backups_go_only_after_a_new_one_is_proven(clinic_dir):
    folder = folders.backup_dir()
    old = [folder / f"clinic-20200101T{hour:02}0000Z-hourly.clinicbackup" for hour in range(5)]
    for path in old:
        path.write_bytes(b"old")
    foreign = folder / "notes.txt"
    foreign.write_text("mine")
    wrong_folder = clinic_dir / "file"
    wrong_folder.write_text("")

    with pytest.raises(BackupError):
        make.make_backup(kind="daily", to=wrong_folder)
    assert all(path.exists() for path in old)
    new = make.make_backup(kind="daily")

    assert folders.finished(folder) == [old[-1], new]
    assert foreign.exists()


def test_a_failure_is_noted_in_words(clinic_dir, settings):
    (clinic_dir / "file").write_text("")

    with pytest.raises(BackupError):
        make.make_backup(kind="manual", to=clinic_dir / "file")

    record = BackupRecord.objects.get()
    assert (record.state, record.error) == ("failed", "cannot_write")


@pytest.mark.parametrize("place", ["", "backups", "files/usb"])
def test_a_second_place_beside_the_first_is_no_second_place(clinic_dir, place):
    folder = clinic_dir / place
    folder.mkdir(parents=True, exist_ok=True)
    Setting.objects.create(key="backup.second_place", value=str(folder))

    make.make_backup(kind="manual")

    record = BackupRecord.objects.get()
    assert (record.state, record.second, record.second_error) == ("good", "failed", "second_same")


def test_the_second_places_backups_need_their_keys_and_a_foreign_file_needs_none(
    clinic_dir, tmp_path
):
    stick = tmp_path / "stick"
    stick.mkdir()
    Setting.objects.create(key="backup.second_place", value=str(stick))
    make.make_backup(kind="manual").unlink()
    (stick / "clinic-20200101T000000Z-manual.clinicbackup").write_bytes(b"foreign")

    assert manifest.backups_needing("data", 1) == "1 backups"
    assert manifest.backups_needing("data", 2) is None
