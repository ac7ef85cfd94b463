"""test.sh itself: its summary, its private server, and what it says when something is missing."""

import re
import socket
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from installer.setup import mariadb, needs, testing
from installer.setup.errors import SetupError
from installer.setup.paths import PROGRAM
from installer.setup.system import is_root


def stage(name: str, *, may_be_empty=False) -> testing.Stage:
    return testing.Stage(name, [], {}, may_be_empty)


def test_one_failed_stage_fails_the_whole_run(capsys):
    status = testing.summary([(stage("lint"), 0, 1.0), (stage("tests"), 1, 2.0)])

    assert status == 1
    assert "FAILED     2.0 s  tests" in capsys.readouterr().out


def test_all_stages_green_is_green():
    assert testing.summary([(stage("lint"), 0, 1.0)]) == 0


def test_nothing_selected_is_a_failure_unless_arguments_chose_it():
    argv, env = ["sh", "-c", "exit 5"], {"PATH": "/usr/bin:/bin"}

    assert testing.timed(testing.Stage("pytest", argv, env))[0] == 5
    assert testing.timed(testing.Stage("pytest", argv, env, may_be_empty=True))[0] == 0


def test_arguments_go_to_pytest_on_both_databases():
    first, second = testing.pytest_stages({}, "mysql://x", "mysqlclient", ["tests/patients", "-x"])

    assert first.argv[-2:] == second.argv[-2:] == ["tests/patients", "-x"]
    assert "DATABASE_URL" not in first.env
    assert second.env["DATABASE_URL"] == "mysql://x"


def test_what_is_missing_is_named_with_the_package_that_brings_it(monkeypatch):
    monkeypatch.delenv("CLINIC_TEST_INSTALL", raising=False)
    monkeypatch.setitem(needs.PROGRAMS, "no-such-program", "no-such-package")

    with pytest.raises(SetupError, match="apt-get install no-such-package"):
        needs.ensure()


def test_the_private_server_listens_on_its_socket_alone_and_leaves_nothing():
    with mariadb.private_server() as url:
        path = Path(parse_qs(urlsplit(url).query)["unix_socket"][0])
        listening = path.is_socket()
        networking = subprocess.run(
            [mariadb.find("mariadb"), "--no-defaults", f"--socket={path}", "--user=root", "-Nse",
             "SELECT @@skip_networking, @@character_set_server"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip

    assert listening
    assert networking.stdout.split() == ["1", "utf8mb4"]
    assert not path.parent.exists()
    with pytest.raises(OSError), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))


def test_the_server_does_not_run_as_root():
    assert mariadb._user_option() == (["--user=mysql"] if is_root() else [])


def test_every_package_of_ours_is_scanned_for_weaknesses():
    from_contracts = (PROGRAM / "pyproject.toml").read_text(encoding="utf-8")
    packages = re.search(r"root_packages = \[(.*?)\]", from_contracts, re.DOTALL)[1]

    assert set(re.findall(r'"(\w+)"', packages)) <= set(testing.SCANNED)
    assert all((PROGRAM / name).exists() for name in testing.SCANNED)
