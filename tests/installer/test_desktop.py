"""The sheet for the first day comes to the person who may see it, and doesn't stay with them."""

import socket
from argparse import Namespace
from pathlib import Path

import pytest

from installer.setup import arrive, envfile, instances, service, sheet_verb, work
from installer.setup.options import install_parser
from installer.setup.paths import DataDir

pytestmark = pytest.mark.installer


@pytest.fixture
def person(tmp_path, monkeypatch) -> Path:
    """Somebody with a desktop, whose browser writes down what it was asked to open."""
    home, programs = tmp_path / "home", tmp_path / "bin"
    home.mkdir()
    programs.mkdir()
    (programs / "setpriv").write_text('#!/bin/sh\nexec "$@"\n')
    (programs / "xdg-open").write_text(f'#!/bin/sh\necho "$1" >{tmp_path}/opened\n')
    for program in programs.iterdir():
        program.chmod(0o755)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    return home


def test_the_pages_are_the_persons_alone_and_go_when_the_waiting_ends(person):
    seen = {}

    def wait():
        folder = person / sheet_verb.FOLDER
        seen.update({p.name: p.stat().st_mode & 0o777 for p in (folder, *folder.iterdir())})

    sheet_verb.show({"sheet.html": "secret", "../.profile": "no"}, wait)

    assert seen == {sheet_verb.FOLDER: 0o700, "sheet.html": 0o600}
    assert list(person.iterdir()) == []


def test_what_root_hands_over_is_shown_to_the_person_who_asked(person, monkeypatch, capsys):
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    asked = person.parent / "asked"
    pkexec = person.parent / "bin" / "pkexec"
    pkexec.write_text(f"""#!/bin/sh
echo "$@" >{asked}
echo '{{"sheet.html": "secret"}}'
until [ -s "{person}/{sheet_verb.FOLDER}/sheet.html" ]; do sleep 0.1; done
""")
    pkexec.chmod(0o755)

    status = sheet_verb.by_root(["--instance", "north"])

    assert status == 0
    assert asked.read_text().split()[1:] == ["sheet", "--hand-over", "--instance", "north"]
    assert "until admin has a password" in capsys.readouterr().out
    assert list(person.iterdir()) == []


def test_a_clinic_whose_service_went_with_the_programs_gets_it_back(tmp_path, monkeypatch):
    monkeypatch.setattr(service, "UNITS", tmp_path)
    data = DataDir(tmp_path / "data")
    data.root.mkdir()
    envfile.write(data.env, {"CLINIC_SECRET_KEY": "x"})

    asked = {kind: arrive.asks_for_more(Namespace(service=kind), data) for kind in (True, False)}

    assert asked == {True: True, False: False}


def test_a_package_takes_the_next_port_where_another_program_has_the_usual_one(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(work, "package", lambda: "a package")
    monkeypatch.setattr(work, "USUAL_PORT", 1)  # nobody's, and not for everybody
    with socket.socket() as other:
        other.bind(("", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setattr(instances.free_port, "__defaults__", (port,))
        monkeypatch.setattr(work.machine, "is_free", lambda port: False)

        chosen = work.usual_port(DataDir(tmp_path / "data"))

    assert port < chosen <= port + instances.PORTS_TRIED


def test_an_instances_account_has_a_name_that_every_system_takes():
    longest = "a" * 24

    options = install_parser().parse_args(["--instance", longest])

    assert len(f"clinic-{options.instance}") <= 31
    with pytest.raises(Exception, match="up to 24"):
        install_parser().parse_args(["--instance", longest + "a"])


def test_systemd_waits_longer_than_the_longest_clean_stop():
    from installer.setup import supervisor

    unit = (Path(service.HERE) / "clinic@.service.in").read_text()
    seconds = int(unit.split("TimeoutStopSec=")[1].split("\n")[0])

    assert seconds > supervisor.STOP_SECONDS + supervisor.DATABASE_SECONDS + 10
