"""A running installation seen from outside: is it there, does it answer, start it, stop it."""

import contextlib
import http.client
import json
import os
import ssl
import sys
import time
from pathlib import Path

from installer.setup import ownership
from installer.setup.errors import SetupError
from installer.setup.paths import DataDir
from installer.setup.system import end, start_detached, take_lock

START_SECONDS = 60
STOP_SECONDS = 40  # a database server of its own included
SUPERVISE = Path(__file__).resolve().parent


def running(data: DataDir) -> dict | None:
    """`pid`, `port` and `fingerprint` of the supervisor that holds the lock; None without one."""
    path = data.run / "serve.lock"
    try:
        with path.open("rb") as stream:
            if not take_lock(stream.fileno(), shared=True):
                return json.loads(stream.read() or b"null")
    except (FileNotFoundError, ValueError):
        return None
    return None


def answers(data: DataDir, port: int, timeout: float = 5) -> bool:
    """Whether /healthz says 200 over TLS with a certificate of this installation."""
    try:
        context = ssl.create_default_context(cafile=data.tls / "ca.crt")
        connection = http.client.HTTPSConnection(
            "localhost", port, timeout=timeout, context=context
        )
        with contextlib.closing(connection):
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False


def wait_for_answer(data: DataDir, port: int, still_alive) -> bool:
    """True as soon as it answers; False when it ended or START_SECONDS have passed."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and still_alive():
        if answers(data, port):
            return True
        time.sleep(0.2)
    return False


def start_in_background(data: DataDir, port: int) -> None:
    """Start serve.sh's program detached from this terminal and wait until it answers."""
    with ownership.as_owner(data):
        _start_in_background(data, port)


def _start_in_background(data: DataDir, port: int) -> None:
    log = os.open(data.logs / "serve.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    begin = os.fstat(log).st_size
    command = [sys.executable, SUPERVISE, "serve", "--data-dir", data.root, "--port", str(port)]
    process = start_detached(ownership.as_account(data, command, port), log=log)
    os.close(log)
    if wait_for_answer(data, port, lambda: process.poll() is None):
        return
    if process.poll() is None:
        stop_pid(process.pid, lambda: process.poll() is not None)
    said = (data.logs / "serve.log").read_bytes()[begin:].decode(errors="replace").split("\n")
    sentence = next((line for line in said if line.startswith("clinic: ")), "")
    raise SetupError(
        f"The clinic was set up but does not answer. {sentence.removeprefix('clinic: ')} "
        f"The details are in {data.logs / 'serve.log'}."
    )


def stop(data: DataDir) -> bool:
    """Stop a running installation cleanly; False when none was running."""
    found = running(data)
    if not found:
        return False
    require_theirs(data, found["pid"])
    stop_pid(found["pid"], lambda: running(data) is None)
    return True


def require_theirs(data: DataDir, pid: int) -> None:
    """As root: who holds the lock says which process to end, and may say any number."""
    account = ownership.run_as_owner(data)
    if not account:
        return
    try:
        theirs = int(pid) > 1 and Path(f"/proc/{int(pid)}").stat().st_uid == account["user"]
    except FileNotFoundError:
        return  # ended meanwhile
    if not theirs:
        raise SetupError(f"{data.root} names a process that is not its own; end it by hand.")


def stop_pid(pid: int, gone) -> None:
    try:
        end(pid)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise SetupError("The running clinic belongs to another account; stop it there.") from error
    deadline = time.monotonic() + STOP_SECONDS
    while not gone():
        if time.monotonic() > deadline:
            raise SetupError(f"The running clinic (process {pid}) does not stop.")
        time.sleep(0.1)
