"""A clinic served as the installer serves it, with a plain listener for the benchmark alone."""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from installer.setup import fronts, sizing
from installer.setup.paths import DataDir
from tests.browser.installation import CHECKOUT
from tests.installer.tools import descendants
from tests.ports import free_port

SECONDS = 60


class Served:
    """nginx and gunicorn over one data directory; plain HTTP, so that no ratio counts TLS.

    `straight` speaks to gunicorn's socket as nginx does: then both the floor and the works are
    without the front.
    """

    def __init__(self, root: Path, *, workers: int, straight: bool = False, **environment: str):
        self.data, self.port, self.straight = DataDir(root), free_port(), straight
        self.workers = workers
        self.volatile = fronts.volatile_dir(self.data)
        self.environment = {
            **fronts.service_environment(self.data),
            **sizing.environment(sizing.USUAL),  # of a clinic's PC, whatever this machine is
            "CLINIC_VENV": sys.prefix,
            "CLINIC_TRUSTED_FRONT": "unix",
            "CLINIC_VOLATILE_DIR": str(self.volatile),
            "DJANGO_SETTINGS_MODULE": "tests.benchmarks.inside.settings",
            "GUNICORN_CMD_ARGS": f"--workers {workers}",
            **environment,
        }
        self.processes: dict[str, subprocess.Popen] = {}

    def __enter__(self) -> "Served":
        try:
            self._start(
                "application",
                [sys.executable, *fronts.COMPACT, "-m", "tests.benchmarks.inside.host"],
            )
            conf = self.data.run / "nginx.conf"
            conf.write_text(self._nginx(), encoding="utf-8")
            front = [fronts.find_nginx(), "-p", self.data.run, "-e", "stderr", "-c", conf]
            self._start("front", front)
            self._wait()
            self.working = self._working()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error) -> None:
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(self.volatile, ignore_errors=True)

    def _start(self, name: str, command: list) -> None:
        log = self.data.logs / f"benchmark-{name}.log"
        with log.open("wb") as stream:
            self.processes[name] = subprocess.Popen(
                list(map(str, command)),
                env=self.environment,
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
            )

    def _nginx(self) -> str:
        text = fronts.nginx_conf(self.data, self.volatile, free_port())
        name = "        server_name _;"
        return text.replace(name, f"        listen 127.0.0.1:{self.port};\n{name}", 1)

    def _wait(self) -> None:
        deadline = time.monotonic() + SECONDS
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                link = self.connection()
                link.request("GET", "/bench/floor/")
                if link.getresponse().status == 200:
                    return
            for name, process in self.processes.items():
                log = (self.data.logs / f"benchmark-{name}.log").read_text(errors="replace")
                assert process.poll() is None, f"{name} ended: {log[-3000:]}"
                assert time.monotonic() < deadline, f"no answer: {log[-3000:]}"
            time.sleep(0.1)

    def connection(self) -> http.client.HTTPConnection:
        if self.straight:
            return Straight(self.volatile / "app.sock")
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)

    def memory(self) -> dict[str, float]:
        """Proportional set size in MB: of the application's processes, and of the front's."""
        return {name: _pss(process.pid) for name, process in self.processes.items()}

    def computed(self) -> float:
        """Seconds of CPU that nginx and the workers have taken, to the nanosecond."""
        return sum(time.clock_gettime(_clock_of(pid)) for pid in self.working)

    def _working(self) -> list[int]:
        """nginx, and what the arbiter has forked; the scheduler's rounds are not counted."""
        deadline, workers = time.monotonic() + SECONDS, []
        while len(workers) < self.workers:
            arbiters = _children(self.processes["application"].pid)
            workers = [pid for arbiter in arbiters for pid in _children(arbiter)]
            assert time.monotonic() < deadline, f"only {len(workers)} workers"
            time.sleep(0.1)
        return [*workers, *descendants(self.processes["front"].pid)]


class Straight(http.client.HTTPConnection):
    """To a unix socket."""

    def __init__(self, path: Path):
        super().__init__("localhost", timeout=SECONDS)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


def _children(pid: int) -> list[int]:
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def _clock_of(pid: int) -> int:
    """What clock_getcpuclockid(3) makes of a process."""
    return (~pid << 3) | 2


def _pss(pid: int) -> float:
    total = 0
    for one in {pid, *descendants(pid)}:
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def clean_environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k != "DATABASE_URL" and "CLINIC_" not in k}
