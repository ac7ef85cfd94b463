"""What root does in a data directory that belongs to a service's own account.

That account may have put anything there: a link in the place of a log, a program in the place of
the database server's. So root looks and writes there with that account's rights alone, and every
program that is started on the data runs under it.
"""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from installer.setup.paths import DataDir
from installer.setup.system import WINDOWS, file_rights, is_root, set_file_rights

FREE_FOR_ALL = 1024  # ports from here on need no right


def run_as(folder: Path) -> dict:
    """For subprocess: the account that `folder` belongs to, when it is root who asks."""
    if WINDOWS or not is_root() or not folder.exists():
        return {}
    state = folder.stat()
    if state.st_uid == 0:
        return {}
    return {"user": state.st_uid, "group": state.st_gid, "extra_groups": []}


def run_as_owner(data: DataDir) -> dict:
    """For subprocess: what root runs on an instance's data is left to its account."""
    return run_as(data.root)


def as_account(data: DataDir, command: list, port: int) -> list:
    """The command that serves the data, started by root: as their account, which may open the
    port all the same, as its service may."""
    account = run_as_owner(data)
    if not account:
        return command
    words = ["setpriv", f"--reuid={account['user']}", f"--regid={account['group']}"]
    if port < FREE_FOR_ALL:
        words += ["--inh-caps=+net_bind_service", "--ambient-caps=+net_bind_service"]
    return [*words, "--clear-groups", "--", *command]


@contextlib.contextmanager
def as_owner(data: DataDir) -> Iterator[None]:
    """Inside, root reaches no file that the data's account could not; nothing for others."""
    if WINDOWS or not is_root() or not data.root.exists():
        yield
        return
    state = data.root.stat()
    with _with_rights(state.st_uid, state.st_gid):
        yield


@contextlib.contextmanager
def as_root() -> Iterator[None]:
    """Inside `as_owner`: what is the system's and not the instance's."""
    if WINDOWS or not is_root():
        yield
        return
    with _with_rights(0, 0):
        yield


@contextlib.contextmanager
def _with_rights(uid: int, gid: int) -> Iterator[None]:
    before = file_rights()
    set_file_rights(uid, gid)
    try:
        yield
    finally:
        set_file_rights(*before)


def now_owner(data: DataDir) -> None:
    """The data were just given to another account: the rest of `as_owner` is done with its
    rights."""
    if not WINDOWS and is_root():
        state = data.root.stat()
        set_file_rights(state.st_uid, state.st_gid)


def give(folder: Path, uid: int, gid: int) -> None:
    """Everything in `folder` becomes this account's. Links are not followed, nor is a folder that
    becomes one meanwhile; a file with a second name elsewhere may be somebody else's."""
    for _path, folders, names, at in os.fwalk(folder, follow_symlinks=False):
        for name in (".", *folders, *names):
            with contextlib.suppress(FileNotFoundError):  # a socket that went meanwhile
                state = os.stat(name, dir_fd=at, follow_symlinks=False)
                second = state.st_nlink > 1 and not stat.S_ISDIR(state.st_mode)
                if (state.st_uid, state.st_gid) != (uid, gid) and not second:
                    os.chown(name, uid, gid, dir_fd=at, follow_symlinks=False)


def hand_over(data: DataDir) -> None:
    """What root wrote belongs to the account that the data belong to."""
    if WINDOWS or not is_root():
        return
    owner = data.root.stat()
    with as_root():
        give(data.root.resolve(), owner.st_uid, owner.st_gid)
