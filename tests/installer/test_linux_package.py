"""The Linux package: built twice alike, and used where there is nothing but itself."""

import gzip
import io
import json
import lzma
import os
import re
import subprocess
import tarfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from installer.build import elf
from installer.build.compiler import GLIBC
from tests.installer import sandbox
from tests.installer.tools import clone, environment

pytestmark = pytest.mark.installer
HERE = Path(__file__).resolve().parent
PORT = "8443"  # nobody else is there
DATA = ".local/share/clinic/clinic"
COMPILED = re.compile(r"__pycache__/.*\.pyc$")


@dataclass
class Built:
    run: Path
    deb: Path
    said: str
    commit: str


@pytest.fixture(scope="session")
def kind() -> str:
    """This machine's Python, unless CLINIC_TEST_RUNTIME says `own`: that one takes a quarter of an
    hour to compile and its packages a minute longer to compress."""
    return os.environ.get("CLINIC_TEST_RUNTIME", "debian")


@pytest.fixture(scope="session")
def built(tmp_path_factory, kind) -> Built:
    """One build for all of these tests."""
    return build(tmp_path_factory.mktemp("built"), kind)


def build(folder: Path, kind: str, commit: str = "HEAD") -> Built:
    """As a release is built: from a clone."""
    dist, source = folder / "dist", clone(folder)
    git = ["git", "-C", source]
    subprocess.run([*git, "checkout", "-q", "--detach", commit], check=True)
    commit = subprocess.run(
        [*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()
    done = subprocess.run(
        [source / "installer" / "build.sh", "linux", "--runtime", kind, "--dist", dist],
        env=environment(), capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return Built(next(dist.glob("*.run")), next(dist.glob("*.deb")), done.stdout, commit)


@pytest.fixture(scope="session")
def inside(built, tmp_path_factory) -> Path:
    """The folder that is in the package."""
    content = built.run.read_bytes()
    head = {
        name: int(re.search(rb" %s=(\d+)" % name.encode(), content)[1])
        for name in ("lines", "tool")
    }
    payload = content.split(b"\n", head["lines"] - 1)[-1][head["tool"] :]
    unpack = lzma.decompress if head["tool"] else gzip.decompress
    folder = tmp_path_factory.mktemp("inside")
    with tarfile.open(fileobj=io.BytesIO(unpack(payload))) as archive:
        # As an attribute: Debian 12's Python has no argument of that name yet.
        archive.extraction_filter = lambda member, _folder: member
        archive.extractall(folder)  # noqa: S202 # built just now
    return folder


@dataclass
class Used:
    home: Path
    output: str
    seen: dict


SCENARIO = """
/media/{run} --port {port} >install.txt 2>&1 || exit 1
password=$(sed -n 's/.*one-time password: //p' install.txt)
python=.local/lib/clinic/current/python/bin/python3
"$python" /media/first_visit.py {data} {port} "$password" "$HOME/.local/bin/clinic" >seen.json
"""


@pytest.fixture(scope="session")
def used(tmp_path_factory, built) -> Used:
    """Installed, visited, backed up and removed by a fresh user without network."""
    home = tmp_path_factory.mktemp("home")
    began = time.monotonic()
    done = sandbox.run(
        home,
        *("sh", "-c", SCENARIO.format(run=built.run.name, port=PORT, data=DATA)),
        files=(built.run, HERE / "first_visit.py"),
        timeout=200,
    )
    output = (home / "install.txt").read_text()
    assert done.returncode == 0, output + done.stderr
    print(f"used in {time.monotonic() - began:.1f} s")
    return Used(home, output, json.loads((home / "seen.json").read_text()))


def test_a_fresh_user_without_network_signs_in_over_https(used):
    assert used.seen["style"] == 200
    assert "/login/" not in used.seen["after_login"]
    assert used.seen["status"]["status"] == 0


def test_the_menu_opens_the_clinic_and_shows_the_first_sheet(used):
    command = f"{sandbox.HOME}/.local/bin/clinic"

    assert used.seen["menu"] == {
        "clinic.desktop": f"xdg-open https://localhost:{PORT}/",
        "clinic-first-clinic.desktop": f"{command} sheet --instance clinic",
    }
    assert "one-time password: " in used.seen["sheet"]


def test_a_backup_is_made_by_the_one_command(used):
    assert used.seen["backup"]["status"] == 0, used.seen["backup"]["said"]
    assert used.seen["backups"] > 0


def test_nothing_but_the_data_is_left_after_the_removal(used):
    ours = {"install.txt", "seen.json", *sandbox.ETC}
    files = [p.relative_to(used.home).as_posix() for p in used.home.rglob("*") if not p.is_dir()]

    left = [name for name in files if not name.startswith(f"{DATA}/") and name not in ours]

    assert used.seen["uninstall"]["status"] == 0
    assert left == []
    assert used.seen["left_running"] == 0
    assert (used.home / DATA / "db.sqlite3").exists()


def test_another_clone_of_the_same_commit_builds_the_same(built, kind, tmp_path):
    again = build(tmp_path, kind, built.commit)

    assert again.run.read_bytes() == built.run.read_bytes()
    assert again.deb.read_bytes() == built.deb.read_bytes()


def test_the_floor_that_is_said_is_the_one_that_the_files_have(built, inside, kind):
    floor = elf.floor(inside)

    assert f"runs with glibc {floor} or newer" in built.said
    assert f"libc6 (>= {floor})".encode() in gzip.decompress(members(built.deb)["control.tar.gz"])
    assert kind == "debian" or str(floor) == GLIBC


def members(deb: Path) -> dict[str, bytes]:
    """A .deb's three files."""
    content, at, found = deb.read_bytes(), 8, {}
    while at < len(content):
        name, size = content[at : at + 16].decode().strip(), int(content[at + 48 : at + 58])
        found[name] = content[at + 60 : at + 60 + size]
        at += 60 + size + size % 2
    return found


def test_the_bill_of_materials_names_every_package_with_licence_and_checksum(inside):
    said = json.loads((inside / "sbom.json").read_text())["components"]
    shipped = {
        path.name.partition("-")[0].lower().replace("_", "-")
        for path in inside.rglob("*.dist-info")
    }

    named = {part["name"].lower().replace("_", "-") for part in said}

    assert shipped and shipped <= named
    assert {"cpython", "bootstrap"} <= named
    for part in said:
        assert re.fullmatch("[0-9a-f]{64}", part["hashes"][0]["content"]), part["name"]
        assert part["licenses"] and part["version"], part["name"]


def test_licences_stay_and_what_nobody_needs_does_not(inside):
    names = [p.relative_to(inside).as_posix() for p in inside.rglob("*") if p.is_file()]

    assert [n for n in names if "django" in n and n.endswith(("/LICENSE", "/LICENSE.python"))]
    assert [
        n for n in names if n.startswith(("app/tests/", "app/.ci", "app/installer/build"))
    ] == []
    assert [n for n in names if n.endswith((".po", ".pyi")) and "packages/" in n] == []


def test_everything_is_compiled_and_never_looks_at_dates(inside):
    sources = list((inside / "app").rglob("*.py"))

    for source in sources:
        compiled = list((source.parent / "__pycache__").glob(f"{source.stem}.cpython-*.pyc"))
        assert len(compiled) == 1, source
        assert compiled[0].read_bytes()[4] == 0b01, source  # hash-based, unchecked


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda content: content[:-1000], "incomplete or damaged"),
        (lambda content: content[:-9] + b"\0" * 9, "incomplete or damaged"),
        (lambda content: content.replace(b" need_mb=", b" need_mb=99999", 1), "Too little room"),
        (lambda content: content.replace(b"floor='2.", b"floor='2.9", 1), "too old"),
    ],
)
def test_a_package_that_cannot_work_says_why_and_leaves_nothing(built, tmp_path, damage, sentence):
    package = tmp_path / "clinic.run"
    package.write_bytes(damage(built.run.read_bytes()))
    home = tmp_path / "home"
    home.mkdir()

    done = sandbox.run(home, "sh", "/media/clinic.run", files=(package,))

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 2
    assert sentence in done.stderr
    assert {path.name for path in home.iterdir()} == set(sandbox.ETC)


def test_a_package_that_is_opened_twice_at_once_works_once(built, tmp_path):
    home = tmp_path / "home"
    versions = home / ".local/lib/clinic/versions"
    versions.mkdir(parents=True)

    done = sandbox.run(
        home, "flock", str(versions.relative_to(home) / ".lock"), "sh", f"/media/{built.run.name}",
        files=(built.run,),
    )  # fmt: skip

    assert done.returncode == 1
    assert "running already" in done.stderr
    assert [path.name for path in versions.iterdir()] == [".lock"]
