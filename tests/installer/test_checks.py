"""What stands in the way is said before anything is touched, all at once, in two languages."""

import os
import platform
import socket
import subprocess
import sys
import time

import pytest

from installer.setup import checks, envfile, install, versions, words
from installer.setup.errors import SetupError
from installer.setup.options import install_parser
from installer.setup.paths import DataDir
from installer.setup.work import Work
from tests.installer.tools import CHECKOUT, VENV, environment, script
from tests.ports import free_port

TODAY = time.strftime("%Y-%m-%d")


@pytest.fixture
def data(tmp_path) -> DataDir:
    return DataDir(tmp_path / "data")


def look(data: DataDir, *options: str) -> list[str]:
    """What set-up refuses to begin for; nothing when all is well."""
    given = install_parser().parse_args(
        ["--port", str(free_port()), "--instance", "of-a-test", *options]
    )
    try:
        install.look_around(given, data)
    except SetupError as error:
        return str(error).split("\n")
    return []


def only(complaints: list[str]) -> str:
    """The one there is; a failure tells all of them."""
    assert len(complaints) == 1, complaints
    return complaints[0]


def test_on_a_machine_that_is_right_nothing_is_refused_and_nothing_is_touched(data):
    assert look(data) == []

    assert not data.root.exists()


def test_a_32_bit_system_is_told_so(data, monkeypatch):
    monkeypatch.setattr(sys, "maxsize", 2**31 - 1)

    assert look(data) == ["This is a 32-bit system; the clinic needs a 64-bit one."]


def test_an_unknown_processor_is_refused(data, monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "mips64")

    said = only(look(data))

    assert said == "This machine has a processor of the kind mips64, which isn't served."


def test_an_old_c_library_is_refused(data, monkeypatch):
    """CentOS 7."""
    monkeypatch.setattr(os, "confstr", lambda name: "glibc 2.17")

    said = only(look(data))

    assert said == (
        "This system's C library is 2.17, but at least 2.28 is needed; use a newer system."
    )


@pytest.mark.parametrize(
    ("total", "free", "words_said"),
    [
        (1000, 900, "This machine has 1000 MB of memory; the clinic needs 2 GB at least."),
        (4000, 99, "Only 99 MB of memory are free; close other programs and run this again."),
    ],
)
def test_too_little_memory_is_refused(data, tmp_path, monkeypatch, total, free, words_said):
    told = tmp_path / "meminfo"
    told.write_text(f"MemTotal: {total * 1024} kB\nMemAvailable: {free * 1024} kB\n")
    monkeypatch.setattr(checks, "MEMORY_TOLD_BY", told)

    assert look(data) == [words_said]


@pytest.mark.parametrize(
    ("now", "words_said"),
    [
        ("2001-01-01", "but this program was made on"),
        ("2099-01-01", "long after this program was made"),
    ],
)
def test_a_wrong_clock_is_refused(data, monkeypatch, now, words_said):
    moment = time.mktime(time.strptime(now, "%Y-%m-%d"))
    monkeypatch.setattr(time, "time", lambda: moment)

    said = only(look(data))

    assert said.startswith(f"This machine's clock says {now}, ") and words_said in said


def test_a_clock_that_stands_before_the_data_is_refused(data):
    data.create()
    database = data.root / "db.sqlite3"
    database.touch()
    os.utime(database, (time.time() + 3 * checks.DAY,) * 2)

    said = only(look(data))

    assert said.startswith(f"This machine's clock says {TODAY}, but the data were written on ")


def test_data_of_a_newer_version_are_refused(data):
    data.create()
    envfile.write(data.env, {"CLINIC_SECRET_KEY": "x"})
    versions.remember(data, versions.Served("99.1", ()))

    said = only(look(data))

    assert said.startswith(f"The data in {data.root} belong to version 99.1, which is newer")


def test_everything_is_said_at_once_in_both_languages_and_nothing_is_touched(
    data, monkeypatch, capsys
):
    monkeypatch.setattr(sys, "maxsize", 2**31 - 1)
    monkeypatch.setattr(os, "confstr", lambda name: "glibc 2.17")
    with socket.create_server(("", 0)) as other:
        port = other.getsockname()[1]

        said = look(data, "--port", str(port))
    words.complain("\n".join(said))

    assert len(said) == 3
    lines = capsys.readouterr().err.splitlines()
    assert lines[4:] == [
        f"诊所系统：端口 {port} 已被其他程序占用，请用 --port 另选一个。",
        f"clinic: Port {port} is taken by another program; choose another one with --port.",
    ]
    assert [line[:5] for line in lines] == ["诊所系统：", "clini"] * 3
    assert not data.root.exists()


def test_a_folder_of_another_account_and_a_disk_to_read_only_are_refused(tmp_path):
    """On a file system that is mounted so, in a mount namespace of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = f'mount -t tmpfs -o ro,size=300m tmpfs "{place}" && exec "$@"'
    done = subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-c", mount, "sh",
         str(CHECKOUT / "installer" / "install.sh"), "--no-start", "--data-dir", place / "data"],
        env=environment(CLINIC_VENV=VENV), capture_output=True, text=True,
    )  # fmt: skip

    assert f"{place} is on a disk that can only be read" in done.stderr
    assert f"{place} 所在磁盘只能读取" in done.stderr


def test_a_folder_that_this_account_may_not_write_is_refused(tmp_path, monkeypatch):
    """Root may write everywhere, so it is not root that asks."""
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o555)
    work = Work(
        install_parser().parse_args(["--no-start"]), DataDir(folder / "data"), None, {}, None
    )
    for parent in (tmp_path, *list(tmp_path.parents)[:3]):
        parent.chmod(parent.stat().st_mode | 0o055) if parent.owner() == "root" else None
    if os.geteuid() == 0:
        os.seteuid(65534)
    try:
        said = list(checks.folder(work))
    finally:
        if os.getuid() == 0:
            os.seteuid(0)

    assert said == [
        f"This account may not write to {folder}; use the account that it belongs to, "
        "or choose another folder by --data-dir."
    ]


def test_quiet_says_nothing_but_trouble(tmp_path):
    with socket.create_server(("", 0)) as other:
        done = script(
            CHECKOUT, "install.sh", "--quiet", "--data-dir", tmp_path / "data",
            "--port", other.getsockname()[1], env=environment(CLINIC_VENV=VENV),
        )  # fmt: skip

    assert done.stdout == ""
    assert "is taken by another program" in done.stderr
