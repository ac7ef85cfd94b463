"""A MariaDB of the clinic's own: who may reach it, what it promises, when it starts and stops."""

import ast
import contextlib
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from pathlib import Path

import pytest

from clinic.databases import server
from installer.setup import envfile, mariadb, mariadb_private, mariadb_server, sizing, words
from installer.setup.errors import SetupError
from installer.setup.paths import DataDir
from installer.setup.run import Log
from tests.installer.tools import CHECKOUT

pytestmark = pytest.mark.installer
WAITS = """
import pathlib, socket, sys, time
probe = socket.socket(socket.AF_UNIX)
probe.connect(sys.argv[1])
pathlib.Path(sys.argv[2]).write_text("answered")
time.sleep(600)
"""


@pytest.fixture(scope="module")
def data():
    """Made as set-up does; where the server's account may walk."""
    with tempfile.TemporaryDirectory(prefix="clinic-own-") as folder:
        Path(folder).chmod(0o755)
        data = DataDir(Path(folder) / "data")
        data.create()
        url = mariadb_private.prepare(data, Log(data.logs / "install.log"))
        envfile.write(data.env, {"DATABASE_URL": url})
        yield data


def url_of(data) -> str:
    return envfile.read(data.env)["DATABASE_URL"]


def asked(data, sql: str) -> list[tuple]:
    _driver, connection, _plugin = server.connect(url_of(data))
    try:
        return server.Look(connection, url_of(data)).ask(sql)
    finally:
        connection.close()


def test_it_keeps_what_it_was_told_and_is_reached_by_its_socket_alone(data):
    with mariadb_private.awake(data):
        found = server.look(url_of(data))
        kept = asked(data, "SELECT @@innodb_flush_log_at_trx_commit, @@innodb_doublewrite, "
                           "@@skip_networking, @@log_bin")  # fmt: skip
        pid = int((mariadb_private.home(data) / "pid").read_text())
        owner = Path(f"/proc/{pid}").stat().st_uid

    assert (found["faults"], found["notes"]) == ([], [])
    assert kept == [(1, 1, 1, 0)]
    assert owner != 0
    assert not mariadb_private.answers(data)


def test_a_server_that_listens_but_serves_nobody_yet_is_waited_for(tmp_path):
    """While it carries out its first statements: ended then, it would have no account for us."""
    data, ready = DataDir(tmp_path), threading.Event()
    mariadb_private.home(data).mkdir()
    server = subprocess.Popen(["/bin/sleep", "60"])
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(mariadb_private.socket_path(data)))
        listener.listen()
        threading.Thread(target=greet, args=(listener, ready), daemon=True).start()

        mariadb_private._wait(data, server)

        assert ready.is_set()
    server.kill()
    server.wait()


def greet(listener: socket.socket, ready: threading.Event) -> None:
    time.sleep(0.5)
    ready.set()
    for _ in range(9):
        with contextlib.suppress(OSError), listener.accept()[0] as client:
            client.sendall(b"10.11.19-MariaDB")


def test_nobody_enters_without_the_password(data):
    stranger = ["setpriv", "--reuid=nobody", "--clear-groups"] if os.geteuid() == 0 else []
    client = [mariadb.find("mariadb"), "--no-defaults",
              f"--socket={mariadb_private.socket_path(data)}"]  # fmt: skip
    with mariadb_private.awake(data):
        entered = [
            subprocess.run([*stranger, *client, f"--user={name}", "-e", "SELECT 1"],
                           capture_output=True, check=False).returncode == 0
            for name in (["root"] if stranger else []) + ["clinic", "nobody"]
        ]  # fmt: skip

    written = [p for p in data.root.rglob("*") if p.is_file() and p != data.env]
    password = url_of(data).split(":")[2].split("@")[0].encode()
    assert not any(entered)
    assert [p for p in written if p.stat().st_size < 2**20 and password in p.read_bytes()] == []


def test_a_second_preparation_keeps_the_data(data):
    log = Log(data.logs / "install.log")
    with mariadb_private.awake(data):
        asked(data, "CREATE TABLE kept (i INT)")

    again = mariadb_private.prepare(data, log)

    assert again == url_of(data)
    with mariadb_private.awake(data):
        assert asked(data, "SHOW TABLES") == [("kept",)]
        asked(data, "DROP TABLE kept")


def test_the_supervisor_starts_it_first_stops_it_last_and_heals_it(data, tmp_path):
    """The program beside it needs it at its first breath; the server is killed once meanwhile."""
    told = tmp_path / "told"
    database = mariadb_private.child(data)
    beside = {
        "name": "application", "env": {}, "stop": "TERM", "wave": 2, "needs": database["ready"],
        "argv": [sys.executable, "-c", WAITS, database["ready"], str(told)],
    }  # fmt: skip
    nothing = ["/bin/true"]
    plan = {"cwd": str(tmp_path), "volatile": "", "children": [database, beside],
            "announce": nothing, "housekeeping": nothing}  # fmt: skip
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    lock = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    supervisor = CHECKOUT / "installer" / "setup" / "supervisor.py"
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", supervisor, tmp_path / "plan.json", str(lock)],
            pass_fds=[lock], stdout=log, stderr=log,
        )  # fmt: skip
    try:
        wait(lambda: told.exists())
        asked(data, "CREATE TABLE promised SELECT 7 AS value")
        os.kill(int((mariadb_private.home(data) / "pid").read_text()), signal.SIGKILL)
        wait(lambda: not mariadb_private.answers(data))
        wait(lambda: mariadb_private.answers(data))
        kept = asked(data, "SELECT value FROM promised")
    finally:
        process.terminate()
        status = process.wait(60)

    said = (tmp_path / "log").read_text()
    assert kept == [(7,)]
    assert status == 0
    assert said.count("ready for connections") == 2
    assert said.rstrip().endswith("Shutdown complete")
    assert "application ended" not in said


def wait(until) -> None:
    deadline = time.monotonic() + 60
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_newer_server_brings_its_own_tables_up_to_date_and_an_older_one_is_refused(data):
    note = mariadb_private.home(data) / mariadb_private.MADE
    now, log = note.read_text(), Log(data.logs / "install.log")
    note.write_text("10.6.0")

    mariadb_private.bring_up_to_date(data, log)

    assert note.read_text() == now
    note.write_text("99.1.0")
    with pytest.raises(SetupError, match="written by MariaDB 99.1.0"):
        mariadb_private.bring_up_to_date(data, log)
    note.write_text(now)


def test_what_lies_beside_the_installer_needs_its_checksum(tmp_path):
    package = tmp_path / "mariadb-10.11.9-linux-systemd-x86_64.tar.gz"
    with tarfile.open(package, "w:gz") as archive:
        archive.add(__file__, "mariadb/readme")
    target = tmp_path / "server"

    with pytest.raises(SetupError, match="checksum of mariadb-10.11.9"):
        mariadb_server.unpack(package, target)
    package.with_name(f"{package.name}.sha256").write_text("0" * 64 + f"  {package.name}\n")
    with pytest.raises(SetupError, match="is not what its checksum says"):
        mariadb_server.unpack(package, target)
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    package.with_name(f"{package.name}.sha256").write_text(f"{digest} *{package.name}\n")
    mariadb_server.unpack(package, target)

    assert (target / "mariadb" / "readme").is_file()


def test_where_there_is_none_it_says_so_before_anything_is_touched(monkeypatch, tmp_path):
    monkeypatch.setattr(mariadb_server, "find_program", lambda name: None)
    monkeypatch.delenv(mariadb_server.BESIDE, raising=False)

    with pytest.raises(SetupError, match="finds no MariaDB 10.6 or newer"):
        mariadb_server.require_source(tmp_path / "mariadb")


def test_on_windows_it_listens_on_this_machine_alone(monkeypatch, tmp_path):
    """The commands and settings that would be used; nothing of it was run on Windows."""
    for module in (mariadb_private, mariadb_server):
        monkeypatch.setattr(module, "WINDOWS", True)
    base = tmp_path / "server"
    made = mariadb_server.Server("mariadbd.exe", "mariadb-install-db.exe", "", base, "11.4.2")
    data = DataDir(tmp_path)
    mariadb_private.home(data).mkdir()

    argv = made.install_command(tmp_path / "data", "", "")
    settings = mariadb_private.write_settings(data, made).read_text()
    url = mariadb_private.address(data, "secret")

    assert argv[:2] == ["mariadb-install-db.exe", f"--datadir={tmp_path / 'data'}"]
    assert len(argv[2]) > len("--password=") + 30
    assert "bind-address = 127.0.0.1" in settings
    assert f"port = {mariadb_private.port(data)}" in settings
    assert "skip-networking" not in settings
    assert url == f"mysql://clinic:secret@127.0.0.1:{mariadb_private.port(data)}/clinic"
    assert mariadb_private.is_own(url, data)


def test_what_is_wrong_with_a_server_is_said_in_chinese_too():
    tree = ast.parse(Path(server.__file__).read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    said = [
        call.args
        for call in calls
        if getattr(call.func, "attr", getattr(call.func, "id", ""))
        in ("wrong", "note", "add", "fault")
        and isinstance(call.args[0], ast.Constant)
    ]

    untranslated = []
    for words_of in said:
        filled = re.sub(r"{\w+}", "VALUE", words_of[0].value)
        if len(words_of) > 1:
            filled += " MEND"
        found = words.chinese(filled)
        if not found or found.count("VALUE") != filled.count("VALUE"):
            untranslated.append(filled)

    assert len(said) > 12
    assert untranslated == []


def test_a_small_machine_gives_it_little():
    small, large = (sizing.Machine(mb, 2, turning_disk=False) for mb in (2_000, 16_000))

    little, much = (mariadb_private.sizes(sizing.mariadb_buffer_mb(m)) for m in (small, large))

    assert little["innodb_buffer_pool_size"] == "64M"
    assert much == {"innodb_buffer_pool_size": "512M", "innodb_log_file_size": "128M"}
