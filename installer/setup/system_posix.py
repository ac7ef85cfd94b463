"""system.py on Linux."""

import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
from pathlib import Path


def is_root() -> bool:
    """Whether this account may change the whole machine."""
    return os.geteuid() == 0


_c = ctypes.CDLL(None, use_errno=True)
UNCHANGED = -1


def file_rights() -> tuple[int, int]:
    """Account and group whose rights decide which files this program may touch."""
    return _c.setfsuid(UNCHANGED), _c.setfsgid(UNCHANGED)


def set_file_rights(uid: int, gid: int) -> None:
    """As root: files are opened and made with these rights; a program that is started has root's
    again, unless it is told its account."""
    _c.setfsuid(0)
    with contextlib.suppress(PermissionError):  # a namespace without groups
        os.setgroups([0] if uid == 0 else [])
    _c.setfsgid(gid)
    _c.setfsuid(uid)
    if file_rights() != (uid, gid):
        _c.setfsuid(0)
        raise PermissionError(f"root can't act as the account {uid}")


def keep_private(path: Path, mode: int) -> None:
    """Nobody but the owner gets in: mode 0o700 for a folder, 0o600 for a file. Of a link nothing
    is changed: it may lead to somebody else's file."""
    if not path.is_symlink():
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
