"""What was built or downloaded once is kept, under a name that says what it was made from."""

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from installer.setup.errors import SetupError
from installer.setup.system import take_lock


def home() -> Path:
    """CLINIC_BUILD_CACHE, or a folder that may be deleted at any time."""
    chosen = os.environ.get("CLINIC_BUILD_CACHE")
    usual = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clinic-build"
    return Path(chosen).absolute() if chosen else usual


def key(*parts: str) -> str:
    """Short, and another one when any part changes."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def made(name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name`; `make` fills it when it isn't there. Half a folder is never found."""
    target = home() / name
    if target.is_dir():
        return target
    home().mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f"{name}.", suffix=".part", dir=home()))
    try:
        make(part)
        part.chmod(0o755)
        if not target.is_dir():  # somebody else may have been faster
            part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return target


@contextlib.contextmanager
def workshop(name: str = "compile") -> Iterator[Path]:
    """A folder to build in. Always of the same name, because names get into what is built."""
    folder = home() / f"work-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(home() / f"work-{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not take_lock(lock):
            raise SetupError(f"Another build is at work in {home()}; wait for it.")
        shutil.rmtree(folder)
        folder.mkdir()
        yield folder
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)
