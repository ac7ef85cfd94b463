"""What is built: the committed state of this checkout, its version and its date."""

import io
import os
import re
import subprocess
import tarfile
from dataclasses import dataclass

from installer.setup.errors import SetupError
from installer.setup.paths import PROGRAM

VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+([.+-][0-9A-Za-z.+-]{1,30})?")

# Tracked, but nothing that an installation ever reads.
NOT_SHIPPED = (
    ".ci/", ".gitignore", ".readme/", "installer/build/", "installer/build.sh",
    "installer/vendor/", "installer/windows/", "installer/test.sh", "tests/",
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """One commit; `tree` differs from it when the checkout has changes that nobody committed."""

    version: str
    commit: str
    tree: str
    epoch: int
    dirty: bool

    @property
    def label(self) -> str:
        """What stands in the package: a changed checkout never passes for its commit."""
        return self.commit + ("-dirty" if self.dirty else "")


def look(version: str | None = None) -> Source:
    """The checkout as it is now."""
    commit = _git("rev-parse", "HEAD").strip()
    dirty = bool(_git("status", "--porcelain", "--untracked-files=no").strip())
    # `stash create` writes the changed files as a commit without touching anything.
    tree = _git("stash", "create").strip() if dirty else commit
    epoch = os.environ.get("SOURCE_DATE_EPOCH") or _git("log", "-1", "--format=%ct", commit)
    if not epoch.strip().isdigit():
        raise SetupError("SOURCE_DATE_EPOCH is no number of seconds.")
    return Source(_version(version), commit, tree or commit, int(epoch), dirty)


def _version(wanted: str | None) -> str:
    version = wanted or (PROGRAM / "clinic" / "VERSION").read_text(encoding="utf-8").strip()
    if not VERSION.fullmatch(version):
        raise SetupError(f"{version} is no version; give one like 1.2.0.")
    return version


def files(source: Source) -> dict[str, tuple[bytes, bool]]:
    """Name, content and whether it may be executed, of every file that is shipped."""
    archive = io.BytesIO(_git_bytes("archive", "--format=tar", source.tree))
    found = {}
    with tarfile.open(fileobj=archive) as tar:
        for member in tar:
            if member.isfile() and not member.name.startswith(NOT_SHIPPED):
                content = tar.extractfile(member).read()
                found[member.name] = (content, bool(member.mode & 0o100))
    found["clinic/VERSION"] = (f"{source.version}\n".encode(), False)
    return found


def _git(*arguments: str) -> str:
    return _git_bytes(*arguments).decode("utf-8", "replace")


def _git_bytes(*arguments: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", "-C", str(PROGRAM), *arguments], capture_output=True, check=False
        )
    except FileNotFoundError as error:
        raise SetupError("A package is built from a git checkout; git is not installed.") from error
    if done.returncode:
        last = (done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason"])[-1]
        raise SetupError(f"A package is built from a git checkout; git says: {last}")
    return done.stdout
