"""Settings by the size of the machine."""

import os
import sqlite3

import pytest

from installer.setup import envfile, fronts, sizing
from installer.setup.paths import DataDir
from installer.setup.sizing import Machine, chosen

USUAL = Machine(memory_mb=3_800, processors=2, turning_disk=False)
# What may be taken of the memory of a whole installation, all programs and buffers together.
BUDGETS_MB = {2_000: 160, 3_800: 160, 8_000: 480}


@pytest.mark.parametrize(
    "machine, expected",
    [
        (USUAL, {"threads": 24, "mariadb_buffer_mb": 128, "log_mb": 5, "pace_seconds": 20}),
        (Machine(1_900, 2, False), {"threads": 12, "mariadb_buffer_mb": 64, "log_mb": 2}),
        (Machine(7_700, 4, False), {"sqlite_mmap_mb": 256, "mariadb_buffer_mb": 512}),
        (Machine(7_700, 4, True), {"sqlite_mmap_mb": 0, "pace_seconds": 30}),
        (Machine(3_800, 1, False), {"threads": 12, "sqlite_cache_kb": 1_000}),
    ],
    ids=["usual", "small", "large", "large with a turning disk", "one processor"],
)
def test_each_size_of_machine_has_its_settings(machine, expected):
    sizes = chosen(machine)

    assert {name: getattr(sizes, name) for name in expected} == expected


@pytest.mark.parametrize("memory", BUDGETS_MB)
def test_caches_leave_room_for_the_programs(memory):
    """The programs take 100 to 120 MB; SQLite's caches come on top when all threads worked."""
    sizes = chosen(Machine(memory, 2, False))

    caches = sizes.threads * sizes.sqlite_cache_kb / 1_000 + sizes.sqlite_mmap_mb

    assert caches <= BUDGETS_MB[memory] - 120 + 1


def test_a_disk_that_turns_is_told_by_its_system(tmp_path, monkeypatch):
    """A partition has no queue; its disk has."""
    disk = tmp_path / "devices" / "sda"
    (disk / "sda1").mkdir(parents=True)
    (disk / "queue").mkdir()
    (disk / "queue" / "rotational").write_text("1\n")
    device = os.stat(tmp_path).st_dev
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / f"{os.major(device)}:{os.minor(device)}").symlink_to(disk / "sda1")
    monkeypatch.setattr(sizing, "BLOCKS", tmp_path / "dev")

    assert sizing.turns(tmp_path / "not" / "there" / "yet")


def test_nobody_tells_of_the_machine_and_it_is_taken_as_usual(tmp_path, monkeypatch):
    monkeypatch.setattr(sizing, "BLOCKS", tmp_path)

    assert not sizing.turns(tmp_path)


def test_a_service_without_proc_still_knows_its_memory(tmp_path, monkeypatch):
    told = sizing.memory_mb()
    monkeypatch.setattr(sizing, "MEMORY", tmp_path / "hidden")

    assert abs(sizing.memory_mb() - told) <= 1


def test_the_programs_are_told_and_the_administrator_has_the_last_word(tmp_path):
    data = DataDir(tmp_path / "clinic")
    data.create()
    envfile.write(data.env, {"CLINIC_THREADS": "7"})

    told = fronts.service_environment(data)

    assert told["CLINIC_THREADS"] == "7"
    assert int(told["CLINIC_PACE_SECONDS"]) in (20, 30)
    assert "--blocking-threads 7 " in " ".join(fronts.children("granian", data, 8443)[0]["argv"])


def test_sqlite_takes_the_sizes(settings):
    command = settings.DATABASES["default"].get("OPTIONS", {}).get("init_command", "")
    if "PRAGMA" not in command:
        return  # MariaDB
    connection = sqlite3.connect(":memory:")
    for pragma in command.split(";"):
        connection.execute(pragma)

    size = connection.execute("PRAGMA cache_size").fetchone()[0]
    connection.close()

    assert size == -1000
