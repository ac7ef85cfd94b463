"""Which C library, and which other libraries, the programs in a folder ask for.

Reads the dynamic section and the version needs of 64-bit little-endian ELF files by itself, so
that the floor is checked on every build machine.
"""

import re
import struct
from dataclasses import dataclass
from pathlib import Path

from installer.build.stamps import every
from installer.setup.errors import SetupError

DYNAMIC, STRTAB_OF, VERNEED = 6, 5, 0x6FFFFFFE
NEEDED = 1
GLIBC = re.compile(r"GLIBC_(\d+(?:\.\d+)+)")
# Parts of glibc itself; a system without them has no programs at all.
SYSTEM = {
    "libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libutil.so.1",
    "ld-linux-x86-64.so.2", "libresolv.so.2", "libcrypt.so.1",
}  # fmt: skip
# Of gcc, not of glibc, yet on every system that has a package manager or a desktop.
USUAL = {"libgcc_s.so.1"}


@dataclass(frozen=True)
class Needs:
    """What one file asks for."""

    libraries: frozenset[str]
    glibc: tuple[int, ...]


def needs(path: Path) -> Needs | None:
    """None for what is no 64-bit ELF file, or a static one."""
    with path.open("rb") as stream:
        if stream.read(5) != b"\x7fELF\x02":
            return None
        data = b"\x7fELF\x02" + stream.read()
    sections = list(_sections(data))
    dynamic = next((s for s in sections if s[0] == DYNAMIC), None)
    if dynamic is None:
        return None
    names = sections[dynamic[3]]
    libraries = frozenset(
        _text(data, names[1] + value) for tag, value in _entries(data, dynamic) if tag == NEEDED
    )
    versions = [
        version for s in sections if s[0] == VERNEED for version in _versions(data, s, sections)
    ]
    return Needs(libraries, max(versions, default=(0,)))


def _sections(data: bytes):
    """Type, offset, size and link of every section."""
    start = struct.unpack_from("<Q", data, 0x28)[0]
    size, count = struct.unpack_from("<HH", data, 0x3A)
    for number in range(count):
        at = start + number * size
        kind = struct.unpack_from("<I", data, at + 4)[0]
        offset, length, link = struct.unpack_from("<QQI", data, at + 0x18)
        yield kind, offset, length, link


def _entries(data: bytes, dynamic: tuple):
    for at in range(dynamic[1], dynamic[1] + dynamic[2], 16):
        yield struct.unpack_from("<qQ", data, at)


def _versions(data: bytes, section: tuple, sections: list[tuple]):
    strings, at = sections[section[3]][1], section[1]
    while True:
        count, _, first, following = struct.unpack_from("<HIII", data, at + 2)
        where = at + first
        for _ in range(count):
            name, step = struct.unpack_from("<II", data, where + 8)
            found = GLIBC.fullmatch(_text(data, strings + name))
            if found:
                yield tuple(int(part) for part in found[1].split("."))
            where += step
        if not following:
            return
        at += following


def _text(data: bytes, at: int) -> str:
    return data[at : data.index(b"\0", at)].decode()


@dataclass(frozen=True)
class Floor:
    """The oldest glibc that serves everything in a folder, and the file that asks most."""

    glibc: tuple[int, ...]
    by: str
    files: int

    def __str__(self) -> str:
        return ".".join(map(str, self.glibc))


def floor(root: Path) -> Floor:
    """Looks at every file; refuses one that needs a library that the package doesn't bring."""
    found = {
        path: said
        for path in every(root)
        if path.is_file() and not path.is_symlink() and (said := needs(path))
    }
    brought = {path.name for path in found}
    for path, said in found.items():
        if missing := sorted(said.libraries - SYSTEM - USUAL - brought):
            raise SetupError(f"{path.relative_to(root)} needs {missing[0]}, which is not inside.")
    most = max(found, key=lambda path: (found[path].glibc, str(path)))
    return Floor(found[most].glibc, str(most.relative_to(root)), len(found))


def require_floor(root: Path, claimed: str) -> Floor:
    """The floor, when it is no higher than what is claimed."""
    real = floor(root)
    if real.glibc > tuple(int(part) for part in claimed.split(".")):
        raise SetupError(
            f"{real.by} needs glibc {real}, but the package is said to run with {claimed}."
        )
    return real
