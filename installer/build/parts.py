"""What the Linux runtime is compiled from: names, versions, checksums.

Debian carries these as unchanged upstream releases; apt-get fetches them from the suites below
with a configuration of its own. A build machine without apt-get, or a mirror that has moved on,
takes them from the folder CLINIC_BUILD_SOURCES: the checksum decides, not the road.
Before each release: raise the versions to the newest fixes and the checksums with them.
"""

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from installer.build import cache
from installer.build.sbom import Part
from installer.setup.errors import SetupError

SUITES = ("bookworm", "trixie", "forky", "sid")
MIRROR = "http://deb.debian.org/debian"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


@dataclass(frozen=True)
class Origin:
    """One upstream release, as Debian's source package `source` has it."""

    name: str
    version: str
    licence: str
    source: str
    file: str
    sha256: str
    homepage: str

    @property
    def part(self) -> Part:
        return Part(self.name, self.version, self.licence, self.sha256, self.homepage)


PYTHON = Origin(
    "CPython", "3.13.15", "Python-2.0", "python3.13=3.13.15-1", "python3.13_3.13.15.orig.tar.xz",
    "1e66a7945a48390ee4c2a4268a0e4185884059a13c4aab6d148aa208deea4a76", "https://www.python.org",
)  # fmt: skip
OPENSSL = Origin(
    "OpenSSL", "3.5.7", "Apache-2.0", "openssl=3.5.7-1~deb13u2", "openssl_3.5.7.orig.tar.gz",
    "a8c0d28a529ca480f9f36cf5792e2cd21984552a3c8e4aa11a24aa31aeac98e8", "https://openssl.org",
)  # fmt: skip
SQLITE = Origin(
    "SQLite", "3.53.4", "blessing", "sqlite3=3.53.4-2", "sqlite3_3.53.4.orig.tar.xz",
    "05366adc8ee80c6b1faa71285b49d133c2121238ca58934b077fdeb95934abd4", "https://sqlite.org",
)  # fmt: skip
ZLIB = Origin(
    "zlib", "1.3.2", "Zlib", "zlib=1:1.3.dfsg+really1.3.2-4",
    "zlib_1.3.dfsg+really1.3.2.orig.tar.gz",
    "7b6903eb019983987b7112eccf90f1703f1c6c0e0cede36564bf611d19ca579d", "https://zlib.net",
)  # fmt: skip
LIBFFI = Origin(
    "libffi", "3.4.4", "MIT", "libffi=3.4.4-1", "libffi_3.4.4.orig.tar.gz",
    "d66c56ad259a82cf2a9dfc408b32bf5da52371500b84745f7fb8b645712df676",
    "https://sourceware.org/libffi",
)  # fmt: skip
BZIP2 = Origin(
    "bzip2", "1.0.8", "bzip2-1.0.6", "bzip2", "bzip2_1.0.8.orig.tar.gz",
    "ab5a03176ee106d3f0fa90e381da478ddae405918153cca248e682cd0c4a2269",
    "https://sourceware.org/bzip2",
)  # fmt: skip
XZ = Origin(
    "xz", "5.8.4", "0BSD", "xz-utils=5.8.4-1", "xz-utils_5.8.4.orig.tar.xz",
    "4ce24038fd4221e0d13bc1a2de7a4db56e90b92b3bf75321f6c14be73f65de4b", "https://tukaani.org/xz",
)  # fmt: skip
LIBRARIES = (OPENSSL, SQLITE, ZLIB, LIBFFI, BZIP2, XZ)


def source_file(origin: Origin) -> Path:
    """The release's archive, its checksum proved."""
    return (
        cache.made(f"source-{origin.sha256[:16]}", lambda folder: _fetch(origin, folder))
        / origin.file
    )


def _fetch(origin: Origin, folder: Path) -> None:
    beside = os.environ.get("CLINIC_BUILD_SOURCES")
    lying = Path(beside or "/nonexistent") / origin.file
    if lying.is_file():
        shutil.copyfile(lying, folder / origin.file)
    else:
        _ask_debian(origin, folder)
    found = hashlib.sha256((folder / origin.file).read_bytes()).hexdigest()
    if found != origin.sha256:
        raise SetupError(f"{origin.file} is not the file that this version is built from.")


def _ask_debian(origin: Origin, folder: Path) -> None:
    """apt-get with its own sources and lists: the system's stay untouched."""
    missing = (
        f"{origin.file} can't be had here; put it into a folder and name that in "
        "CLINIC_BUILD_SOURCES."
    )
    if not shutil.which("apt-get"):
        raise SetupError(missing)
    lists = cache.made(f"apt-{cache.key(MIRROR, *SUITES)}", _prepare_apt)
    done = subprocess.run(
        ["apt-get", "source", "--download-only", "--tar-only", "-q", origin.source],
        cwd=folder,
        env={**os.environ, "APT_CONFIG": str(_configured(lists))},
        capture_output=True,
        check=False,
    )
    if done.returncode or not (folder / origin.file).is_file():
        raise SetupError(missing)


def _prepare_apt(folder: Path) -> None:
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    (folder / "sources.list").write_text(
        "".join(f"deb-src [signed-by={KEYRING}] {MIRROR} {suite} main\n" for suite in SUITES)
    )
    done = subprocess.run(
        ["apt-get", "update", "-q"],
        env={**os.environ, "APT_CONFIG": str(_configured(folder))},
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise SetupError("Debian's lists of source packages can't be fetched.")


def _configured(folder: Path) -> Path:
    """Written again each time: the folder gets its lasting name only when it is complete."""
    path = folder / "apt.conf"
    path.write_text(
        f'Dir::Etc::sourcelist "{folder}/sources.list";\n'
        'Dir::Etc::sourceparts "/dev/null";\n'
        f'Dir::State::lists "{folder}/lists";\n'
        f'Dir::State::status "{folder}/status";\n'
        f'Dir::Cache "{folder}/cache";\n'
        'APT::Sandbox::User "root";\n'
    )
    return path
