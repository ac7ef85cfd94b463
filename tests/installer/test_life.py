"""The clinic's command: everyday verbs, mending, and going away again."""

import hashlib
import os
import stat
import subprocess
from pathlib import Path

import pytest

from tests.installer.machine import OLD
from tests.installer.tools import CHECKOUT, environment, get, one_sentence

COMMAND = CHECKOUT / "installer" / "clinic"


def clinic(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [COMMAND, *arguments], env=environment(), capture_output=True, text=True, timeout=60
    )


def files(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir()}


def test_help_is_in_chinese_and_english_and_an_unknown_verb_is_one_sentence():
    helped, unknown = clinic("--help"), clinic("dance")

    assert helped.returncode == 0
    for words in ("upgrade", "把数据升级到本版本", "Remove the programs and keep the data"):
        assert words in helped.stdout
    assert one_sentence(unknown)
    assert "There is no command dance" in unknown.stderr


@pytest.mark.installer
def test_what_was_damaged_is_mended_and_named(machine):
    (machine.data / ".env").chmod(0o644)
    (machine.data / "tls" / "server.crt").unlink()
    os.rmdir(machine.data / "files")

    mended = machine.clinic(OLD, "arrive")
    again = machine.clinic(OLD, "repair")

    assert mended.returncode == again.returncode == 0, mended.stderr + again.stderr
    for name in ("folders", "permissions", "certificate", "the command clinic"):
        assert f"Mended: {name}." in mended.stdout
    assert stat.S_IMODE((machine.data / ".env").stat().st_mode) == 0o600
    assert get(machine.data, machine.port, "/healthz")[0] == 200
    assert "nothing had to be mended" in again.stdout


@pytest.mark.installer
def test_uninstalling_leaves_the_data_and_nothing_else(machine):
    before = machine.contents()
    assert machine.clinic(OLD, "arrive").returncode == 0

    done = machine.clinic(OLD, "uninstall")

    assert done.returncode == 0, done.stderr
    assert f"All data were kept in {machine.data}" in done.stdout
    assert all(name.startswith(".local/share/clinic/clinic/") for name in files(machine.root))
    assert set(machine.contents()) >= set(before)
    mark = hashlib.sha256(str(machine.data).encode()).hexdigest()[:12]
    assert not list(Path("/dev/shm").glob(f"clinic-*-{mark}"))
    assert not machine.home.exists()


@pytest.mark.installer
def test_data_and_keys_go_only_when_they_are_named(machine):
    before = machine.contents()

    refused = machine.clinic(OLD, "uninstall", "--with-data", "--yes", "another")
    kept = machine.contents()
    done = machine.clinic(OLD, "uninstall", "--with-data", "--yes", "practice")

    assert one_sentence(refused)
    assert "the data go only with --yes practice" in refused.stderr
    assert kept == before
    assert done.returncode == 0, done.stderr
    assert files(machine.root) == set()
