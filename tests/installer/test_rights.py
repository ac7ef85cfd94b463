"""Root in a data directory that belongs to a service's account: that account is taken over by an
intruder, puts links and programs there, and waits for the next upgrade, repair or doctor."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from clinic.databases import addresses, moving
from clinic.databases.errors import MoveError
from installer.setup import (
    control,
    envfile,
    fronts,
    going_back,
    instances,
    machine,
    mariadb_account,
    options,
    ownership,
    service,
    uninstall,
)
from installer.setup.errors import SetupError
from installer.setup.paths import DataDir
from installer.setup.run import Log
from installer.setup.system import is_root

pytestmark = pytest.mark.installer

NOBODY = 65534


@pytest.fixture
def data(tmp_path):
    """A clinic's folder; as root it belongs to another account, else it is our own."""
    data = DataDir(tmp_path / "clinic")
    data.create()
    data.env.write_text("CLINIC_SECRET_KEY=x\n")
    for path in (tmp_path, *tmp_path.parents):
        if path != Path("/") and is_root() and "pytest" in str(path):
            path.chmod(path.stat().st_mode | 0o011)
    if is_root():
        ownership.give(data.root, NOBODY, NOBODY)
    return data


@pytest.fixture
def roots(tmp_path):
    """A file of the system's that nobody else may write."""
    path = tmp_path / "shadow"
    path.write_text("root's")
    path.chmod(0o600 if is_root() else 0o400)
    return path


def untouched(path: Path) -> bool:
    state = path.stat()
    mine = state.st_uid == os.geteuid() and not state.st_mode & 0o077
    return mine and path.read_text() == "root's"


@pytest.mark.parametrize("name", ["logs/upgrade.log", "upgrade.json.part", "logs"])
def test_a_link_that_the_service_put_leads_root_nowhere(data, roots, name):
    if name == "logs":
        (data.root / name).rmdir()
    (data.root / name).symlink_to(roots.parent if name == "logs" else roots)

    try:
        with going_back.alone(data):
            Log(data.logs / "upgrade.log").write("ALL=(ALL) NOPASSWD: ALL")
            envfile.replace_file(data.root / "upgrade.json", b"{}", mode=0o644)
    except OSError:
        pass

    assert untouched(roots)
    assert not (roots.parent / "upgrade.log").exists() or not is_root()


def test_what_is_given_to_an_account_is_no_link_and_no_second_name(data, roots):
    (data.root / "mariadb").mkdir()
    (data.root / "mariadb" / "link").symlink_to(roots)
    (data.root / "mariadb" / "folder").symlink_to(roots.parent)
    os.link(roots, data.root / "mariadb" / "second")

    if is_root():
        mariadb_account.hand_over(data.root / "mariadb", "nobody")
    ownership.hand_over(data)

    assert untouched(roots)


def test_a_program_on_the_data_runs_as_their_account_and_root_comes_back(data):
    with ownership.as_owner(data):
        done = subprocess.run(
            ["id", "-u"], capture_output=True, text=True, check=True, cwd="/",
            **ownership.run_as_owner(data),
        )  # fmt: skip
        (data.root / "made").write_text("x")
        with ownership.as_root():
            pass
    (data.root.parent / "ours").write_text("x")

    assert int(done.stdout) == (NOBODY if is_root() else os.getuid())
    assert (data.root / "made").stat().st_uid == data.root.stat().st_uid
    assert (data.root.parent / "ours").stat().st_uid == os.geteuid()


def test_a_pipe_in_the_place_of_the_settings_holds_nobody_up(data):
    data.env.unlink()
    os.mkfifo(data.env)

    assert instances.read(data.root) is None


def test_root_ends_no_process_that_the_lock_merely_names(data):
    if not is_root():
        assert ownership.run_as_owner(data) == {}
        return

    for named in (os.getpid(), 1, -1):
        with pytest.raises(SetupError, match="not its own"):
            control.require_theirs(data, named)


def test_who_serves_for_root_may_open_the_port_and_nothing_else(data):
    asked = ["sh", "-c", "id -u; grep CapEff /proc/self/status"]

    done = subprocess.run(
        ownership.as_account(data, asked, 443),
        capture_output=True, text=True, check=True, cwd="/",
    ).stdout.split()  # fmt: skip

    if is_root():
        assert (int(done[0]), int(done[-1], 16)) == (NOBODY, 1 << 10)  # CAP_NET_BIND_SERVICE
    else:
        assert int(done[0]) == os.getuid()


def test_data_that_go_take_nothing_of_others_along(data, roots):
    (data.root / "photos").mkdir()

    with pytest.raises(SetupError, match="photos"):
        data.refuse_others_things()
    with pytest.raises(SetupError, match="more than one clinic"):
        DataDir(Path("/")).refuse_others_things()
    if is_root():
        uninstall.remove_passphrase(data, roots)  # .env may name any file
        assert untouched(roots)


@pytest.mark.parametrize("name", ["clinic", "Doctor", "xn--fiqs8s"])
def test_an_end_of_the_internets_names_is_no_name_of_this_machine(monkeypatch, name):
    monkeypatch.setattr(socket, "gethostname", lambda: name)

    assert machine.host_name() is None


@pytest.mark.parametrize("name", ["clinic-pc", "pc1", "clinic.local", "desktop-8f3k2"])
def test_an_ordinary_name_is_one(monkeypatch, name):
    monkeypatch.setattr(socket, "gethostname", lambda: name)

    assert machine.host_name() == name


@pytest.mark.parametrize(
    "url", ["mysql://u:SEC@RET@h/n", "mysql://u:SECRET@h:x/n", "u:SECRET@h/n", "mysql:/u:SECRET@h"]
)
def test_a_password_is_not_told_however_the_address_is_mistyped(url, tmp_path):
    said = addresses.without_password(url)

    assert "SEC" not in said and "RET" not in said
    assert said.startswith(("mysql://u:", "u:", "mysql:/u:"))


@pytest.mark.parametrize("url", ["mysql://u:SEC#RET@h/n", "mysql://u:x@h:99999/n"])
def test_an_address_that_cannot_be_taken_apart_is_refused_before_it_is_asked(url, tmp_path):
    with pytest.raises(MoveError) as refused:
        moving.target_url(url, tmp_path)
    with pytest.raises(SetupError, match="--database-url takes"):
        options.database_url(url)

    assert "RET" not in str(refused.value)


def test_a_shell_that_holds_another_clinics_settings_leads_to_no_others_data(data, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "mysql://another")
    monkeypatch.setenv("CLINIC_DATA_DIR", "/another")

    told = fronts.service_environment(data)

    assert "DATABASE_URL" not in told
    assert told["CLINIC_DATA_DIR"] == str(data.root)


def test_a_name_in_the_settings_that_is_none_stops_the_service_file(data):
    data.env.write_text("CLINIC_SECRET_KEY=x\nCLINIC_INSTANCE=a/../../b\n")

    with pytest.raises(SetupError, match="no instance name"):
        service.name_of(data)
