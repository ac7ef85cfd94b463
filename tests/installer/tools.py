"""What the installer's tests share: a clean environment, a free port, requests over TLS."""

import contextlib
import http.client
import os
import shutil
import ssl
import subprocess
import sys
import time
from pathlib import Path

from installer.setup.words import NOT_TRANSLATED

CHECKOUT = Path(__file__).resolve().parents[2]
VENV = os.environ.get("CLINIC_VENV") or sys.prefix
ANSWER_SECONDS = 60


def environment(**extra: str) -> dict[str, str]:
    """The caller's environment without anything of another installation or of these tests."""
    ours = ("CLINIC_", "DJANGO_", "DATABASE_URL", "PIP_", "PYTEST_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, **extra}


def clone(folder: Path) -> Path:
    """What a stranger would get: the committed files and nothing else."""
    target = folder / "checkout"
    subprocess.run(["git", "clone", "-q", str(CHECKOUT), str(target)], check=True)
    return target


def script(checkout: Path, name: str, *arguments: str, env=None, timeout=400):
    """Run one of the installer's scripts to its end."""
    return subprocess.run(
        [str(checkout / "installer" / name), *map(str, arguments)],
        env=environment() if env is None else env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def one_sentence(done) -> bool:
    """Whether a failure looks as promised: non-zero, one sentence in Chinese and the same in
    English on stderr, no traceback."""
    lines = done.stderr.strip().splitlines()
    return (
        done.returncode != 0
        and len(lines) == 2
        and lines[0].startswith("诊所系统：")
        and lines[0].endswith("。")
        and NOT_TRANSLATED not in lines[0]
        and lines[1].startswith("clinic: ")
        and lines[1].endswith((".", ")."))
    )


def trusting(data: Path) -> ssl.SSLContext:
    """Trusts the installation's own authority and no other."""
    return ssl.create_default_context(cafile=data / "tls" / "ca.crt")


def get(data: Path, port: int, path: str, timeout: float = 10) -> tuple[int, bytes]:
    connection = http.client.HTTPSConnection(
        "localhost", port, timeout=timeout, context=trusting(data)
    )
    with contextlib.closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()


class Served:
    """serve.sh in the foreground, as another program would see it."""

    def __init__(self, checkout: Path, data: Path, port: int, **env: str):
        self.data, self.port = data, port
        self.log = data / "logs" / "test-serve.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(checkout / "installer" / "serve.sh"),
                 "--data-dir", str(data), "--port", str(port)],
                env=environment(CLINIC_VENV=VENV, **env),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def wait_until_it_serves(self) -> None:
        """Until it says so itself: it does after a first answer over TLS."""
        self._wait(lambda: "Serving https://" in self.log.read_text(), ANSWER_SECONDS)

    def wait_until_it_answers(self, seconds: float) -> None:
        self._wait(self._answers, seconds)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return get(self.data, self.port, "/healthz")[0] == 200
        return False

    def _wait(self, reached, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < deadline:
            if reached():
                return
            time.sleep(0.1)
        raise AssertionError(f"not within {seconds} s: {self.log.read_text()[-2000:]}")

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        self.process.terminate()
        return self.process.wait(30)

    def family(self) -> list[int]:
        """The process ids of all its programs, the passing announcer left out."""
        return [pid for pid in descendants(self.process.pid) if "announce" not in command(pid)]

    def __enter__(self):
        try:
            self.wait_until_it_serves()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()


def descendants(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(found for child in children for found in descendants(int(child)))]


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def proportional_mb(pids: list[int]) -> float:
    """Memory of all these processes, shared pages counted once."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def copy_installation(source: Path, target: Path) -> Path:
    """An installation of its own for one test, made by copying."""
    shutil.copytree(source, target)
    return target
