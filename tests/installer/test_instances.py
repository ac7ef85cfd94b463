"""Many clinics on one machine: found, listed, and never one in another's way."""

import json
import multiprocessing
import re
import socket
import subprocess

import pytest

from installer.setup import envfile, instances, paths, service
from installer.setup.errors import SetupError
from installer.setup.paths import DataDir

MOST_EXPOSED = 4.0


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A machine with nothing on it."""
    (tmp_path / "program" / "clinic").mkdir(parents=True)
    (tmp_path / "program" / "clinic" / "VERSION").write_text("1.0")
    monkeypatch.setattr(paths, "PROGRAM", tmp_path / "program")
    monkeypatch.setattr(service, "UNITS", tmp_path / "units")
    return tmp_path / "program" / "instances"


def clinic(folder, name: str, port: int, **settings: str) -> DataDir:
    data = DataDir(folder)
    data.create()
    said = {"CLINIC_SECRET_KEY": "x", "CLINIC_INSTANCE": name, "CLINIC_PORT": str(port)}
    envfile.write(data.env, {**said, **settings})
    instances.remember(data)
    return data


def test_a_clinic_is_listed_wherever_its_data_lie(home, tmp_path, capsys):
    clinic(home / "north", "north", 8443)
    clinic(tmp_path / "disk" / "of-its-own", "south", 8444)

    instances.list_instances(["--json"])

    listed = [(one["name"], one["port"], one["running"], one["data"])
              for one in json.loads(capsys.readouterr().out)]  # fmt: skip
    assert listed == [
        ("north", 8443, False, str(home / "north")),
        ("south", 8444, False, str(tmp_path / "disk" / "of-its-own")),
    ]


def test_a_forgotten_or_removed_clinic_is_not_listed(home, tmp_path):
    data = clinic(tmp_path / "elsewhere", "south", 8444)

    instances.forget(data)

    assert instances.all_instances() == []


def test_clinics_that_are_set_up_at_the_same_moment_are_all_listed(home, tmp_path):
    names = [f"clinic-{number}" for number in range(12)]
    fork, gate = multiprocessing.get_context("fork"), multiprocessing.Barrier(len(names))

    def set_up(name: str, port: int) -> None:
        gate.wait(30)
        clinic(tmp_path / name, name, port)

    at_once = [fork.Process(target=set_up, args=(name, 8500 + at)) for at, name in enumerate(names)]
    for one in at_once:
        one.start()
    for one in at_once:
        one.join(60)

    assert [one.exitcode for one in at_once] == [0] * len(names)
    assert {one.name for one in instances.all_instances()} == set(names)


def test_a_name_is_not_given_twice(home):
    clinic(home / "north", "north", 8443)

    with pytest.raises(SetupError, match="The instance name north is taken by the clinic in"):
        instances.refuse_taken(DataDir(home / "other"), "north", {8444})


@pytest.mark.parametrize("port", [18443, 18081], ids=["its own", "its screens'"])
def test_a_port_is_not_given_twice_and_a_free_one_is_named(home, port):
    clinic(home / "north", "north", 18443, CLINIC_SCREEN_PORT="18081")

    with pytest.raises(SetupError) as refusal:
        instances.refuse_taken(DataDir(home / "south"), "south", {port})

    words = re.fullmatch(
        rf"Port {port} belongs to the instance north; port (\d+) is free\.", str(refusal.value)
    )
    assert int(words[1]) > port


def test_a_clinic_may_keep_its_own_name_and_port(home):
    data = clinic(home / "north", "north", 8443)

    instances.refuse_taken(data, "north", {8443})


def test_the_proposed_port_belongs_to_no_clinic_and_no_other_program(home):
    with socket.create_server(("", 0)) as other:
        busy = other.getsockname()[1]
        clinic(home / "north", "north", busy + 1)

        assert instances.free_port(DataDir(home / "south"), busy) > busy + 1


def test_a_clinic_that_is_not_there_is_said_with_those_that_are(home):
    clinic(home / "north", "north", 8443)

    with pytest.raises(SetupError, match="There is no instance south .*; there are: north"):
        instances.find("south")


@pytest.fixture
def unit(tmp_path, home, monkeypatch):
    """The unit of an instance as it lies on a machine, its drop-in included."""
    program = tmp_path / "program" / "installer"
    program.mkdir()
    (program / "serve.sh").write_text("#!/bin/sh\n")
    (program / "serve.sh").chmod(0o755)
    monkeypatch.setattr(service, "PROGRAM", tmp_path / "program")

    def made(drop_in: str):
        folder = tmp_path / "units"
        (folder / "clinic@north.service.d").mkdir(parents=True)
        (folder / "clinic@.service").write_text(service.template())
        if drop_in:
            (folder / "clinic@north.service.d" / "instance.conf").write_text(drop_in)
        (folder / "clinic@north.service").write_text(service.template() + f"\n{drop_in}")
        return folder

    return made


@pytest.mark.parametrize("port", [8443, 443])
def test_the_unit_is_understood_and_has_few_rights(unit, tmp_path, port):
    data = clinic(tmp_path / "disk" / "north", "north", port)
    folder = unit(service.drop_in(data, "north", "clinic-north", {port}))

    verified = systemd_analyze("verify", folder / "clinic@north.service")
    judged = systemd_analyze(
        "security", "--offline=true", "--no-pager", folder / "clinic@north.service"
    )

    assert [line for line in verified.stderr.splitlines() if "clinic@" in line] == []
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", judged.stdout)
    assert float(exposure[1]) < MOST_EXPOSED, judged.stdout


def systemd_analyze(*arguments):
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True)


def test_only_a_low_port_is_given_the_right_to_it(home, tmp_path):
    data = clinic(tmp_path / "disk" / "north", "north", 443)

    low = service.drop_in(data, "north", "clinic-north", {443})
    high = service.drop_in(data, "north", "clinic-north", {8443})

    assert "AmbientCapabilities=CAP_NET_BIND_SERVICE" in low
    assert "CAP_" not in high
