"""Entries in the desktop's menu: the clinic's page, and the sheet for the first day.

The entries hold no secret. The sheet lies where an ordinary account may not look, so `clinic sheet`
asks for an administrator's password (pkexec) where root set the clinic up.
"""

import os
import shutil
from pathlib import Path

from installer.setup import everyday, service
from installer.setup.paths import PROGRAM, USUAL_INSTANCE, DataDir, package
from installer.setup.system import WINDOWS, is_root
from installer.setup.versions import command_link
from installer.setup.work import address

ROOTS_FOLDER = Path("/usr/local/share/applications")
ENTRY = """\
[Desktop Entry]
Type=Application
Version=1.0
Name={english}
Name[zh_CN]={chinese}
Comment={comment}
Exec={command}
Icon={icon}
Terminal={terminal}
Categories=Office;
"""


def folder() -> Path:
    if is_root():
        return ROOTS_FOLDER
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "applications"


def write(data: DataDir) -> None:
    """As address and names are now. A machine without a desktop takes no harm."""
    if not package() or WINDOWS:
        return
    name = service.name_of(data)
    said = "" if name == USUAL_INSTANCE else f" {name}"
    page = address("localhost", everyday.port(data))
    icon = next(iter(sorted((PROGRAM / "static" / "img").glob("icon*.svg"))), "text-html")
    opens = {"english": f"Clinic{said}", "chinese": f"社区诊所{said}", "comment": page}
    opens |= {"command": f"xdg-open {page}/", "terminal": "false"}
    shows = {"english": f"Clinic: first use{said}", "chinese": f"诊所：首次使用{said}"}
    shows |= {"comment": "一次性密码和其他电脑的地址 / one-time password, address for other PCs"}
    shows |= {"command": f"{command_link()} sheet --instance {name}", "terminal": "true"}
    _put(_page(name), ENTRY.format(icon=icon, **opens))
    if (data.root / "first").is_dir():
        _put(_first(name), ENTRY.format(icon="text-html", **shows))
    else:
        _first(name).unlink(missing_ok=True)


def write_if_possible(data: DataDir) -> None:
    """Nothing depends on the menu: what can't be written there keeps nobody from working."""
    try:
        write(data)
    except OSError:
        return


def remove(data: DataDir) -> None:
    if not package() or WINDOWS:
        return
    for path in (_page(service.name_of(data)), _first(service.name_of(data))):
        try:
            path.unlink(missing_ok=True)
        except OSError:
            continue


def root_by_desktop() -> list[str]:
    """What asks for an administrator's password: in a window, else in the terminal."""
    found = shutil.which("pkexec") or shutil.which("sudo")
    return [found] if found else []


def _page(name: str) -> Path:
    return folder() / ("clinic.desktop" if name == USUAL_INSTANCE else f"clinic-{name}.desktop")


def _first(name: str) -> Path:
    return folder() / f"clinic-first-{name}.desktop"


def _put(path: Path, text: str) -> None:
    """For everybody to read, whatever the set-up's umask is."""
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True)
        if is_root():
            path.parent.chmod(0o755)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.unlink(missing_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)
