"""The smaller pieces of the set-up: settings file, fronts, logs, package lists, service."""

import os
import re
import socket
import stat
import subprocess
from pathlib import Path

import pytest

from installer.setup import control, envfile, fronts, logs, machine, packages, verbs
from installer.setup.errors import SetupError
from installer.setup.install import look_around
from installer.setup.options import install_parser
from installer.setup.paths import DataDir
from tests.installer.tools import CHECKOUT

REQUIREMENTS = CHECKOUT / "installer" / "requirements"


@pytest.fixture
def data(tmp_path) -> DataDir:
    made = DataDir(tmp_path / "data dir")
    made.create()
    return made


def test_settings_are_changed_and_everything_else_in_the_file_stays(data):
    envfile.write(data.env, {"CLINIC_PORT": "8443", "CLINIC_INSTANCE": "clinic"})
    with data.env.open("a") as stream:
        stream.write("# a note of the administrator\nCLINIC_DEBUG=False")

    envfile.write(data.env, {"CLINIC_PORT": "9443", "DATABASE_URL": "mysql://a:p#w d@h/n"})

    assert "# a note of the administrator\n" in data.env.read_text()
    assert envfile.read(data.env) == {
        "CLINIC_PORT": "9443",
        "CLINIC_INSTANCE": "clinic",
        "CLINIC_DEBUG": "False",
        "DATABASE_URL": "mysql://a:p#w d@h/n",
    }
    assert stat.S_IMODE(data.env.stat().st_mode) == 0o600


def test_settings_that_are_the_same_are_not_written_again(data):
    envfile.write(data.env, {"CLINIC_PORT": "8443"})
    before = data.env.stat().st_mtime_ns

    assert envfile.write(data.env, {"CLINIC_PORT": "8443"}) is False

    assert data.env.stat().st_mtime_ns == before


def test_a_line_break_can_not_smuggle_in_a_setting(data):
    with pytest.raises(SetupError):
        envfile.write(data.env, {"CLINIC_INSTANCE": "a\nCLINIC_DEBUG=True"})


def test_too_little_disk_is_refused(tmp_path):
    with pytest.raises(SetupError, match="MB free; make room"):
        machine.require_disk(tmp_path / "not" / "there" / "yet", 10**9)


def test_a_taken_port_is_refused():
    with socket.create_server(("", 0)) as other:
        with pytest.raises(SetupError, match="is taken"):
            machine.require_port(other.getsockname()[1])


def test_a_full_disk_behind_any_step_is_one_sentence():
    full = OSError(28, "No space left on device")

    assert verbs.unexpected(full, []) == "The disk is full; make room and run this again."


def test_what_nobody_foresaw_goes_to_the_log_and_not_to_the_terminal(data):
    try:
        raise ValueError("surprise")
    except ValueError as error:
        sentence = verbs.unexpected(error, ["--data-dir", str(data.root)])

    assert "surprise" not in sentence
    assert "ValueError: surprise" in (data.logs / "install.log").read_text()


@pytest.mark.parametrize("front", ["nginx", "granian"])
def test_the_front_that_is_asked_for_is_taken(front, monkeypatch):
    monkeypatch.setenv("CLINIC_FRONT", front)

    assert fronts.choose() == front


def test_an_unknown_front_is_refused(monkeypatch):
    monkeypatch.setenv("CLINIC_FRONT", "apache")

    with pytest.raises(SetupError, match="apache"):
        fronts.choose()


def test_nginx_takes_our_settings_even_with_a_space_in_the_path(data):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-subj", "/CN=localhost", "-keyout", data.tls / "server.key",
         "-out", data.tls / "server.crt"],
        check=True, capture_output=True,
    )  # fmt: skip
    conf = data.run / "nginx.conf"
    conf.write_text(fronts.nginx_conf(data, data.run, 18443))

    done = subprocess.run(
        [fronts.find_nginx(), "-t", "-p", data.run, "-e", "stderr", "-c", conf],
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


def test_nginx_overwrites_what_a_client_says_about_itself(data):
    conf = fronts.nginx_conf(data, data.run, 18443)

    assert "proxy_set_header X-Forwarded-For $remote_addr;" in conf
    assert "proxy_set_header X-Forwarded-Proto https;" in conf
    assert "$args" not in conf
    assert not re.search(r"@[A-Z]+@", conf)


def test_large_logs_are_moved_aside_and_the_oldest_goes(data, monkeypatch):
    monkeypatch.setattr(logs, "LARGE", 10)
    for number in range(8):
        (data.logs / "access.log").write_text(f"{number} long enough")
        logs.rotate(data.logs)

    kept = sorted(p.name for p in data.logs.iterdir())
    assert kept == ["access.log", *(f"access.log.{n}" for n in range(1, 6))]
    assert (data.logs / "access.log").read_text() == ""
    assert (data.logs / "access.log.1").read_text().startswith("7")


def test_nothing_runs_where_nobody_holds_the_lock(data):
    assert control.running(data) is None
    assert control.stop(data) is False


@pytest.mark.parametrize("path", sorted(REQUIREMENTS.glob("*.txt")), ids=lambda p: p.name)
def test_every_package_is_pinned_with_hashes_and_names_no_place(path):
    text = path.read_text()

    pins = re.findall(r"^([a-z0-9._-]+)==\S+.*\\$", text, flags=re.M)
    starts = re.findall(r"^[a-zA-Z].*$", text, flags=re.M)
    assert pins and len(pins) == len(starts)
    assert text.count("--hash=sha256:") >= len(pins)
    assert "://" not in text
    assert "index" not in text.replace("generate-hashes", "")


@pytest.mark.parametrize("path", sorted(REQUIREMENTS.glob("*.in")), ids=lambda p: p.name)
def test_every_package_that_is_asked_for_is_in_its_list(path):
    names = re.findall(r"^([A-Za-z][\w-]*)", path.read_text(), flags=re.M)
    compiled = path.with_suffix(".txt").read_text().lower()

    assert names
    assert not [n for n in names if not re.search(rf"^{n.lower()}==", compiled, flags=re.M)]


def test_the_whole_list_includes_every_smaller_one_that_is_installed():
    text = (CHECKOUT / "requirements.txt").read_text()

    included = set(re.findall(r"^-r installer/requirements/(\S+)$", text, flags=re.M))
    assert included == {p.name for p in REQUIREMENTS.glob("*.txt")} - {"build.txt"}


@pytest.mark.parametrize("output", packages.NETWORK_SIGNS)
def test_a_missing_network_is_told_apart_from_other_failures(output, data):
    sentence = packages._failure("runtime", f"... {output} ...", packages.Log(data.logs / "x"))

    assert "package index can't be reached" in sentence


def test_a_package_with_another_hash_is_refused_in_plain_words(data):
    sentence = packages._failure(
        "runtime", "THESE PACKAGES DO NOT MATCH THE HASHES", packages.Log(data.logs / "x")
    )

    assert "not the one this version was made with" in sentence


def test_a_folder_in_memory_that_somebody_else_made_is_not_used(data, monkeypatch):
    folder = fronts.volatile_dir(data)
    if folder == data.run:
        folder = Path(data.run)
    folder.chmod(0o777)

    with pytest.raises(SetupError, match="belongs to somebody else"):
        fronts.volatile_dir(data)

    os.rmdir(folder)


def test_practice_is_for_an_empty_folder_and_never_for_a_real_clinic(tmp_path):
    real, new = DataDir(tmp_path / "real"), DataDir(tmp_path / "new")
    real.create()
    envfile.write(real.env, {"CLINIC_SECRET_KEY": "x", "CLINIC_INSTANCE": "clinic"})
    asked = install_parser().parse_args(["--demo", "--no-start"])

    with pytest.raises(SetupError, match="holds a real clinic"):
        look_around(asked, real)
    work = look_around(asked, new)

    assert work.is_practice
    assert work.name == "practice"
