"""What every package is made of, on whichever system it will run: program, packages, papers."""

import json
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
