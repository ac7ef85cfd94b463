"""The runtime packages for another system or Python: chosen, downloaded, hash-checked, unpacked."""

import email.parser
import hashlib
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from installer.build import cache
from installer.setup.errors import SetupError
from installer.setup.paths import PROGRAM

LISTS = PROGRAM / "installer" / "requirements"
SHIPPED = ("runtime", "mysql-pure")
MARKER = re.compile(r"^([A-Za-z0-9._-]+==[^\s;]+)\s*;(.*?)(\s*\\)?$")

# Built against glibc 2.28 or older; pip takes the newest of these that a package offers.
LINUX = tuple(f"manylinux_2_{n}_x86_64" for n in (28, 27, 26, 24, 17, 12, 5)) + (
    "manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64",
)  # fmt: skip
WINDOWS = ("win_amd64",)

# In a wheel's folder of metadata: what says who made it, under which licence, and what it starts.
KEPT_METADATA = ("METADATA", "entry_points.txt", "top_level.txt")
LICENCE = re.compile(r"(^|/)(licen[cs]e|copying|notice|authors|sboms?)", re.IGNORECASE)
# Nobody reads Django's other 90 languages here, nor the sources of any translation.
LANGUAGES = ("en", "zh_Hans")
# Never imported by us, and large: Django's maps, and its own help for developers' projects.
UNUSED = ("django/contrib/gis/", "django/contrib/admindocs/", "django/contrib/flatpages/")
TESTS = re.compile(r"(^|/)(tests?|testing_data)/")


@dataclass(frozen=True)
class Wheel:
    """One package as it was downloaded."""

    file: str
    sha256: str
    name: str
    version: str
    licence: str
    homepage: str


def download(platforms: tuple[str, ...], python: str) -> Path:
    """A folder with every wheel of the shipped lists for that platform; from the cache when the
    lists are the same as before."""
    wanted = _requirements(platforms, python)
    key = cache.key("wheels", wanted, *platforms, python)
    return cache.made(f"wheels-{key}", lambda folder: _fetch(wanted, platforms, python, folder))


def _requirements(platforms: tuple[str, ...], python: str) -> str:
    """The lists with the target's choice made: pip would judge markers by the build's Python."""
    target = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": "win32" if platforms == WINDOWS else "linux",
        "platform_system": "Windows" if platforms == WINDOWS else "Linux",
        "os_name": "nt" if platforms == WINDOWS else "posix",
        "platform_machine": "AMD64" if platforms == WINDOWS else "x86_64",
        "implementation_name": "cpython",
    }
    text = "\n".join((LISTS / f"{name}.txt").read_text(encoding="utf-8") for name in SHIPPED)
    return "\n".join(_chosen(text.splitlines(), target)) + "\n"


def _chosen(lines: list[str], target: dict[str, str]):
    keeping = True
    for line in lines:
        if line.startswith("#") or line.strip().startswith("# "):
            continue
        found = MARKER.match(line)
        if not line.startswith((" ", "\t")):
            keeping = not found or _holds(found[2], target)
            line = f"{found[1]} \\" if found and found[3] else line
        if keeping and line.strip():
            yield line


def _holds(marker: str, target: dict[str, str]) -> bool:
    wheel = str(pip_wheel())
    if wheel not in sys.path:
        sys.path.append(wheel)
    from pip._vendor.packaging.markers import Marker  # the shipped pip's own reader

    return Marker(marker).evaluate(target)


def pip_wheel() -> Path:
    return next((PROGRAM / "installer" / "vendor").glob("pip-*.whl"))


def _fetch(wanted: str, platforms: tuple[str, ...], python: str, folder: Path) -> None:
    listed = folder / "requirements.txt"
    listed.write_text(wanted, encoding="utf-8")
    command = [
        sys.executable, pip_wheel() / "pip", "download", "--dest", folder, "--no-deps",
        "--require-hashes", "--only-binary=:all:", "--implementation", "cp",
        "--python-version", python, *(f"--platform={one}" for one in platforms),
        "--disable-pip-version-check", "--no-input", "--progress-bar", "off", "-r", listed,
    ]  # fmt: skip
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SetupError(_failure(done.stdout + done.stderr))


def _failure(output: str) -> str:
    if "DO NOT MATCH THE HASHES" in output:
        return "A downloaded package is not the one this version was made with."
    last = [line for line in output.splitlines() if line.startswith("ERROR: ")] or ["no reason"]
    return f"The packages can't be downloaded: {last[-1].removeprefix('ERROR: ')}"


def unpack(folder: Path, site: Path) -> list[Wheel]:
    """Every wheel into one site-packages folder; what no installation needs stays out."""
    return [_unpack_one(path, site) for path in sorted(folder.glob("*.whl"))]


def _unpack_one(path: Path, site: Path) -> Wheel:
    with zipfile.ZipFile(path) as archive:
        for item in archive.infolist():
            target = place(item.filename)
            if target and not item.is_dir():
                _write(archive.read(item), site / target, item.external_attr >> 16)
        meta = next(n for n in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", n))
        return _described(path, archive.read(meta).decode("utf-8", "replace"))


def place(name: str) -> str | None:
    """Where a wheel's file goes in site-packages; None when it is left out."""
    parts = name.split("/")
    if parts[0].endswith(".data"):
        if parts[1] not in ("purelib", "platlib"):
            return None  # scripts name the builder's Python; nothing here calls them
        parts = parts[2:]
    name = "/".join(parts)
    if ".." in parts or name.startswith("/"):
        raise SetupError(f"A package wants to write outside of its folder ({name}).")
    if parts[0].endswith(".dist-info"):
        return name if parts[1] in KEPT_METADATA or LICENCE.search(name) else None
    if name.endswith((".pyc", ".pyi", ".po", ".pot", ".c", ".h")) or TESTS.search(name):
        return None
    if name.startswith(UNUSED):
        return None
    if "locale" in parts[:-1] and parts[parts.index("locale") + 1] not in (
        *LANGUAGES,
        "__init__.py",
    ):
        return None
    return name


def _write(content: bytes, path: Path, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o755 if mode & 0o100 else 0o644)


def _described(path: Path, metadata: str) -> Wheel:
    said = email.parser.HeaderParser().parsestr(metadata)
    return Wheel(
        path.name,
        hashlib.sha256(path.read_bytes()).hexdigest(),
        said["Name"],
        said["Version"],
        _licence(said),
        _homepage(said),
    )


def _licence(said) -> str:
    """The SPDX expression; before packages had one, a short line or the trove classifier."""
    short = (said["License"] or "").strip()
    classified = [
        line.rpartition(" :: ")[2]
        for line in said.get_all("Classifier", [])
        if line.startswith("License :: ")
    ]
    if said["License-Expression"]:
        return said["License-Expression"]
    if short and "\n" not in short and len(short) < 60:
        return short
    return classified[0] if classified else ""


def _homepage(said) -> str:
    links = [line.partition(",") for line in said.get_all("Project-URL", [])]
    wanted = [url.strip() for label, _, url in links if label.lower() in ("homepage", "source")]
    return said["Home-page"] or (wanted[0] if wanted else "")
