"""The end of set-up: port, sheets, browser; and names that change later."""

import http.client
import os
import socket
import stat
import subprocess
import sys
import time
from contextlib import closing

import pytest

from installer.setup import browser, envfile, paths, sheet, work
from installer.setup.fingerprint import fingerprint
from installer.setup.options import install_parser
from installer.setup.paths import DataDir
from tests.installer.tools import (
    VENV,
    Served,
    copy_installation,
    environment,
    trusting,
)
from tests.ports import free_port


@pytest.fixture
def packaged(tmp_path, monkeypatch):
    """As if this program had come in a package."""
    app = tmp_path / "app"
    app.mkdir()
    (tmp_path / "package.json").write_text(
        '{"version": "1", "commit": "", "platform": "linux", "runtime": "", "release": true}'
    )
    monkeypatch.setattr(paths, "PROGRAM", app)


def asked(tmp_path, *options: str) -> work.Work:
    given = install_parser().parse_args(list(options))
    return work.Work(given, DataDir(tmp_path / "data"), None, {}, None)


def test_a_package_takes_the_port_that_needs_not_be_typed_where_it_is_free(
    packaged, tmp_path, monkeypatch
):
    monkeypatch.setattr(work, "USUAL_PORT", free_port())

    new = asked(tmp_path)

    assert new.port == work.USUAL_PORT
    assert work.address("localhost", new.port) == "https://localhost"


def test_where_it_is_taken_the_package_takes_8443(packaged, tmp_path, monkeypatch):
    with socket.create_server(("", 0)) as other:
        monkeypatch.setattr(work, "USUAL_PORT", other.getsockname()[1])

        assert asked(tmp_path).port == 8443


def test_a_checkout_keeps_8443_and_an_installation_its_port(tmp_path):
    assert asked(tmp_path).port == 8443
    given = install_parser().parse_args([])
    stored = work.Work(given, DataDir(tmp_path), None, {"CLINIC_PORT": "9443"}, None)
    assert stored.port == 9443


@pytest.fixture
def desktop(tmp_path, monkeypatch):
    """A session with a screen, and a browser that notes what it is to open."""
    tools, said = tmp_path / "tools", tmp_path / "opened"
    tools.mkdir()
    said.touch()
    for path, mode in ((said, 0o666), (tmp_path, 0o755), (tools, 0o755)):
        path.chmod(mode)
    script = tools / "xdg-open"
    script.write_text(f'#!/bin/sh\necho "$HOME $1" >> "{said}"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":9")
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.setattr(browser, "is_root", lambda: False)
    return said


def opened(said) -> list[str]:
    """Whatever comes within a moment."""
    deadline = time.monotonic() + 3
    while not said.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.2)
    return [line.split()[-1] for line in said.read_text().splitlines()]


def test_a_package_on_a_desktop_ends_on_the_sheet_and_the_first_steps(packaged, desktop, tmp_path):
    new = asked(tmp_path, "--port", "8443")
    new.one_time_password = "x"
    new.first.mkdir(parents=True)
    (new.first / "sheet.html").touch()

    browser.show(new)

    assert sorted(opened(desktop)) == [
        (new.first / "sheet.html").as_uri(), "https://localhost:8443/guide/"
    ]  # fmt: skip


@pytest.mark.parametrize("options", [["--no-open"], ["--quiet"], ["--no-start"]])
def test_nothing_is_opened_for_whoever_does_not_want_it(packaged, desktop, tmp_path, options):
    browser.show(asked(tmp_path, *options))

    time.sleep(0.3)
    assert desktop.read_text() == ""


def test_nothing_is_opened_on_a_server(packaged, desktop, tmp_path, monkeypatch):
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.7 4711 192.0.2.1 22")

    browser.show(asked(tmp_path, "--open"))

    time.sleep(0.3)
    assert desktop.read_text() == ""


@pytest.mark.parametrize(
    ("kind", "on_sheet"), [("sha1", sheet.thumbprint), ("sha256", sheet.fingerprint)]
)
def test_the_fingerprint_on_the_sheet_is_the_one_that_others_show(tmp_path, kind, on_sheet):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-subj", "/CN=x", "-keyout", tmp_path / "k", "-out", tmp_path / "c"],
        check=True, capture_output=True,
    )  # fmt: skip
    command = ["openssl", "x509", "-in", tmp_path / "c", "-noout", "-fingerprint", f"-{kind}"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert on_sheet(tmp_path / "c").replace(" ", "") == (
        told.strip().partition("=")[2].replace(":", "")
    )


def test_a_new_name_makes_no_clinic_one_of_older_settings(tmp_path):
    data = DataDir(tmp_path)
    envfile.write(data.env, {"CLINIC_PORT": "8443", "CLINIC_ALLOWED_HOSTS": "localhost"})
    before = fingerprint(data)

    envfile.write(data.env, {"CLINIC_ALLOWED_HOSTS": "localhost,192.168.1.9"})

    assert fingerprint(data) == before
    envfile.write(data.env, {"CLINIC_PORT": "443"})
    assert fingerprint(data) != before


@pytest.mark.installer
def test_a_name_that_the_machine_gets_while_the_clinic_runs_is_answered(installed, tmp_path):
    """In a namespace the machine has another name; its housekeeping is the one of every minute."""
    data, port = copy_installation(installed.data, tmp_path / "data"), free_port()
    with Served(installed.checkout, data, port):
        assert asked_by_name(data, port, "new-name") == 400

        done = subprocess.run(
            ["unshare", "--uts", "--map-root-user", "sh", "-c", 'hostname new-name && exec "$@"',
             "sh", sys.executable, installed.checkout / "installer/setup", "housekeeping", data],
            env=environment(CLINIC_VENV=VENV), capture_output=True, text=True,
        )  # fmt: skip

        assert done.returncode in (0, 10), done.stderr
        assert "new-name" in envfile.read(data / ".env")["CLINIC_ALLOWED_HOSTS"].split(",")
        assert asked_by_name(data, port, "new-name") == 200
        assert stat.S_IMODE((data / ".env").stat().st_mode) == 0o600


def asked_by_name(data, port: int, name: str) -> int:
    context = trusting(data)
    with closing(
        http.client.HTTPSConnection("localhost", port, timeout=10, context=context)
    ) as connection:
        connection.request("GET", "/login/", headers={"Host": f"{name}:{port}"})
        answer = connection.getresponse()
        answer.read()
        return answer.status
