"""Under which account of the system a MariaDB server runs: never root."""

import os
from pathlib import Path

from installer.setup import ownership
from installer.setup.system import WINDOWS, is_root

if not WINDOWS:
    import pwd

ACCOUNT = "mysql"  # Debian's package makes it


def other(root: Path) -> str:
    """The account that the server of this data directory runs under; "" for our own.

    Root gives it to whoever serves the data, and to Debian's account as long as that is root.
    """
    if WINDOWS or not is_root():
        return ""
    owner = root.stat().st_uid
    return pwd.getpwuid(owner).pw_name if owner else ACCOUNT


def exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def own_name(root: Path) -> str:
    """Who administers the server without a password: whoever runs it."""
    return other(root) or pwd.getpwuid(os.geteuid()).pw_name


def hand_over(folder: Path, name: str) -> None:
    """Everything in `folder` becomes the server's."""
    account = pwd.getpwnam(name)
    with ownership.as_root():
        ownership.give(folder.parent.resolve() / folder.name, account.pw_uid, account.pw_gid)
