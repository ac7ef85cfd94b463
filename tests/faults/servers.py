"""Two application servers of one clinic: an own data directory and port each, and what must be
the same for both."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
SHARED = ("keys", "files", "backups", "audit-checkpoints", "audit-archive")  # one storage for all
SAME = ("tls",)  # copied: a certificate for the name under which people come
SERVES_SECONDS = 90
STOP_SECONDS = 40


class ServerError(Exception):
    """A server was not set up, or does not serve."""


@dataclass
class Server:
    """One application server."""

    name: str
    root: Path
    port: int
    process: subprocess.Popen | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def authority(self) -> Path:
        return self.root / "tls" / "ca.crt"

    def start(self) -> float:
        """Until it says that it answers; how many seconds that took."""
        began = time.monotonic()
        log = self.root / "logs" / "serve.log"
        earlier = log.stat().st_size if log.exists() else 0
        with log.open("ab") as stream:
            self.process = subprocess.Popen(
                ["./installer/serve.sh", "--data-dir", self.root, "--port", str(self.port)],
                env=environment(), cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=stream,
                stderr=stream, start_new_session=True,
            )  # fmt: skip
        while b"Serving https://" not in log.read_bytes()[earlier:]:
            if self.process.poll() is not None or time.monotonic() - began > SERVES_SECONDS:
                raise ServerError(f"{self.name} does not serve: {_tail(log)}")
            time.sleep(0.1)
        return time.monotonic() - began

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def manage(self, *arguments: str, seconds: float = 600, **extra: str):
        """A command of the installation, to its end."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env={**environment(), "CLINIC_DATA_DIR": str(self.root), **extra},
            cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=seconds,
        )  # fmt: skip

    def must(self, *arguments: str, **extra) -> str:
        done = self.manage(*arguments, **extra)
        if done.returncode:
            raise ServerError(f"{' '.join(arguments)}: {done.stdout[-800:]}{done.stderr[-800:]}")
        return done.stdout


def install(root: Path, port: int, database_url: str, password: str) -> Server:
    """The first: its set-up makes the tables, the keys and the practice clinic's people."""
    name = f"trial-{os.getpid()}"  # a name is given once on a machine
    done = subprocess.run(
        ["./installer/install.sh", "--demo", "--no-start", "--instance", name,
         "--data-dir", root, "--port", str(port), "--database-url", "-"],
        env={**environment(), "CLINIC_DEMO_PASSWORD": password}, cwd=CHECKOUT,
        input=database_url + "\n", capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        log = root / "logs" / "install.log"
        raise ServerError(f"install.sh: {done.stdout[-1500:]}{done.stderr[-1500:]}{_tail(log)}")
    return Server("A", root, port)


def again(name: str, root: Path, port: int, database_url: str) -> Server:
    """One that was set up before; only its addresses are new."""
    path = root / ".env"
    new = {"CLINIC_PORT": str(port), "DATABASE_URL": database_url}
    lines = path.read_text().splitlines()
    kept = [line for line in lines if line.partition("=")[0] not in new]
    path.write_text("\n".join([*kept, *(f"{k}={v}" for k, v in new.items())]) + "\n")
    return Server(name, root, port)


def join(first: Server, root: Path, shared: Path, port: int) -> Server:
    """The second, as district.md tells it: the same `.env`, and one storage for what both keep."""
    shared.mkdir(mode=0o700, parents=True, exist_ok=True)
    root.mkdir(mode=0o700)
    for name in SHARED:
        place = first.root / name
        if place.is_dir():
            shutil.copytree(place, shared / name)
            shutil.rmtree(place)
        (shared / name).mkdir(mode=0o700, exist_ok=True)
        for server in (first.root, root):
            (server / name).symlink_to(shared / name)
    for name in SAME:
        shutil.copytree(first.root / name, root / name)
    text = (first.root / ".env").read_text()
    (root / ".env").write_text(text.replace(f"CLINIC_PORT={first.port}", f"CLINIC_PORT={port}"))
    (root / ".env").chmod(0o600)
    for name in ("logs", "run"):
        (root / name).mkdir(mode=0o700)
    shutil.copytree(first.root / "static", root / "static")
    return Server("B", root, port)


def environment() -> dict[str, str]:
    """Nothing of another installation's settings; this Python and its packages."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CLINIC_", "DJANGO_"))}
    kept.pop("DATABASE_URL", None)
    return {**kept, "CLINIC_VENV": sys.prefix}


def _tail(path: Path) -> str:
    return path.read_text(errors="replace")[-3000:] if path.exists() else ""
