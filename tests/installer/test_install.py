"""install.sh and serve.sh from a clone, as a stranger would run them."""

import hashlib
import os
import shutil
import signal
import socket
import sqlite3
import stat
import time
from pathlib import Path

import pytest

from installer.setup import fronts
from installer.setup.paths import DataDir
from tests.installer.tools import (
    VENV,
    Served,
    alive,
    command,
    environment,
    get,
    one_sentence,
    proportional_mb,
    script,
)
from tests.ports import free_port

pytestmark = pytest.mark.installer
BUDGET_MB = 160


def contents(data: Path) -> dict[str, str]:
    """What is in a data directory, by file; logs and passing notes left out."""
    passing = {"logs", "run"}
    files = [
        p for p in data.rglob("*") if p.is_file() and p.relative_to(data).parts[0] not in passing
    ]
    return {
        str(p.relative_to(data)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in files
        if "sqlite3" not in p.name
    }


def count(data: Path, table: str) -> int:
    with sqlite3.connect(data / "db.sqlite3") as connection:
        (number,) = connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()  # noqa: S608
    connection.close()
    return number


def test_a_clone_is_installed_and_served_over_its_own_tls(installed):
    with Served(installed.checkout, installed.data, installed.port) as served:
        status, _ = get(installed.data, installed.port, "/healthz")
        login, page = get(installed.data, installed.port, "/login/")

        family = served.family()
        code = served.stop()

    assert (status, login) == (200, 200)
    assert b"csrfmiddlewaretoken" in page
    assert code == 0
    assert not [pid for pid in family if alive(pid)]
    assert not fronts.volatile_dir(DataDir(installed.data)).joinpath("app.sock").exists()


def test_secrets_are_readable_by_their_owner_alone(installed):
    modes = {
        name: stat.S_IMODE((installed.data / name).stat().st_mode)
        for name in (".", ".env", "keys/keyring.json", "tls/ca.key", "tls/server.key")
    }

    assert modes == {
        ".": 0o700,
        ".env": 0o600,
        "keys/keyring.json": 0o400,
        "tls/ca.key": 0o600,
        "tls/server.key": 0o600,
    }


def test_no_password_is_left_in_a_file(installed):
    found = [
        path
        for path in installed.data.rglob("*")
        if path.is_file() and b"demo-Pass-2026" in path.read_bytes()
    ]

    assert found == []


def test_a_second_run_changes_nothing(installed):
    before, users = contents(installed.data), count(installed.data, "security_user")

    done = installed.install("--demo", "--no-start")

    assert done.returncode == 0, done.stderr
    assert contents(installed.data) == before
    assert count(installed.data, "security_user") == users
    assert "password" not in done.stdout.lower()


def test_a_run_beside_the_running_clinic_leaves_it_alone(installed):
    with Served(installed.checkout, installed.data, installed.port) as served:
        before = set(served.family())

        done = installed.install("--demo")

        assert done.returncode == 0, done.stderr
        assert f"running at https://localhost:{installed.port}" in done.stdout
        after, deadline = set(served.family()), time.monotonic() + 60
        while not after <= before and time.monotonic() < deadline:  # rounds come and go
            time.sleep(0.5)
            after = set(served.family())
        assert after <= before
        assert len(before - after) <= 1  # the round that ended


def test_a_second_server_on_the_same_data_is_refused(installed):
    with Served(installed.checkout, installed.data, installed.port):
        done = script(
            installed.checkout, "serve.sh", "--data-dir", installed.data, "--port", free_port(),
            env=environment(CLINIC_VENV=VENV),
        )  # fmt: skip

        assert one_sentence(done)
        assert "served already" in done.stderr


def test_a_taken_port_is_said_in_one_sentence(installed):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        done = installed.install("--port", str(port))

    assert one_sentence(done)
    assert f"Port {port} is taken" in done.stderr


@pytest.mark.parametrize("front", ["nginx", "granian"])
def test_everything_together_stays_within_160_mb_and_does_what_is_due(installed, front):
    holders(installed.data, "DELETE FROM core_lease WHERE name = 'scheduler'")
    with Served(installed.checkout, installed.data, installed.port, CLINIC_FRONT=front) as served:
        for _ in range(40):
            get(installed.data, installed.port, "/login/")
        deadline = time.monotonic() + 60
        while not holders(installed.data, SCHEDULER) and time.monotonic() < deadline:
            time.sleep(0.5)

        used = proportional_mb(served.family())

    assert used <= BUDGET_MB
    assert len(holders(installed.data, SCHEDULER)) == 1


SCHEDULER = "SELECT holder FROM core_lease WHERE name = 'scheduler'"


def holders(data: Path, query: str) -> list:
    """Who runs what is due."""
    with sqlite3.connect(data / "db.sqlite3", timeout=20) as connection:
        found = connection.execute(query).fetchall()
    connection.close()
    return found


def test_a_killed_application_comes_back(installed):
    with Served(installed.checkout, installed.data, installed.port, CLINIC_FRONT="nginx") as served:
        old = served.family()
        host = next(pid for pid in old if "host.py" in command(pid))

        os.kill(host, signal.SIGKILL)
        time.sleep(0.5)

        served.wait_until_it_answers(20)
        workers = [pid for pid in served.family() if pid not in old]
        assert workers
        assert served.stop() == 0


def test_what_a_killed_supervisor_left_is_ended_by_the_next_start(installed):
    with Served(installed.checkout, installed.data, installed.port) as killed:
        orphans = killed.family()[1:]
        killed.process.kill()
        killed.process.wait()

        with Served(installed.checkout, installed.data, installed.port) as served:
            assert not set(served.family()) & set(orphans)

    deadline = time.monotonic() + 5
    while any(map(alive, orphans)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [pid for pid in orphans if alive(pid)]


def test_what_was_left_is_ended_even_when_the_folder_was_removed_meanwhile(installed):
    moved = installed.data.with_name("moved-away")
    with Served(installed.checkout, installed.data, installed.port) as killed:
        orphans = killed.family()[1:]
        shutil.copytree(installed.data, moved)
        shutil.rmtree(installed.data)
        killed.process.kill()
        killed.process.wait()
        moved.rename(installed.data)

        with Served(installed.checkout, installed.data, installed.port):
            assert not [pid for pid in orphans if alive(pid)]


def test_it_starts_in_the_background_and_moves_to_another_port(installed):
    other = free_port()

    first = installed.install()
    second = installed.install("--port", str(other))

    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert get(installed.data, other, "/healthz")[0] == 200
    with pytest.raises(ConnectionRefusedError):
        get(installed.data, installed.port, "/healthz")
    assert "Stopped." in installed.install("--uninstall").stdout


def test_an_application_that_can_not_start_says_why_in_one_sentence(installed):
    """The key ring is taken away between setting up and serving."""
    ring = installed.data / "keys" / "keyring.json"
    hidden = ring.with_name("elsewhere.json")
    ring.rename(hidden)

    served = Served(installed.checkout, installed.data, installed.port, CLINIC_FRONT="nginx")
    code = served.process.wait(90)
    hidden.rename(ring)

    said = [line for line in served.log.read_text().splitlines() if line.startswith("clinic: ")]
    assert code == 1
    assert "keyring.json" in said[0]


def test_uninstalling_keeps_the_data(installed):
    before = contents(installed.data)

    done = installed.install("--uninstall")

    assert done.returncode == 0, done.stderr
    assert contents(installed.data) == before
    assert "were kept" in done.stdout
