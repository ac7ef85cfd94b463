"""The software bill of materials, as CycloneDX 1.5: what is inside, by whom, under what licence."""

import hashlib
import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from installer.build.source import Source
from installer.build.wheels import Wheel

SPDX = re.compile(r"[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*")
# What authors wrote before there was a common language for it.
COMMON = {
    "BSD License": "BSD-3-Clause", "BSD": "BSD-3-Clause", "MIT License": "MIT",
    "Apache Software License": "Apache-2.0", "Apache 2.0": "Apache-2.0",
    "MIT license": "MIT", "3-Clause BSD License": "BSD-3-Clause",
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """Something that was not a wheel: the Python, a library inside it, a vendored file."""

    name: str
    version: str
    licence: str
    sha256: str
    homepage: str = ""


@dataclass(frozen=True)
class Runtime:
    """The Python inside, and what was built into it."""

    described: str  # one line for package.json
    parts: list[Part] = field(default_factory=list)


def document(made_of: Source, shipped: list[Wheel], runtime: Runtime, app: Path) -> dict:
    """Equal for equal input: the serial number is drawn from the content."""
    components = [
        *(_of_part(part) for part in runtime.parts),
        *(_of_wheel(wheel) for wheel in shipped),
        *(_of_part(part) for part in vendored(app)),
    ]
    components.sort(key=lambda one: (one["type"], one["name"].lower(), one["version"]))
    seed = repr((made_of.label, made_of.version, components))
    moment = datetime.fromtimestamp(made_of.epoch, timezone.utc)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, seed)}",
        "version": 1,
        "metadata": {
            "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application",
                "bom-ref": "clinic",
                "name": "clinic",
                "version": made_of.version,
                "properties": [{"name": "commit", "value": made_of.label}],
            },
        },
        "components": components,
    }


def _of_wheel(wheel: Wheel) -> dict:
    name = re.sub(r"[-_.]+", "-", wheel.name).lower()
    return {
        **_of_part(
            Part(wheel.name, wheel.version, wheel.licence, wheel.sha256, wheel.homepage),
            reference=f"pkg:pypi/{name}@{wheel.version}",
        ),
        "purl": f"pkg:pypi/{name}@{wheel.version}",
        "properties": [{"name": "file", "value": wheel.file}],
    }


def _of_part(part: Part, reference: str = "") -> dict:
    said = {
        "type": "library",
        "bom-ref": reference or f"{part.name}@{part.version}",
        "name": part.name,
        "version": part.version,
        "licenses": [_licence(part.licence)],
        "hashes": [{"alg": "SHA-256", "content": part.sha256}],
    }
    if part.homepage:
        said["externalReferences"] = [{"type": "website", "url": part.homepage}]
    return said


def _licence(said: str) -> dict:
    known = COMMON.get(said, said)
    if " " not in known and SPDX.fullmatch(known):
        return {"license": {"id": known}}
    if SPDX.fullmatch(known):
        return {"expression": known}
    return {"license": {"name": known or "unknown"}}


def vendored(app: Path) -> list[Part]:
    """Other people's files that lie in the program itself: each folder has its VERSION."""
    found = []
    for note in sorted((app / "static" / "vendor").glob("*/VERSION")):
        # "Bootstrap 5.3.9, MIT licence (LICENSE)."
        said = re.match(r"(\S+) (\S+), (\S+) licence", note.read_text(encoding="utf-8"))
        total = hashlib.sha256()
        for path in sorted(note.parent.iterdir()):
            total.update(path.name.encode() + b"\0" + path.read_bytes())
        found.append(Part(said[1], said[2], said[3], total.hexdigest()))
    return found
