"""Under which account of the system a MariaDB server runs: never root."""

import os
import shutil
from pathlib import Path

from installer.setup.system import WINDOWS, is_root

if not WINDOWS:
    import pwd

ACCOUNT = "mysql"  # Debian's package makes it


def exists() -> bool:
    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        return False
    return True


def own_name() -> str:
    """Whose the server's folder is, and who may administer it without a password."""
    return ACCOUNT if is_root() else pwd.getpwuid(os.geteuid()).pw_name


def needs_another() -> bool:
    """Whether the server has to run under another account than this program."""
    return not WINDOWS and is_root()


def hand_over(folder: Path) -> None:
    """Everything in `folder` becomes the server's."""
    for place, _folders, names in os.walk(folder):
        for path in (place, *(os.path.join(place, name) for name in names)):
            shutil.chown(path, ACCOUNT, ACCOUNT)
