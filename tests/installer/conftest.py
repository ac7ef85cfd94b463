"""A demo clinic in a clone of this checkout, set up once for all of the installer's tests."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.installer.tools import VENV, clone, environment, free_port, script


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
