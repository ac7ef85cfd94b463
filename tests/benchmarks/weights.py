"""What lies on the disk, and what the first screen after sign-in sends."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urljoin

from tests.benchmarks.served import Served
from tests.benchmarks.visitor import Visitor
from tests.browser.installation import CHECKOUT

NOT_SHIPPED = ("tests/", ".readme/", ".ci", ".gitignore")


def first_screen(served: Served, name: str = "frontdesk") -> float:
    """KB of the page and of everything it links to, with headers, nothing in any cache."""
    visitor, home = Visitor(served, name), "/"
    seen: dict[str, int] = {}
    page = visitor.get(home)
    while page.status == 302:
        seen[home] = _sent(page)
        home = urljoin(home, page.headers["Location"])
        page = visitor.get(home)
    assert page.status == 200, page.status
    seen[home] = _sent(page)
    tree = page.page
    found = tree.xpath("//link[@rel='stylesheet' or contains(@rel, 'icon')]/@href")
    found += tree.xpath("//script/@src | //img/@src | //use/@href")
    waiting = [urljoin(home, one).partition("#")[0] for one in found]
    while waiting:
        path = waiting.pop()
        if path in seen or path.startswith("data:"):
            continue
        answer = visitor.get(path)
        assert answer.status == 200, f"{path}: {answer.status}"
        seen[path] = _sent(answer)
        if path.endswith(".css"):
            inner = re.findall(r"url\([\"']?([^)\"'#]+)", answer.text)
            waiting += [urljoin(path, one) for one in inner if not one.startswith("data:")]
    return sum(seen.values()) / 1024


def _sent(answer) -> int:
    return len(answer.body) + sum(len(k) + len(v) + 4 for k, v in answer.headers.items())


def installed() -> float:
    """MB of the program and a fresh environment of its packages, as the installer makes it."""
    with tempfile.TemporaryDirectory(prefix="clinic-size-") as folder:
        venv = Path(folder) / "venv"
        subprocess.run([sys.executable, "-m", "venv", venv, "--without-pip"], check=True)
        subprocess.run(_install(venv), check=True, cwd=CHECKOUT, capture_output=True)
        packages = _size(venv)
    listed = subprocess.run(
        ["git", "ls-files"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    own = [name for name in listed.stdout.split("\n") if name and not name.startswith(NOT_SHIPPED)]
    return packages + sum((CHECKOUT / name).stat().st_size for name in own) / 2**20


def _size(folder: Path) -> float:
    return sum(p.lstat().st_size for p in folder.rglob("*") if not p.is_dir()) / 2**20


def _install(venv: Path) -> list:
    """What installer/setup/packages.py does, into a folder that is thrown away."""
    vendored = next((CHECKOUT / "installer" / "vendor").glob("pip-*.whl"))
    wanted = CHECKOUT / "installer" / "requirements" / "runtime.txt"
    pip = [venv / "bin" / "python", vendored / "pip", "install", "--no-input", "--require-hashes"]
    return [*pip, "--disable-pip-version-check", "-r", wanted]
