"""serve.log holds no path with an id, and a refusal only once; all without a whole installation."""

import http.client
import logging
import os
import socket
import subprocess
import sys
import time

import pytest

from clinic.core.logs import NoValues
from installer.setup import fronts
from installer.setup.paths import DataDir
from tests.installer.tools import CHECKOUT, environment
from tests.ports import free_port

HOST = CHECKOUT / "installer" / "setup" / "host.py"
UID = "0b5f1c1e-3c52-4f2b-9d0a-7b1f5d2c9a11"


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        (f"/patients/{UID}/edit/", "/patients/*/edit/"),
        ("/patients/4711/?q=1390000", "/patients/*/"),
        ("/files/4711", "/files/*"),
        ("/patients/new/", "/patients/new/"),
        ("/static/css/bootstrap-5.3.min.css", "/static/css/bootstrap-5.3.min.css"),
    ],
)
def test_a_message_of_the_application_names_no_record(path, kept):
    record = logging.LogRecord("django.request", 30, "", 0, "Not Found: %s", (path,), None)

    NoValues().filter(record)

    assert record.getMessage() == f"Not Found: {kept}"


def test_nginx_tells_nothing_of_a_request_when_its_log_can_not_be_written(tmp_path):
    """The usual cause is a full disk; /dev/full is one."""
    data = DataDir(tmp_path / "data")
    data.create()
    port = free_port()
    conf = plain_http(fronts.nginx_conf(data, tmp_path, port), port)
    (tmp_path / "nginx.conf").write_text(conf.replace(f"{data.logs}/access.log", "/dev/full"))
    nginx = subprocess.Popen(
        [fronts.find_nginx(), "-p", tmp_path, "-e", "stderr", "-c", tmp_path / "nginx.conf"],
        stderr=subprocess.PIPE,
    )
    try:
        status = ask(port, f"/patients/{UID}/?q=canary")
    finally:
        nginx.terminate()
        said = nginx.communicate(timeout=20)[1].decode()

    assert status == 502  # there is no application behind it
    assert UID not in said
    assert "canary" not in said


def plain_http(conf: str, port: int) -> str:
    """The same settings without TLS, which has tests of its own."""
    lines = conf.replace(f"{port} ssl http2", str(port)).splitlines()
    return "\n".join(line for line in lines if "certificate" not in line)


def ask(port: int, path: str) -> int:
    deadline = time.monotonic() + 20
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        finally:
            connection.close()


def test_gunicorn_tells_where_a_request_failed_but_not_which(tmp_path):
    application = "def app(environ, respond): raise ValueError(environ['PATH_INFO'])"
    (tmp_path / "broken.py").write_text(application)
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", HOST.parent / "gunicorn_conf.py", "broken:app"],
        env=environment(CLINIC_VOLATILE_DIR=str(tmp_path), PYTHONPATH=str(tmp_path)),
        stderr=subprocess.PIPE,
    )
    try:
        answer = over_socket(tmp_path / "app.sock", f"/patients/{UID}/")
    finally:
        server.terminate()
        said = server.communicate(timeout=20)[1].decode()

    assert b"500" in answer
    assert "broken.py" in said
    assert "ValueError" in said
    assert UID not in said


def over_socket(path, request: str) -> bytes:
    deadline = time.monotonic() + 20
    while True:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(10)
            try:
                client.connect(str(path))
            except (FileNotFoundError, ConnectionRefusedError):
                assert time.monotonic() < deadline
                time.sleep(0.05)
                continue
            client.sendall(
                f"GET {request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
            )
            return client.recv(4096)


def test_a_refused_start_gives_its_reason_once(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "static").mkdir()
    surroundings = {
        **os.environ,
        "CLINIC_DATA_DIR": str(tmp_path / "data"),
        "CLINIC_KEYRING": str(tmp_path / "no-keys.json"),
        "CLINIC_VOLATILE_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "clinic.settings",
    }

    first, second = (
        subprocess.run(
            [sys.executable, HOST],
            env={**surroundings, "CLINIC_FAILED_STARTS": failures},
            capture_output=True,
            text=True,
            timeout=60,
        )
        for failures in ("0", "1")
    )

    assert (first.returncode, second.returncode) == (1, 1)
    assert first.stderr.count("no-keys.json does not exist") == 1
    assert second.stderr == ""
