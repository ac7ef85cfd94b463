"""`clinic sheet`: the sheet for the first day, shown to whoever may see it.

Browsers don't run as root, and some may not read hidden folders: root's part hands the pages over
through a pipe, and the person's own part puts them into a folder of their own, which goes when the
password was changed, or after half an hour.
"""

import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

from installer.setup import browser, everyday, words
from installer.setup.desktop import root_by_desktop
from installer.setup.errors import SetupError
from installer.setup.paths import DataDir
from installer.setup.system import WINDOWS, is_root
from installer.setup.versions import ROOTS_HOME, command_link, home
from installer.setup.work import address

FOLDER = "诊所-首次使用"
SECONDS = 1800
PAGES = ("sheet.html", "key-sheet.html")
NONE = (
    "There is no sheet any more: admin has a password of their own. Forgotten? "
    "Another administrator gives a new one."
)


def sheet(arguments: list[str]) -> int:
    parser = everyday.parser("sheet")
    parser.add_argument(
        "--hand-over", action="store_true", help="for the desktop: the pages, to standard output"
    )
    options = parser.parse_args(arguments)
    if not options.hand_over and not is_root() and home() == ROOTS_HOME:
        return by_root(arguments)
    data = everyday.one(options)
    first = data.root / "first"
    if not (first / "sheet.html").exists():
        raise SetupError(NONE)
    if options.hand_over:
        hand_over(first)
    elif is_root() or WINDOWS or not browser.has_desktop():
        tell(data, first)
    else:
        show(pages(first), lambda: wait_while(first.is_dir))
    return 0


def tell(data: DataDir, first: Path) -> None:
    """Where no browser can be opened: what gets a person in."""
    where = address("localhost", everyday.port(data))
    words.say(f"The clinic is at {where}")
    password = (first / "password").read_text(encoding="ascii")
    words.say(f"  Administrator: admin, one-time password: {password}")
    words.say(f"  Print these sheets now: {first}")


def pages(first: Path) -> dict[str, str]:
    return {
        name: (first / name).read_text(encoding="utf-8")
        for name in PAGES
        if (first / name).exists()
    }


def hand_over(first: Path) -> None:
    """To the person's own part, which lives as long as this does."""
    print(json.dumps(pages(first)), flush=True)
    wait_while(lambda: first.is_dir() and not _reader_went())


def _reader_went() -> bool:
    """Nobody reads our pipe any more."""
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    return bool(poll.poll(0))


def wait_while(holds) -> None:
    deadline = time.monotonic() + SECONDS
    while holds() and time.monotonic() < deadline:
        time.sleep(1)


def by_root(arguments: list[str]) -> int:
    ask = root_by_desktop()
    if not ask or not browser.has_desktop():
        raise SetupError("The sheet is for administrators: run sudo clinic sheet.")
    words.say("Only an administrator may see the sheet; you are asked for that password.")
    with subprocess.Popen(
        [*ask, str(command_link()), "sheet", "--hand-over", *arguments],
        stdout=subprocess.PIPE, text=True,
    ) as root:  # fmt: skip
        line = root.stdout.readline()
        if not line:
            raise SetupError("The sheet was not shown.")
        show(json.loads(line), root.wait)
    return 0


def show(found: dict[str, str], wait) -> None:
    folder = own_folder()
    try:
        for name, text in found.items():
            if name in PAGES:
                path = folder / name
                with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w",
                          encoding="utf-8") as stream:  # fmt: skip
                    stream.write(text)
        browser.open_page((folder / "sheet.html").as_uri())
        words.say(f"The sheet is in {folder} until admin has a password, or for half an hour.")
        words.say("Print it now; close this window when it is printed.")
        wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def own_folder() -> Path:
    """Not a hidden one: a browser that is shut in a box of its own can't read those."""
    folder = Path.home() / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder
