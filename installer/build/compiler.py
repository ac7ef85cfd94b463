"""The C compiler for old systems, and how one library after the other is built with it."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from installer.build import cache
from installer.build.parts import Origin, source_file
from installer.build.wheels import pip_wheel
from installer.setup.errors import SetupError

GLIBC = "2.28"
HERE = Path(__file__).resolve().parent
TARGET = f"x86_64-linux-gnu.{GLIBC}"
# Hidden: what is linked into Python must not stand in for the copies that packages bring along.
FLAGS = "-O2 -g0 -fPIC -fno-sanitize=undefined -fvisibility=hidden"
# Paths of the build machine would make two builds differ.
WHERE = "-ffile-prefix-map={0}=. -fdebug-prefix-map={0}=. -fmacro-prefix-map={0}=."


def zig() -> Path:
    """The unpacked compiler."""
    wanted = (HERE / "toolchain.txt").read_text(encoding="utf-8")
    return cache.made(f"zig-{cache.key(wanted)}", _fetch_zig) / "ziglang"


def _fetch_zig(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(pip_wheel() / "pip"), "download", "--dest", str(folder), "--no-deps",
         "--require-hashes", "--only-binary=:all:", "--disable-pip-version-check", "--no-input",
         "--progress-bar", "off", "-r", str(HERE / "toolchain.txt")],
        capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SetupError("The compiler (ziglang) can't be downloaded from the package index.")
    wheel = next(folder.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)  # noqa: S202 # hash-checked
    wheel.unlink()
    (folder / "ziglang" / "zig").chmod(0o755)


def environment(work: Path) -> dict[str, str]:
    """CC, AR and RANLIB as programs of one word, as configure scripts like them."""
    tools = work / "tools"
    tools.mkdir(exist_ok=True)
    for name, words in (("cc", f"cc -target {TARGET}"), ("ar", "ar"), ("ranlib", "ranlib")):
        script = tools / f"zig-{name}"
        script.write_text(f'#!/bin/sh\nexec "{zig()}/zig" {words} "$@"\n')
        script.chmod(0o755)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "PATH": f"{tools}:{kept.get('PATH', '/usr/bin:/bin')}",
        "CC": "zig-cc",
        "AR": "zig-ar",
        "RANLIB": "zig-ranlib",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "SOURCE_DATE_EPOCH": "1700000000",
        "ZIG_GLOBAL_CACHE_DIR": str(cache.home() / "zig-objects"),
        "PKG_CONFIG_LIBDIR": "/nonexistent",  # nothing of the build machine gets in
    }


def unpacked(origin: Origin, work: Path) -> Path:
    """The release's sources in a folder of their own."""
    target = work / origin.name.lower()
    target.mkdir()
    with tarfile.open(source_file(origin)) as archive:
        archive.extractall(target)  # noqa: S202  # nosec B202 # its checksum was proved
    return next(path for path in target.iterdir() if path.is_dir())


def run(commands: str, folder: Path, env: dict[str, str]) -> None:
    """A few lines of shell, ended at the first failure; what they said is kept beside."""
    log = folder.parent / "build.log"
    with log.open("ab") as stream:
        done = subprocess.run(
            ["sh", "-exc", commands], cwd=folder, env=env, stdin=subprocess.DEVNULL,
            stdout=stream, stderr=stream, check=False,
        )  # fmt: skip
    if done.returncode:
        kept = cache.home() / f"failed-{folder.parent.name}.log"
        kept.write_bytes(log.read_bytes())
        raise SetupError(f"{folder.parent.name} can't be compiled; the details are in {kept}.")
