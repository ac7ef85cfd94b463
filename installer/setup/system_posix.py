"""system.py on Linux."""

import fcntl
import os
import shutil
import signal
import subprocess
from pathlib import Path


def is_root() -> bool:
    """Whether this account may change the whole machine."""
    return os.geteuid() == 0


def keep_private(path: Path, mode: int) -> None:
    """Nobody but the owner gets in: mode 0o700 for a folder, 0o600 for a file."""
    path.chmod(mode)


def remove_tree(path: Path) -> None:
    """The folder and all that is in it, as far as it can be removed."""
    shutil.rmtree(path, ignore_errors=True)


def take_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Lock an open file without waiting; False when somebody else holds it.

    The system frees it when its holder ends, however it ends.
    """
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def start_detached(argv: list, *, log: int) -> subprocess.Popen:
    """Start a program that outlives this one and its terminal; it writes to descriptor `log`."""
    return subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
    )


def end(pid: int) -> None:
    """Ask a program to end in good order; ProcessLookupError when it did already."""
    os.kill(pid, signal.SIGTERM)
