"""A power cut at any step: run again, and it completes. A failure or a full disk: nothing is left.

The set-up runs in a process of its own that ends at a given point (cut_off.py).
"""

import contextlib
import http.client
import json
import os
import pty
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.installer.conftest import log_of
from tests.installer.cut_off import CUT
from tests.installer.test_install import contents
from tests.installer.tools import (
    VENV,
    Served,
    copy_installation,
    environment,
    one_sentence,
    trusting,
)
from tests.ports import free_port

pytestmark = pytest.mark.installer
# In the order of the steps, so that each run passes quickly over what the earlier ones made.
POINTS = [
    ("before", "settings"),
    ("asked", "keys", "0.3"),
    ("after", "keys"),
    ("after", "certificate"),
    ("asked", "database", "1"),
    ("after", "database"),
    ("asked", "dictionaries", "0.4"),
    ("asked", "administrator", "0"),
    ("asked", "administrator", "1"),
    ("asked", "static", "0.5"),
    ("after", "static"),
    ("after", "version"),
]


@pytest.fixture
def run(checkout):
    """Set-up from a clone that knows of no other test's clinic: a name is not given twice."""
    shutil.rmtree(checkout / "instances", ignore_errors=True)
    program = checkout / "tests" / "installer" / "cut_off.py"

    def run(*cut: str, data: Path, options=("--no-start",), before=(), stdin=subprocess.DEVNULL):
        command = [*before, sys.executable, program, *cut, "--", "--data-dir", data, *options]
        return subprocess.run(
            [str(part) for part in command],
            env=environment(CLINIC_VENV=VENV),
            stdin=stdin, capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    return run


def left(data: Path) -> set[str]:
    return {str(path.relative_to(data)) for path in data.rglob("*") if path.is_file()}


def sign_in(data: Path, port: int, password: str) -> str | None:
    """Where the first administrator is sent with this password; None when it is wrong."""
    connection = http.client.HTTPSConnection("localhost", port, timeout=20, context=trusting(data))
    with contextlib.closing(connection):
        return _sign_in(connection, port, password)


def _sign_in(connection, port: int, password: str) -> str | None:
    connection.request("GET", "/login/")
    answer = connection.getresponse()
    cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', answer.read().decode())[1]
    form = {"csrfmiddlewaretoken": token, "username": "admin", "password": password}
    headers = {
        "Cookie": cookie,
        "Content-Type": "application/x-www-form-urlencoded",
        "Referer": f"https://localhost:{port}/login/",
    }
    connection.request("POST", "/login/", urlencode(form), headers)
    answer = connection.getresponse()
    answer.read()
    return answer.getheader("Location") if answer.status == 302 else None


def test_cut_off_at_every_step_and_run_again_it_serves_and_lets_the_administrator_in(
    checkout, run, tmp_path
):
    data, port = tmp_path / "data", free_port()
    for point in POINTS:
        done = run(*point, data=data)
        assert done.returncode == CUT, (point, done.stdout, done.stderr, log_of(data))

    done = run("none", "none", data=data, options=("--no-start", "--port", port))

    assert done.returncode == 0, done.stderr + log_of(data)
    password = re.search(r"one-time password: (\S+)", done.stdout)[1]
    assert password in (data / "first" / "sheet.html").read_text()
    assert re.search(r"^02  [0-9A-Z]{4} ", (data / "first" / "key-sheet.html").read_text(), re.M)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (data / "first").iterdir()} == {0o600}
    with Served(checkout, data, port):
        assert sign_in(data, port, password + "x") is None
        assert sign_in(data, port, password) is not None
    journal = json.loads((data / "logs" / "setup.json").read_text())["runs"]
    assert [run["result"] for run in journal][-2:] == ["", "done"]


def test_keys_can_be_locked_under_a_passphrase_file_from_their_first_moment(run, tmp_path):
    data, stick = tmp_path / "data", tmp_path / "stick"
    stick.mkdir()
    wrap = ("--no-start", "--wrap-keys", stick / "words.txt")

    done = run("after", "keys", data=data, options=wrap)
    again = run("after", "certificate", data=data, options=wrap)

    assert done.returncode == again.returncode == CUT, done.stderr + again.stderr
    assert json.loads((data / "keys" / "keyring.json").read_text())["wrap"] == "scrypt"
    assert f"CLINIC_KEYRING_PASSPHRASE_FILE={stick / 'words.txt'}" in (data / ".env").read_text()
    assert stat.S_IMODE((stick / "words.txt").stat().st_mode) == 0o600
    assert len((stick / "words.txt").read_text().strip()) > 40


def test_whoever_sits_at_the_terminal_is_asked_for_the_stick(run, tmp_path):
    data, stick = tmp_path / "data", tmp_path / "stick"
    stick.mkdir()
    ours, theirs = pty.openpty()
    os.write(ours, f"{stick}\n".encode())

    done = run("after", "settings", data=data, stdin=theirs)

    os.close(ours)
    os.close(theirs)
    assert done.returncode == CUT, done.stderr
    assert "U 盘在哪个文件夹？" in done.stdout
    file = stick / "clinic-passphrase.txt"
    assert f"CLINIC_KEYRING_PASSPHRASE_FILE={file}" in (data / ".env").read_text()


def test_a_failure_of_a_new_installation_leaves_the_log_alone(run, tmp_path):
    data = tmp_path / "data"

    done = run("fails", "administrator", data=data)

    assert one_sentence(done), done.stderr
    assert left(data) == {"logs/install.log", "logs/setup.json"}
    assert f"Everything was taken back; only the log is left, in {data / 'logs'}." in done.stdout
    assert "密钥" in done.stdout
    assert json.loads((data / "logs" / "setup.json").read_text())["runs"][-1]["result"] == "undone"


def test_a_failure_leaves_an_installation_that_was_there_as_it_was(installed, run, tmp_path):
    """One migration is said not to have run: running it again fails in the database step."""
    data = copy_installation(installed.data, tmp_path / "data")
    database = data / "db.sqlite3"
    subprocess.run(
        [sys.executable, "-c", "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
         "c.execute(\"DELETE FROM django_migrations WHERE app = 'axes' AND name LIKE '0001%'\");"
         "c.commit(); c.close()", database],
        check=True,
    )  # fmt: skip
    before, tables_before = without_backups(data), dump(database)

    done = run("none", "none", data=data, options=("--no-start", "--port", free_port()))

    assert one_sentence(done), done.stderr
    assert "The database can't be brought up to date." in done.stderr
    assert f"The installation in {data} is as it was before." in done.stdout
    assert without_backups(data) == before
    assert dump(database) == tables_before


def without_backups(data: Path) -> dict[str, str]:
    """A backup that was made on the way stays: it does no harm."""
    return {name: mark for name, mark in contents(data).items() if not name.startswith("backups/")}


def dump(database: Path) -> str:
    code = "import sqlite3, sys; print('\\n'.join(sqlite3.connect(sys.argv[1]).iterdump()))"
    done = subprocess.run(
        [sys.executable, "-c", code, database], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_a_disk_that_fills_up_on_the_way_is_said_and_everything_is_taken_back(run, tmp_path):
    """On a file system of its own, which is full when the database is made."""
    data = tmp_path / "small"
    data.mkdir()
    mount = f'mount -t tmpfs -o size=230m tmpfs "{data}" && "$@"; find "{data}"; false'

    done = run(
        "full", "database", data=data,
        before=("unshare", "--mount", "--map-root-user", "sh", "-c", mount, "sh"),
    )  # fmt: skip

    assert one_sentence(done), done.stderr
    assert "诊所系统：磁盘已满，请腾出空间后重新运行。" in done.stderr
    assert "clinic: The disk is full; make room and run this again." in done.stderr
    assert set(done.stdout.split("log is left")[1].split("\n")[1:-1]) == {
        str(data / name) for name in ("", "logs", "logs/install.log", "logs/setup.json")
    }
