"""`clinic doctor` without its application: what it still sees, its words, its exit status."""

import datetime as dt
import json
import os
import socket
import subprocess
import sys
from dataclasses import fields

import pytest

from clinic.doctor import findings as pages
from installer.setup import doctor, findings, outside, paths, sheet, tls
from installer.setup.doctor_words import TITLES
from installer.setup.machine import served_names
from installer.setup.paths import DataDir
from tests.installer.tools import CHECKOUT, environment

NOW = dt.datetime.now(dt.timezone.utc)
SECRET = "Only-4-the-database"


@pytest.fixture
def data(tmp_path) -> DataDir:
    """A data directory that was set up, and whose clinic does not run."""
    made = DataDir(tmp_path / "data")
    made.create()
    with socket.create_server(("", 0)) as probe:
        port = probe.getsockname()[1]
    made.env.write_text(
        f"CLINIC_PORT={port}\nDATABASE_URL=mysql://clinic:{SECRET}@127.0.0.1:1/none\n"
    )
    made.env.chmod(0o600)
    return made


def told(data: DataDir, name: str, language: str = "en") -> findings.Finding:
    """The first line of this name."""
    return next(one for one in outside.look_at(data, language) if one.name == name)


def certified(data: DataDir, days: int) -> findings.Finding:
    """What is said of a server certificate and an authority made so many days ago."""
    tls.ensure(data.tls, served_names(), ["x" * 40], NOW - dt.timedelta(days=days))
    return told(data, "certificate")


def test_an_application_that_can_not_start_leaves_the_rest_to_be_told(data):
    done = subprocess.run(
        [sys.executable, CHECKOUT / "installer" / "setup", "doctor", "--json",
         "--language", "zh", "--data-dir", data.root],
        env=environment(CLINIC_VENV=sys.prefix),
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip

    said = json.loads(done.stdout)
    names = [one["name"] for one in said["findings"]]
    program = next(one for one in said["findings"] if one["level"] == "fault")
    assert done.returncode == said["status"] == 2
    assert "CLINIC_SECRET_KEY" in program["said"] and "重新运行安装程序" in program["do"]
    assert {"service", "space", "memory", "clock", "database", "logs"} <= set(names)
    assert SECRET not in done.stdout + done.stderr


def test_every_line_has_a_title_in_both_languages():
    checks = {check.__name__ for check in (*outside.CHECKS, outside.database)}

    assert checks <= set(TITLES)


def test_no_installation_is_a_sentence_and_status_2(tmp_path, capsys):
    status = doctor.doctor(["--data-dir", str(tmp_path), "--language", "en"])

    assert status == 2
    assert f"There is no installation in {tmp_path}" in capsys.readouterr().out


def test_an_unknown_option_is_status_2(capsys):
    assert doctor.doctor(["--nonsense"]) == 2
    assert "no such option" in capsys.readouterr().err


def test_status_says_whether_care_is_enough():
    one = findings.Finding("x", findings.OK, "")
    care = findings.Finding("x", findings.CARE, "")
    fault = findings.Finding("x", findings.FAULT, "")

    assert [findings.status(found) for found in ([one], [one, care], [care, fault])] == [0, 1, 2]


@pytest.mark.parametrize(
    ("days", "level", "words"),
    [
        (1, "ok", "Good until"),
        (380, "care", "It ends on"),
        (400, "fault", "It ended on"),
    ],
)
def test_the_certificates_end_is_told(data, days, level, words):
    found = certified(data, days)

    assert (found.level, words in found.said) == (level, True)


def test_an_authority_near_its_end_is_told_in_time(data, monkeypatch):
    monkeypatch.setattr(tls, "CA_DAYS", 400)
    assert certified(data, 1).level == "ok"
    monkeypatch.setattr(outside, "AUTHORITY_DAYS", 450)

    found = told(data, "certificate")

    assert found.level == "care" and "every PC must trust a new one" in found.said


def test_a_new_address_that_the_certificate_lacks_is_named(data, monkeypatch):
    certified(data, 1)
    monkeypatch.setattr(outside, "served_names", lambda: [*served_names(), "10.9.8.7"])

    found = told(data, "certificate")

    assert found.level == "care" and "10.9.8.7" in found.said


def test_a_clock_that_was_set_back_is_noticed_by_the_files(data):
    log = data.logs / "serve.log"
    log.write_text("")
    later = NOW.timestamp() + 86400
    os.utime(log, (later, later))

    found = told(data, "clock", "zh")

    assert found.level == "fault" and "serve.log" in found.said and "改正日期" in found.do


def test_a_file_that_others_may_open_is_named_with_the_command(data):
    data.env.chmod(0o644)

    found = told(data, "permissions")

    assert (found.level, found.do) == ("fault", f"Run: chmod go= {data.env}")


def test_a_port_of_another_program_is_told_while_the_clinic_is_down(data):
    with socket.create_server(("", 0)) as other:
        port = other.getsockname()[1]
        data.env.write_text(f"CLINIC_PORT={port}\n")

        found = told(data, "address")

    assert found.level == "fault" and str(port) in found.said and "--port" in found.do


def test_a_clinic_that_is_down_shows_its_last_words(data):
    (data.logs / "serve.log").write_text("Starting\nclinic: The disk is full.\n")

    found = told(data, "service")

    assert found.level == "fault" and "The disk is full." in found.said


@pytest.mark.parametrize(
    ("value", "name", "level"),
    [("LEAST_FREE", "space", "care"), ("NO_ROOM", "space", "fault"),
     ("LEAST_MEMORY_MB", "memory", "care"), ("LARGE_LOGS", "logs", "care")],
)  # fmt: skip
def test_what_runs_short_is_told(data, monkeypatch, value, name, level):
    (data.logs / "serve.log").write_text("x")
    monkeypatch.setattr(outside, value, 0 if value == "LARGE_LOGS" else 1 << 62)
    if value == "NO_ROOM":
        monkeypatch.setattr(outside, "LEAST_FREE", 1 << 62)

    found = told(data, name)

    assert found.level == level and found.do


def test_a_damaged_database_file_is_seen_without_the_application(data):
    data.env.write_text("CLINIC_PORT=1\n")
    (data.root / "db.sqlite3").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)

    found = doctor.without_program(data, "en", "broken")

    assert [one.level for one in found] == ["fault", "fault"]
    assert "damaged" in found[1].said


def test_a_check_that_fails_itself_keeps_no_other_from_running(data, monkeypatch):
    monkeypatch.setattr(outside, "memory_mb", lambda: 1 / 0)

    found = outside.look_at(data, "en")

    assert "ZeroDivisionError" in next(one.said for one in found if one.name == "memory")
    assert found[-1].name == "logs"


def test_the_version_is_told(data):
    assert paths.version() in told(data, "program").said


def test_the_sheet_tells_windows_thumbprint_and_the_page_to_open(data):
    certified(data, 1)

    told = sheet.thumbprint(data.tls / "ca.crt")

    command = ["openssl", "x509", "-in", data.tls / "ca.crt", "-noout", "-fingerprint", "-sha1"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told.replace(" ", "") == said.split("=")[1].strip().replace(":", "")
    page = (sheet.HERE / "pages" / "sheet.html").read_text(encoding="utf-8")
    assert "/help/other-pcs/" in page and "@THUMBPRINT@" in page


def test_the_page_and_the_command_know_the_same_lines_levels_and_order():
    """No app may import the set-up, so both write them down; they must not drift apart."""
    assert (pages.ORDER, pages.OK, pages.NOTE, pages.CARE, pages.FAULT) == (
        findings.ORDER, findings.OK, findings.NOTE, findings.CARE, findings.FAULT
    )  # fmt: skip
    assert {one.name for one in fields(pages.Finding)} == {
        one.name for one in fields(findings.Finding)
    }
