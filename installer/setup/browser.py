"""The browser of whoever sits at this machine, opened on the first steps."""

import os
import shutil
import subprocess

from installer.setup.paths import package
from installer.setup.system import WINDOWS, is_root
from installer.setup.work import Work, address


def show(work: Work) -> None:
    """The sheet with the password, and the clinic's own first steps; never on a server."""
    wanted = work.options.open
    if wanted is None:
        wanted = bool(package()) and not work.options.quiet
    if not wanted or work.options.no_start or not has_desktop():
        return
    page = work.first / "sheet.html"
    if work.one_time_password and page.exists() and not is_root():
        open_page(page.as_uri())
    open_page(address("localhost", work.port) + "/guide/")


def has_desktop() -> bool:
    """Whether there is a screen here that a browser could come up on."""
    if WINDOWS:
        return os.environ.get("SESSIONNAME", "Console") != "Services"
    shown = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    return bool(shown) and "SSH_CONNECTION" not in os.environ


def open_page(url: str) -> None:
    """Without waiting and without complaint: the address stands on the screen as well."""
    if WINDOWS:
        os.startfile(url)  # noqa: S606  # nosec B606 # an address of our own
        return
    person, opener = person_behind_root(), shutil.which("xdg-open")
    if not opener or (is_root() and not person):
        return  # a browser refuses to run as root
    subprocess.run(
        ["setsid", "--fork", *person, opener, url],
        env={**os.environ, **home_of_person()},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )


def person_behind_root() -> list[str]:
    """The command that goes back to the account which asked for root's rights."""
    number = os.environ.get("PKEXEC_UID") or os.environ.get("SUDO_UID")
    if not (is_root() and number and number.isdigit() and int(number)):
        return []
    return ["setpriv", f"--reuid={number}", "--clear-groups", "--"]


def home_of_person() -> dict[str, str]:
    """The browser's settings are theirs, not root's."""
    found = person_behind_root()
    if not found:
        return {}
    import pwd

    person = pwd.getpwuid(int(found[1].rpartition("=")[2]))
    return {
        "HOME": person.pw_dir,
        "USER": person.pw_name,
        "XDG_RUNTIME_DIR": f"/run/user/{person.pw_uid}",
    }
