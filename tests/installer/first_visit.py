"""Run by a package's own Python where nothing else is: the clinic as its first visitor meets it.

    python first_visit.py DATA_DIR PORT PASSWORD COMMAND
Prints one JSON object.
"""

import http.cookiejar
import json
import re
import ssl
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path


def browser(data: Path) -> urllib.request.OpenerDirector:
    """Keeps cookies, and trusts the clinic's own authority alone."""
    context = ssl.create_default_context(cafile=str(data / "tls" / "ca.crt"))
    return urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=context),
        urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
    )


def first_page(opener, url: str, deadline: float) -> str:
    while True:
        try:
            return opener.open(f"{url}/login/", timeout=10).read().decode()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def sign_in(opener, url: str, page: str, password: str) -> str:
    """The address of the page that the administrator sees next."""
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    form = {"csrfmiddlewaretoken": token, "username": "admin", "password": password}
    request = urllib.request.Request(  # noqa: S310 # always https
        f"{url}/login/",
        urllib.parse.urlencode(form).encode(),
        headers={"Referer": f"{url}/login/"},
    )
    return opener.open(request, timeout=20).geturl()


def memory_mb() -> float:
    """Of every program that runs here, this one left out; shared pages counted once."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if folder.name == str(Path("/proc/self").resolve().name):
                continue
            if b"/versions/" in (folder / "cmdline").read_bytes():
                rolled = (folder / "smaps_rollup").read_text()
                total += int(re.search(r"^Pss:\s+(\d+)", rolled, re.MULTILINE)[1])
        except (OSError, TypeError):
            continue
    return total / 1024


def ask(command: str, *words: str) -> dict:
    done = subprocess.run(
        [command, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    return {"status": done.returncode, "said": done.stdout + done.stderr}


def menu() -> dict[str, str]:
    """The entries of the desktop's menu, and what each of them starts."""
    folder = Path.home() / ".local/share/applications"
    entries = {path.name: path.read_text() for path in folder.glob("*.desktop")}
    return {name: re.search("^Exec=(.*)$", text, re.MULTILINE)[1] for name, text in entries.items()}


def main(data: Path, port: str, password: str, command: str) -> dict:
    url, opener = f"https://localhost:{port}", browser(data)
    page = first_page(opener, url, time.monotonic() + 60)
    style = re.search(r'href="(/static/[^"]+\.css)"', page)[1]
    seen = {
        "style": opener.open(url + style, timeout=10).status,
        "after_login": sign_in(opener, url, page, password),
        "mb": memory_mb(),
        "status": ask(command, "status"),
        "menu": menu(),
        "sheet": ask(command, "sheet")["said"],
        "backup": ask(command, "manage", "backup"),
        "backups": len(list((data / "backups").iterdir())),
        "uninstall": ask(command, "uninstall"),
    }
    time.sleep(0.5)
    seen["left_running"] = memory_mb()
    return seen


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), *sys.argv[2:])))
