"""What a killed supervisor left running: found among the system's processes, not in a note, which
a full disk or a removed folder would have lost."""

import contextlib
import os
import signal
import time
from pathlib import Path

from installer.setup.paths import DataDir
from installer.setup.supervisor import MARK
from installer.setup.system import WINDOWS

SECONDS = 10


def end_leftovers(data: DataDir) -> None:
    """End every program of this very installation; the caller holds the lock, so none is wanted.

    A supervisor among them served a folder of the same name that was removed since.
    """
    if WINDOWS:
        return  # there all programs lie in a job that ends with their supervisor
    found = [pid for pid in _processes() if is_ours(pid, data)]
    for pid in sorted(found, key=lambda pid: not _is_supervisor(pid, data)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)  # nginx's own workers, which carry no mark
    deadline = time.monotonic() + SECONDS
    while found and _still_hold_something(set(found)) and time.monotonic() < deadline:
        time.sleep(0.05)


def is_ours(pid: int, data: DataDir) -> bool:
    """Whether `pid` was started by a supervisor of this installation, or is one.

    nginx overwrites its environment with its title, which names the folder.
    """
    folder = f"CLINIC_DATA_DIR={data.root}".encode()
    environment = _read(pid, "environ").split(b"\0")
    started = folder in environment and f"{MARK}=1".encode() in environment
    return (
        started
        or f"-p {data.run} ".encode() in _read(pid, "cmdline").replace(b"\0", b" ")
        or _is_supervisor(pid, data)
    )


def _still_hold_something(leaders: set[int]) -> bool:
    """Whether one of these, or of their process groups, may still have a port or a file open.

    A dying program loses its memory, and with it the words that name it, before its sockets;
    only as a zombie it has let go of all. nginx's workers hold the port longer than nginx.
    """
    for pid in _processes():
        fields = _read(pid, "stat").rpartition(b")")[2].split()  # state, parent, group
        if fields and fields[0] not in (b"Z", b"X") and {pid, int(fields[2])} & leaders:
            return True
    return False


def _is_supervisor(pid: int, data: DataDir) -> bool:
    words = _read(pid, "cmdline").split(b"\0")
    is_one = any(word.endswith(b"/supervisor.py") for word in words)
    return is_one and str(data.run / "plan.json").encode() in words


def _processes() -> list[int]:
    own = os.getpid()
    return [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and int(p.name) != own]


def _read(pid: int, name: str) -> bytes:
    """Empty when it ended meanwhile or belongs to somebody else."""
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""
