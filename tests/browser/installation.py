"""A throw-away demo clinic, set up and served by the project's own scripts."""

import base64
import hashlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.ports import free_port

CHECKOUT = Path(__file__).resolve().parents[2]
PASSWORD = "demo-clinic-2026"
NAME = f"tests-{os.getpid()}"  # a name is given once, and this checkout may have clinics already
STOP_SECONDS = 30
SERVED: dict[Path, subprocess.Popen] = {}  # what serves which data directory now


@dataclass(frozen=True)
class Installation:
    """A served demo clinic: where it answers and where its data lie."""

    root: Path
    port: int

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def key_fingerprint(self) -> str:
        """The certificate's key as Chromium's --ignore-certificate-errors-spki-list wants it.

        A browser that ignores every certificate error keeps no cache, so the budgets of repeat
        visits could not be measured with one.
        """
        certificate = x509.load_pem_x509_certificate((self.root / "tls/server.crt").read_bytes())
        key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(hashlib.sha256(key).digest()).decode()

    def manage(self, *arguments: str, **extra: str) -> str:
        """Run Python code or a command of the installation; what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments],
            env={**environment(), "CLINIC_DATA_DIR": str(self.root), **extra},
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(arguments)}: {done.stderr[-3000:]}"
        return done.stdout


def environment() -> dict[str, str]:
    """Nothing of the test run's own settings; its Python and its packages."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("CLINIC_")}
    kept.pop("DATABASE_URL", None)
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return {**kept, "CLINIC_VENV": sys.prefix, "CLINIC_DEMO_PASSWORD": PASSWORD}


def install(root: Path, *options: str, name: str = NAME) -> Installation:
    """A demo clinic in `root`, not yet served."""
    clinic = Installation(root, free_port())
    done = subprocess.run(
        [
            *("./installer/install.sh", "--demo", "--no-start", "--instance", name),
            *("--data-dir", root, "--port", str(clinic.port), *options),
        ],
        env=environment(),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{log_tail(root, 'install.log')}"
    return clinic


def serve(clinic: Installation) -> subprocess.Popen:
    """Start it and wait until it says that it answers."""
    log = clinic.root / "logs" / "serve.log"
    earlier = log.stat().st_size if log.exists() else 0
    with log.open("ab") as stream:
        process = subprocess.Popen(
            [
                *("./installer/serve.sh", "--data-dir", clinic.root),
                *("--port", str(clinic.port)),
            ],
            env=environment(),
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    deadline = time.monotonic() + 60
    while b"Serving https://" not in log.read_bytes()[earlier:]:
        assert process.poll() is None, log_tail(clinic.root, "serve.log")
        assert time.monotonic() < deadline, log_tail(clinic.root, "serve.log")
        time.sleep(0.1)
    SERVED[clinic.root] = process
    return process


def stop(clinic: Installation) -> None:
    process = SERVED.pop(clinic.root)
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


def log_tail(root: Path, name: str) -> str:
    path = root / "logs" / name
    return path.read_text(errors="replace")[-3000:] if path.exists() else ""
