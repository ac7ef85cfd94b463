"""What comes after installation: upgraded with data in it, and the way back whatever happens."""

import shutil
import subprocess
from urllib.parse import parse_qs, urlsplit

import pytest

from installer.setup import control, going_back, mariadb, versions
from installer.setup.paths import DataDir
from installer.setup.run import Log
from tests.installer.conftest import Installed
from tests.installer.machine import (
    BAD,
    BROKEN,
    DEAD,
    LARGE,
    MIGRATION,
    NEW,
    OLD,
    Machine,
    contents,
)
from tests.installer.tools import (
    VENV,
    copy_installation,
    environment,
    get,
    one_sentence,
)
from tests.ports import free_port

pytestmark = pytest.mark.installer


def recover(machine: Machine) -> going_back.Journal | None:
    """What every start does first."""
    data = DataDir(machine.data)
    with going_back.alone(data):
        return going_back.recover(data, Log(data.logs / "upgrade.log"))


def test_a_newer_package_takes_over_with_the_data_and_the_last_version_stays(machine):
    assert machine.clinic(OLD, "start").returncode == 0
    before = machine.clinic(OLD, "manage", "verify_encryption").stdout
    ancient = machine.home / "versions" / "0.8.9"
    ancient.mkdir()
    (ancient / "package.json").touch()

    done = machine.clinic(NEW, "arrive")

    assert done.returncode == 0, done.stderr
    assert "The clinic was closed for " in done.stdout
    assert get(machine.data, machine.port, "/login/")[0] == 200
    assert machine.clinic(NEW, "manage", "verify_encryption").stdout == before != ""
    assert "newer" in machine.tables()
    assert machine.current() == NEW
    assert not ancient.exists()
    assert (machine.home / "versions" / OLD).is_dir()
    assert list(machine.data.glob("backups/*safety*"))
    assert not (machine.data / going_back.KEPT).exists()
    assert (machine.root / ".local" / "bin" / "clinic").is_symlink()
    refused = machine.clinic(OLD, "arrive")
    assert one_sentence(refused)
    assert f"belong to version {NEW}, which is newer than this program ({OLD})" in refused.stderr


def test_a_migration_that_fails_leaves_the_old_version_with_its_data_byte_for_byte(machine):
    before = machine.contents()

    done = machine.clinic(BAD, "upgrade")

    assert one_sentence(done), done.stderr
    assert "The database can't be brought up to date. The data are back as they were" in done.stderr
    assert "数据库无法更新到当前版本。数据已恢复原样" in done.stderr
    assert machine.contents() == before
    assert machine.current() == OLD


def test_a_version_that_does_not_start_gives_way_to_the_one_that_served(machine):
    assert machine.clinic(OLD, "start").returncode == 0

    done = machine.clinic(DEAD, "upgrade")

    assert one_sentence(done), done.stderr
    assert f"and version {OLD} serves them again" in done.stderr
    assert get(machine.data, machine.port, "/healthz")[0] == 200
    assert versions.remembered(DataDir(machine.data)).version == OLD
    assert "newer" not in machine.tables()


@pytest.mark.parametrize("point", ["copied", "migrated", "remembered", "starting"])
def test_an_upgrade_that_is_killed_is_undone_by_the_next_start(machine, point):
    before = machine.contents()

    killed = machine.clinic(NEW, "upgrade", die=point)
    undone = recover(machine)

    assert killed.returncode == -9
    assert undone.new == NEW
    assert machine.contents() == before
    assert recover(machine) is None


def test_a_way_back_that_is_killed_is_gone_to_its_end(machine):
    before = machine.contents()

    killed = machine.clinic(BAD, "upgrade", die="half put back")
    served = machine.clinic(BAD, "start")

    assert killed.returncode == -9
    assert served.returncode == 0, served.stderr
    assert get(machine.data, machine.port, "/healthz")[0] == 200
    control.stop(DataDir(machine.data))
    going_back.fold_log_in(machine.data / "db.sqlite3")
    after = machine.contents()
    changed = {name.split("/")[0] for name in before if after.get(name) != before[name]}
    assert changed <= {"db.sqlite3", "audit-checkpoints"}  # it was served, and seals itself
    assert "half" not in machine.tables()
    assert versions.remembered(DataDir(machine.data)).version == OLD


def test_once_the_new_version_answers_nobody_goes_back(machine):
    """Killed between start and answer: the server itself makes it final."""
    killed = machine.clinic(NEW, "upgrade", die="started")
    data = DataDir(machine.data)

    answered = control.wait_for_answer(data, machine.port, lambda: True)
    undone = recover(machine)

    assert killed.returncode == -9
    assert answered
    assert undone is None
    assert versions.remembered(data).version == NEW
    assert machine.clinic(OLD, "status").returncode == 0


def test_an_older_program_leaves_newer_data_alone(machine):
    newer = versions.Served("1.2.0", versions.own().schema)
    versions.remember(DataDir(machine.data), newer)
    before = machine.contents()

    refused = [
        machine.clinic(OLD, *words)
        for words in (["serve"], ["install"], ["upgrade"], ["arrive"], ["repair"],
                      ["manage", "migrate"])
    ]  # fmt: skip

    for done in refused:
        assert one_sentence(done), done.stderr
        assert "belong to version 1.2.0, which is newer than this program (0.9.0)" in done.stderr
        assert "中的数据属于较新的版本 1.2.0，本程序是 0.9.0" in done.stderr
    assert machine.contents() == before


def test_a_disk_that_gets_full_in_the_middle_is_no_loss(machine):
    """On a file system of its own that has room for all but what the new version writes."""
    size = sum(p.stat().st_size for p in machine.data.rglob("*") if p.is_file()) // 2**20
    database = (machine.data / "db.sqlite3").stat().st_size // 2**20
    held = f"{machine.data}.held"
    machine.data.rename(held)
    machine.data.mkdir()
    hashes = "find . -type f -not -path './logs/*' -not -path './run/*' -not -path './backups/*'"
    script = f"""
        mount -t tmpfs -o size={size + 4 * database + 80}m,mode=700 tmpfs "$1" && cp -a "$2/." "$1"
        cd "$1" && {hashes} | sort | xargs sha256sum > /tmp/before.$$
        shift 2; "$@"; status=$?
        rm -f db.sqlite3-shm db.sqlite3-wal
        {hashes} | sort | xargs sha256sum | diff /tmp/before.$$ - >&1 && echo EQUAL
        rm /tmp/before.$$; exit $status
    """
    app = machine.unpack(LARGE) / "installer" / "setup"

    done = subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-c", script, "sh", machine.data, held,
         f"{VENV}/bin/python", app, "upgrade", "--data-dir", machine.data],
        env=environment(CLINIC_VENV=VENV, HOME=str(machine.root)),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
    )  # fmt: skip

    assert one_sentence(done), done.stderr + done.stdout
    assert "The disk is full" in done.stderr
    assert "EQUAL" in done.stdout


def test_on_a_server_the_sealed_backup_brings_every_table_back(machine):
    """MariaDB changes tables outside of any transaction: half a migration stays otherwise."""
    with mariadb.private_server() as url:
        path = parse_qs(urlsplit(url).query)["unix_socket"][0]

        def sql(text: str) -> str:
            command = [mariadb.find("mariadb"), "--no-defaults", f"--socket={path}", "--user=root"]
            options = {"input": text, "text": True, "capture_output": True, "check": True}
            return subprocess.run([*command, "-N"], **options).stdout

        def state() -> str:
            names = sql("USE upgrade; SHOW TABLES").split()
            checksums = sql(f"USE upgrade; CHECKSUM TABLE {', '.join(names)}")
            triggers = "SELECT trigger_name FROM information_schema.triggers ORDER BY 1"
            return checksums + sql(triggers)

        sql("CREATE DATABASE upgrade CHARACTER SET utf8mb4;"
            "CREATE USER upgrade@localhost IDENTIFIED BY 'secret-1';"
            "GRANT ALL ON upgrade.* TO upgrade@localhost")  # fmt: skip
        where = f"mysql://upgrade:secret-1@localhost/upgrade?unix_socket={path}"
        other = ["--data-dir", str(machine.root / "other")]
        port = ["--port", str(free_port()), "--no-start", "--database-url", where]
        made = machine.clinic(OLD, "install", *other, *port, "--instance", "other")
        before = state()

        failed = machine.clinic(BAD, "upgrade", *other)
        after = state()
        done = machine.clinic(NEW, "upgrade", *other)

        assert made.returncode == 0, made.stderr
        assert one_sentence(failed), failed.stderr
        assert "The data are back as they were" in failed.stderr
        assert after == before
        assert done.returncode == 0, done.stderr
        assert "upgrade.newer" in state()


def test_newer_code_in_a_checkout_puts_the_data_back_as_well(installed, tmp_path):
    clone = tmp_path / "checkout"
    # A clinic that came with another checkout, which this one knows nothing of.
    shutil.copytree(installed.checkout, clone, ignore=shutil.ignore_patterns("instances"))
    text = MIGRATION.format(after="0001_initial", operations=BROKEN)
    (clone / "patients" / "migrations" / "0002_newer.py").write_text(text)
    copied = Installed(clone, copy_installation(installed.data, tmp_path / "data"), 0, "")
    going_back.fold_log_in(copied.data / "db.sqlite3")
    before = contents(copied.data)

    done = copied.install("--no-start")

    assert one_sentence(done), done.stderr
    assert "The database can't be brought up to date." in done.stderr
    assert contents(copied.data) == before
