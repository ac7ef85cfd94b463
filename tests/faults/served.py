"""A practice clinic of its own that is served, killed, and served again."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.installer.tools import (
    CHECKOUT,
    VENV,
    alive,
    command,
    descendants,
    environment,
    get,
)
from tests.ports import free_port

PASSWORD = "demo-clinic-2026"  # noqa: S105 # of made-up people
UP_SECONDS = 120
PROGRAMS = {  # by a word of the command line
    "application": ("host.py", "-m granian"),
    "front": ("nginx",),
    "database": ("mariadbd",),
}


@dataclass
class Clinic:
    """Its data directory, where it answers, and the process that keeps it running."""

    data: Path
    port: int = 0
    database: str = "sqlite"
    front: str = ""
    env: dict = field(default_factory=dict)  # for the served programs alone
    clock: object = None  # of its programs, where that may be wrong
    disk: object = None  # where its data lie, if that is one of their own
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def authority(self) -> str:
        return str(self.data / "tls" / "ca.crt")

    def install(self, *, like: Path | None = None) -> None:
        self.port = self.port or free_port()
        if like:
            self._copy(like)
            return
        options = ["--database", self.database] if self.database != "sqlite" else []
        self._run(
            [str(CHECKOUT / "installer" / "install.sh"), "--demo", "--no-start", *options]
            + ["--instance", f"faults-{os.getpid()}-{self.port}"]
            + ["--data-dir", str(self.data), "--port", str(self.port)]
        )

    def _copy(self, like: Path) -> None:
        """With its owners, and with the address of a database server of its own."""
        self.data.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", f"{like}/.", str(self.data)], check=True)
        settings = self.data / ".env"
        settings.write_text(settings.read_text().replace(str(like), str(self.data)))

    def environment(self) -> dict[str, str]:
        front = {"CLINIC_FRONT": self.front} if self.front else {}
        fixed = {"CLINIC_VENV": VENV, "CLINIC_DEMO_PASSWORD": PASSWORD}
        return environment(**fixed, **front)

    def serve(self) -> float:
        """Start it; the seconds until it answers."""
        began = time.monotonic()
        log = (self.data / "logs" / "faults.log").open("ab")
        self.process = subprocess.Popen(
            [str(CHECKOUT / "installer" / "serve.sh")]
            + ["--data-dir", str(self.data), "--port", str(self.port)],
            env={**self.environment(), **self.env}, cwd=CHECKOUT, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
        log.close()
        self.wait_until_it_answers()
        return time.monotonic() - began

    def wait_until_it_answers(self, seconds: float = UP_SECONDS) -> float:
        """How long that took; nobody does anything for it."""
        began = time.monotonic()
        while time.monotonic() < began + seconds:
            if self.answers():
                return time.monotonic() - began
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError(f"no answer within {seconds} s: {self.log_tail()}")

    def answers(self) -> bool:
        with contextlib.suppress(Exception):  # whatever it is, nobody answers
            return get(self.data, self.port, "/healthz", timeout=5)[0] == 200
        return False

    def log_tail(self) -> str:
        log = self.data / "logs" / "faults.log"
        return log.read_text(errors="replace")[-3000:] if log.exists() else ""

    def family(self) -> list[int]:
        return descendants(self.process.pid)

    def pids(self, kind: str) -> list[int]:
        """The program of one kind. The one that answers is a child of the application's or, with
        gunicorn between, its grandchild."""
        words = PROGRAMS["application" if kind == "worker" else kind]
        found = [pid for pid in self.family() if any(word in command(pid) for word in words)][:1]
        if kind != "worker":
            return found
        below = [descendants(child) for pid in found for child in children(pid)]
        return [max(below, key=len, default=[0])[-1]]

    def kill(self, kind: str) -> list[int]:
        """kill -9, of everything at once or of one program; whom it hit."""
        victims = self.family() if kind == "everything" else self.pids(kind)
        for pid in victims:  # the keeper first, so that it starts nobody again
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if kind == "everything":
            self.process.wait()
            while any(alive(pid) for pid in victims):
                time.sleep(0.01)
        return victims

    def end_the_rest(self) -> None:
        """What was started while the others were killed, as when the machine itself goes."""
        mark = f"CLINIC_DATA_DIR={self.data}\0".encode()
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                ours = mark in (place / "environ").read_bytes() + b"\0"
                if ours and int(place.name) != os.getpid():
                    os.kill(int(place.name), signal.SIGKILL)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(45)
            except subprocess.TimeoutExpired:
                self.kill("everything")
                raise

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
        """A command of this installation."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env={**self.environment(), "CLINIC_DATA_DIR": str(self.data)},
            cwd=CHECKOUT, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        if check and done.returncode:
            raise AssertionError(f"{arguments}: {done.stdout[-1500:]}{done.stderr[-1500:]}")
        return done

    def _run(self, argv: list[str]) -> None:
        done = subprocess.run(
            argv, env=self.environment(), cwd=CHECKOUT, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        if done.returncode:
            raise AssertionError(done.stdout[-1500:] + done.stderr[-3000:])


def children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
