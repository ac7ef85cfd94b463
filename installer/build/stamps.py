"""Everything of one date and in one order, so that two builds of one commit are equal."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        total = hashlib.sha256()
        while block := stream.read(1 << 20):
            total.update(block)
    return total.hexdigest()


def every(root: Path) -> Iterator[Path]:
    """All files, links and folders below `root`, in the same order everywhere."""
    for path in sorted(root.iterdir(), key=lambda p: p.name):
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from every(path)


def settle(root: Path, epoch: int) -> None:
    """The same date and the same rights for the same content, whoever builds."""
    for path in every(root):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)
        os.utime(path, (epoch, epoch), follow_symlinks=False)
    os.utime(root, (epoch, epoch))


def megabytes(root: Path) -> float:
    return sum(p.lstat().st_size for p in every(root) if not p.is_dir()) / 1e6
