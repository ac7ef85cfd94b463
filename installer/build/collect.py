"""What every package is made of, on whichever system it will run: program, packages, papers."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

from installer.build import sbom, source, wheels
from installer.build.source import Source
from installer.build.wheels import Wheel


def program(dest: Path, version: str | None = None) -> Source:
    """The shipped files of the checkout's commit into `dest`; `clinic/VERSION` says `version`."""
    made_of = source.look(version)
    for name, (content, executable) in source.files(made_of).items():
        path = dest / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o755 if executable else 0o644)
    return made_of


def packages(dest: Path, *, platform: tuple[str, ...], python: str) -> list[Wheel]:
    """Every runtime package for that platform (`wheels.LINUX` or `wheels.WINDOWS`) and Python
    ("3.13") into the folder `dest`."""
    return wheels.unpack(wheels.download(platform, python), dest)


def papers(
    dest: Path, made_of: Source, shipped: list[Wheel], *,
    platform: str, runtime: sbom.Runtime, release: bool,
) -> None:  # fmt: skip
    """package.json (paths.Package reads it) and sbom.json."""
    said = {
        "version": made_of.version,
        "commit": made_of.label,
        "platform": platform,
        "runtime": runtime.described,
        "release": release and not made_of.dirty,
    }
    _write_json(dest / "package.json", said)
    _write_json(dest / "sbom.json", sbom.document(made_of, shipped, runtime, dest / "app"))


def _write_json(path: Path, content: dict) -> None:
    text = json.dumps(content, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def settle(root: Path, epoch: int) -> None:
    """The same date and the same rights for the same content, whoever builds."""
    for path in every(root):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)
        os.utime(path, (epoch, epoch), follow_symlinks=False)
    os.utime(root, (epoch, epoch))


def every(root: Path) -> Iterator[Path]:
    """All files, links and folders below `root`, in the same order everywhere."""
    for path in sorted(root.iterdir(), key=lambda p: p.name):
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from every(path)


def megabytes(root: Path) -> float:
    return sum(p.lstat().st_size for p in every(root) if not p.is_dir()) / 1e6
