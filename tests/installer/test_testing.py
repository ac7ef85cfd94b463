"""test.sh itself: its summary, its private server, and what it says when something is missing."""

import re
import socket
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from installer.setup import mariadb, needs, proven, testing
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
    rounds = testing.pytest_rounds({}, "mysql://x", "mysqlclient", ["tests/patients", "-x"])
    (((first,),), ((second,),)) = rounds

    assert first.argv[-2:] == second.argv[-2:] == ["tests/patients", "-x"]
    assert "DATABASE_URL" not in first.env
    assert second.env["DATABASE_URL"] == "mysql://x"


def test_every_stage_is_run_and_what_it_said_is_told_beside_others_too(capfd):
    env = {"PATH": "/usr/bin:/bin"}
    says = [testing.Stage(word, ["sh", "-c", f"echo {word}; exit {status}"], env)
            for status, word in enumerate(("green", "failed", "last"))]  # fmt: skip

    results = testing.beside_each_other([says[:2], says[2:]])

    assert [(stage.name, status) for stage, status, _ in results] == [
        ("green", 0), ("failed", 1), ("last", 2)]  # fmt: skip
    told = capfd.readouterr().out
    assert all(told.count(f"{stage.name}\n") == 2 for stage in says), told


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


def test_what_the_longest_trials_look_at_is_known_by_its_content(tmp_path, monkeypatch):
    copy = tmp_path / "copy"
    subprocess.run(["git", "clone", "-q", PROGRAM, copy], check=True)
    monkeypatch.setattr(proven, "PROGRAM", copy)
    note = tmp_path / "proven.txt"
    assert not proven.is_proven(note)  # nothing is written down

    proven.write_down(note)
    assert proven.is_proven(note)

    with (copy / "clinic" / "databases" / "moving.py").open("a") as file:
        file.write("\n")
    assert not proven.is_proven(note)


def test_other_files_are_none_of_theirs(tmp_path, monkeypatch):
    copy = tmp_path / "copy"
    subprocess.run(["git", "clone", "-q", PROGRAM, copy], check=True)
    monkeypatch.setattr(proven, "PROGRAM", copy)
    before = proven.digest()

    with (copy / "templates" / "base.html").open("a") as file:
        file.write("\n")

    assert proven.digest() == before != ""


def test_without_a_checkout_nothing_is_proven(tmp_path, monkeypatch):
    monkeypatch.setattr(proven, "PROGRAM", tmp_path)
    note = tmp_path / "proven.txt"

    proven.write_down(note)

    assert not note.exists()
    assert not proven.is_proven(note)


def test_left_out_are_only_whole_files_of_tests_that_are_there():
    assert all((PROGRAM / name).is_file() for name in proven.TRIALS)


@pytest.mark.parametrize(("asked", "is_proven"), [("proven", False), ("", True), ("all", True)])
def test_nothing_is_left_out_unless_it_was_asked_for_and_is_proven(
    tmp_path, monkeypatch, asked, is_proven
):
    monkeypatch.setenv(testing.LEFT_OUT, asked)
    monkeypatch.setattr(proven, "is_proven", lambda: is_proven)

    assert testing.LEFT_OUT not in testing.test_environment(tmp_path, "mysql://x")


def test_what_is_proven_is_left_out_where_that_was_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv(testing.LEFT_OUT, "proven")
    monkeypatch.setattr(proven, "is_proven", lambda: True)

    assert testing.test_environment(tmp_path, "mysql://x")[testing.LEFT_OUT] == "proven"
