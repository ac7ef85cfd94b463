"""The Linux packages: one self-extracting file, and a .deb that carries the same file."""

import shutil
import subprocess
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path

from installer.build import archive, borrowed, cache, collect, deb, elf, runtime, static, wheels
from installer.build.compiler import GLIBC
from installer.build.sbom import Runtime
from installer.build.source import Source
from installer.build.stamps import megabytes, settle
from installer.setup.errors import SetupError

HERE = Path(__file__).resolve().parent
SPARE_MB = 220  # the set-up itself asks for 200 MB beside what is unpacked
COMPILE = ["-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"]


@dataclass(frozen=True)
class Tree:
    """Everything that will be one version's folder, complete and settled."""

    root: Path
    source: Source
    floor: str
    mb: float


def build(options: Namespace) -> list[Path]:
    """`.run` and `.deb` in the folder `options.dist`."""
    with cache.workshop("package") as work:
        tree = make_tree(work / "tree", options.version, options.runtime)
        name = f"clinic-{tree.source.version}-linux-x86_64"
        run = options.dist / f"{name}.run"
        tool = runtime.xzdec().read_bytes() if options.runtime == "own" else b""
        _replace(run, run_file(tree, run.name, tool), 0o755)
        package = options.dist / f"{name}.deb"
        _replace(package, deb.package(tree.source, tree.floor, tree.mb, run), 0o644)
    print(f"Unpacked {tree.mb:.0f} MB; runs with glibc {tree.floor} or newer.")
    if tree.source.dirty:
        print("Marked as not for release: the checkout has changes that nobody committed.")
    if options.runtime != "own":
        print("Marked as not for release: it carries this machine's Python.")
    return [run, package]


def build_runtime(options: Namespace) -> list[Path]:
    """The Python alone; kept in the cache, where `linux` finds it."""
    print(f"The runtime is in {runtime.build()}.")
    return []


def make_tree(root: Path, version: str | None, kind: str) -> Tree:
    """The folder of one version, as it will lie on the target."""
    root.mkdir()
    python = root / "python"
    source = collect.program(root / "app", version)
    described = _runtime(python, kind)
    site = _site(python)
    short = runtime.VERSION if kind == "own" else borrowed.version()
    shipped = collect.packages(site, platform=wheels.LINUX, python=short)
    static.collect(root / "app")
    _compile(root)
    _command(root)
    real = elf.require_floor(root, GLIBC) if kind == "own" else elf.floor(root)
    collect.papers(
        root, source, shipped, platform="linux-x86_64", runtime=described, release=kind == "own"
    )
    settle(root, source.epoch)
    return Tree(root, source, str(real), megabytes(root))


def _runtime(python: Path, kind: str) -> Runtime:
    if kind == "debian":
        return borrowed.copy(python)
    shutil.copytree(runtime.build(), python, symlinks=True)
    return runtime.described()


def _site(python: Path) -> Path:
    """Where this Python looks for packages; Debian's looks elsewhere."""
    ask = "import site; print('\\n'.join(site.getsitepackages()))"
    done = subprocess.run(
        [python / "bin" / "python3", "-I", "-c", ask], capture_output=True, text=True, check=True
    )
    inside = [Path(line) for line in done.stdout.split("\n") if line.startswith(str(python))]
    if not inside:
        raise SetupError("The Python that was copied can't be moved to another folder.")
    return inside[-1]


def _compile(root: Path) -> None:
    """Bytecode by the Python that will read it, which never looks at its source's date."""
    folders = [root / "app", root / "python" / "lib"]
    subprocess.run(
        [root / "python" / "bin" / "python3", "-I", *COMPILE, "-s", root, "-p", "clinic", *folders],
        env={"PYTHONHASHSEED": "0"}, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def _command(root: Path) -> None:
    (root / "bin").mkdir()
    shutil.copy(HERE / "clinic.sh.in", root / "bin" / "clinic")
    (root / "bin" / "clinic").chmod(0o755)


def run_file(tree: Tree, name: str, tool: bytes) -> bytes:
    """The script in front, then the program that opens xz (if any), then the folder."""
    whole = archive.tar(tree.root, tree.source.epoch)
    payload = tool + (archive.squeezed_more(whole) if tool else archive.squeezed(whole))
    head = (HERE / "run-head.sh.in").read_text(encoding="utf-8")
    verbs = (tree.root / "app" / "installer" / "setup" / "verbs.py").read_text(encoding="utf-8")
    said = {
        "VERSION": tree.source.version,
        "FILE": name,
        "NEED_MB": str(int(tree.mb) + SPARE_MB),
        "FLOOR": tree.floor,
        "LINES": str(head.count("\n") + 1),
        "TOOL": str(len(tool)),
        "SIZE": str(len(payload)),
        "SHA256": archive.sha256(payload),
        "VERB": "arrive" if '"arrive"' in verbs else "install",
    }
    for key, value in said.items():
        head = head.replace(f"@{key}@", value)
    return head.encode() + payload


def _replace(path: Path, content: bytes, mode: int) -> None:
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.chmod(mode)
    part.replace(path)
