"""What is installed, as one short text: when it is the same as before, nothing has to be done."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from installer.setup.paths import PROGRAM, DataDir, package

PASSED_OVER = {
    ".git", ".venv", "instances", "var", "tests", "node_modules", "wheels", "__pycache__",
}  # fmt: skip


def fingerprint(data: DataDir) -> str:
    """Changes with any program file of the checkout and any setting of the installation.

    A package says itself what it is: reading its thousands of files takes a slow disk long."""
    program = [PROGRAM.parent / "package.json"] if package() else _files(PROGRAM)
    return _digest([*program, data.env])


def static_fingerprint() -> str:
    """Changes with any static file, and with the packages that bring some."""
    folders = [PROGRAM / "static", *sorted(PROGRAM.glob("*/static"))]
    packages = PROGRAM / "installer" / "requirements" / "runtime.txt"
    return _digest([*(path for folder in folders for path in _files(folder)), packages])


def _digest(paths: list[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        if path.is_file():
            total.update(str(path.relative_to(path.anchor)).encode() + b"\0")
            total.update(hashlib.sha256(_content(path)).digest())
    return total.hexdigest()[:16]


def _content(path: Path) -> bytes:
    """Without what the running clinic takes up by itself (names.py)."""
    content = path.read_bytes()
    if path.name != ".env":
        return content
    lines = content.splitlines()
    return b"\n".join(line for line in lines if not line.startswith(b"CLINIC_ALLOWED_HOSTS="))


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in PASSED_OVER and not f.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and not name.endswith(".pyc"):
                yield Path(folder, name)
