"""A demo clinic in a clone of this checkout, set up once for all of the installer's tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from installer.setup import control, envfile
from installer.setup.paths import DataDir
from tests.installer.machine import Machine, fill_shelf, make_machine
from tests.installer.tools import VENV, clone, environment, script
from tests.ports import free_port


@dataclass
class Installed:
    checkout: Path
    data: Path
    port: int
    output: str

    def install(self, *arguments: str, **env: str):
        """install.sh once more on the same data directory."""
        return script(
            self.checkout,
            "install.sh",
            *arguments,
            "--data-dir",
            self.data,
            env=environment(CLINIC_VENV=VENV, **env),
        )


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A clone with nothing installed in it."""
    return clone(tmp_path_factory.mktemp("clone"))


@pytest.fixture(scope="session")
def installed(tmp_path_factory) -> Installed:
    """As a person would try it. Every test leaves it so that it can be served."""
    return set_up(clone(tmp_path_factory.mktemp("demo")), "--demo")


@pytest.fixture(scope="session")
def shelf(installed, tmp_path_factory) -> Path:
    """The versions that tests upgrade between."""
    made = tmp_path_factory.mktemp("shelf")
    fill_shelf(made, installed.checkout, installed.data / "static")
    return made


@pytest.fixture
def machine(installed, shelf, tmp_path) -> Iterator[Machine]:
    """The demo clinic in an ordinary person's account, last served by the old version."""
    port = int(envfile.read(installed.data / ".env")["CLINIC_PORT"])  # a test may have moved it
    made = make_machine(tmp_path, shelf, installed.data, port)
    yield made
    control.stop(DataDir(made.data))


def set_up(checkout: Path, *arguments: str) -> Installed:
    data, port = checkout.parent / "data", free_port()
    clinic = Installed(checkout, data, port, "")
    done = clinic.install(
        *arguments, "--no-start", "--port", str(port), CLINIC_DEMO_PASSWORD="demo-Pass-2026"
    )
    assert done.returncode == 0, done.stdout + done.stderr + log_of(data)
    clinic.output = done.stdout
    return clinic


def log_of(data: Path) -> str:
    log = data / "logs" / "install.log"
    return log.read_text()[-3000:] if log.exists() else ""
