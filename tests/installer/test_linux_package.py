"""The Linux package: built twice alike, and used where there is nothing but itself."""

import gzip
import json
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from installer.build import runtime
from tests.installer import sandbox
from tests.installer.tools import CHECKOUT, clone, environment

pytestmark = [pytest.mark.installer, pytest.mark.timeout(600)]
HERE = Path(__file__).resolve().parent
PORT = "8443"  # nobody else is there


@dataclass
class Built:
    run: Path
    deb: Path
    said: str
    seconds: float


@pytest.fixture(scope="session")
def kind() -> str:
    """The runtime for old systems takes a quarter of an hour to compile; it is taken when a build
    of it lies in the cache, else this machine's Python."""
    return "own" if runtime.is_built() else "debian"


@pytest.fixture(scope="session")
def built(tmp_path_factory, kind) -> Built:
    """One build for all of these tests."""
    dist, began = tmp_path_factory.mktemp("dist"), time.monotonic()
    done = subprocess.run(
        [CHECKOUT / "installer" / "build.sh", "linux", "--runtime", kind, "--dist", dist],
        env=environment(), capture_output=True, text=True, timeout=500,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return Built(
        next(dist.glob("*.run")), next(dist.glob("*.deb")), done.stdout, time.monotonic() - began
    )


@dataclass
class Used:
    home: Path
    output: str
    seconds: float
    seen: dict


SCENARIO = """
began=$(date +%s.%N)
/media/{run} --port {port} >install.txt 2>&1 || exit 1
ended=$(date +%s.%N)
password=$(sed -n 's/.*one-time password: //p' install.txt)
python=.local/lib/clinic/current/python/bin/python3
cp=$python
"$python" /media/first_visit.py {data} {port} "$password" "$HOME/.local/bin/clinic" >seen.json
echo "$began $ended" >times.txt
"""


@pytest.fixture(scope="session")
def used(tmp_path_factory, built) -> Used:
    """Installed, visited, backed up and removed by a fresh user without network."""
    home = tmp_path_factory.mktemp("home")
    script = SCENARIO.format(run=built.run.name, port=PORT, data=".local/share/clinic/clinic")
    done = sandbox.run(
        home, "sh", "-c", script, files=(built.run, HERE / "first_visit.py"), timeout=200
    )
    output = (home / "install.txt").read_text()
    assert done.returncode == 0, output + done.stderr
    began, ended = map(float, (home / "times.txt").read_text().split())
    return Used(home, output, ended - began, json.loads((home / "seen.json").read_text()))


def whole(run: Path) -> bytes:
    """The folder inside, as an uncompressed archive."""
    content = run.read_bytes()
    head = {
        name: int(re.search(rb"%s=(\d+)" % name.encode(), content)[1]) for name in ("lines", "tool")
    }
    payload = content.split(b"\n", head["lines"] - 1)[-1][head["tool"] :]
    if head["tool"]:
        import lzma

        return lzma.decompress(payload)
    return gzip.decompress(payload)


def test_another_checkout_of_the_same_commit_builds_the_same(built, kind, tmp_path):
    other = clone(tmp_path)

    subprocess.run(
        [other / "installer" / "build.sh", "linux", "--runtime", kind, "--dist", tmp_path],
        env=environment(), check=True, capture_output=True, timeout=500,
    )  # fmt: skip

    assert (tmp_path / built.run.name).read_bytes() == built.run.read_bytes()
