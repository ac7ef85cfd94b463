"""The programs of a MariaDB server: installed, lying beside the installer, or fetched by apt."""

import hashlib
import os
import re
import secrets
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

from installer.setup import mariadb_account, ownership
from installer.setup.errors import SetupError
from installer.setup.paths import PROGRAM, find_program
from installer.setup.run import Log, run
from installer.setup.system import WINDOWS, is_root

LOWEST = (10, 6)
BESIDE = "CLINIC_BESIDE"  # the folder in which the installer's own file lies
PATTERNS = ("mariadb-server*.deb", "mariadb-*.tar.gz") if not WINDOWS else ("mariadb-*.zip",)
OTHER_PACKAGES = ("mariadb-*.deb", "lib*.deb")
UNPACKED = "server"
NONE = (
    "--database mariadb finds no MariaDB 10.6 or newer here; install mariadb-server, or put its "
    "package with a .sha256 file beside the installer."
)
END = ".exe" if WINDOWS else ""


@dataclass(frozen=True)
class Server:
    """Where the programs lie; `base` is None where the system knows them."""

    daemon: str
    install: str
    upgrade: str
    base: Path | None = None
    version: str = ""

    def install_command(self, folder: Path, owner: str, other: str) -> list[str]:
        """Makes a new server's own tables in `folder`; nobody keeps a password of its
        administrator."""
        if WINDOWS:
            return [self.install, f"--datadir={folder}", f"--password={secrets.token_urlsafe(32)}"]
        return [
            self.install,
            "--no-defaults",
            *([f"--basedir={self.base}"] if self.base else []),
            f"--datadir={folder}",
            "--skip-test-db",
            "--auth-root-authentication-method=socket",
            f"--auth-root-socket-user={owner}",
            *([f"--user={other}"] if other else []),
        ]

    def places(self) -> dict[str, Path]:
        """For my.cnf: where an unpacked server finds its parts."""
        if not self.base:
            return {}
        messages = next(
            (p for p in (self.base / "share" / "mysql", self.base / "share") if p.is_dir()),
            self.base / "share",
        )
        plugins = [p.parent for p in self.base.rglob("auth_*.so")] or [self.base / "lib" / "plugin"]
        return {"basedir": self.base, "lc-messages-dir": messages, "plugin-dir": plugins[0]}

    def environment_changes(self) -> dict[str, str]:
        if not self.base or WINDOWS:
            return {}
        libraries = sorted({str(p.parent) for p in self.base.rglob("lib*.so.*")})
        return {"LD_LIBRARY_PATH": ":".join(libraries)} if libraries else {}

    def environment(self) -> dict[str, str]:
        return {**os.environ, **self.environment_changes()}

    def knows(self, line: str) -> bool:
        """Whether a line of the settings means something on this system."""
        of_unix = ("innodb_flush_method", "skip-symbolic-links", "skip-networking")
        return not (WINDOWS and line.startswith(of_unix))


def find(folder: Path) -> Server | None:
    """The one that was unpacked for this installation, else the system's; None without one."""
    return _unpacked(folder / UNPACKED) or _installed()


def _installed() -> Server | None:
    names = ("mariadbd", "mariadb-install-db", "mariadb-upgrade")
    found = [find_program(name) for name in names]
    if not all(found[:2]):
        return None
    return _fit(Server(found[0], found[1], found[2] or ""))


def _unpacked(folder: Path) -> Server | None:
    if not folder.is_dir():
        return None
    found = {
        name: next((p for p in folder.rglob(name + END) if p.is_file()), None)
        for name in ("mariadbd", "mariadb-install-db", "mariadb-upgrade")
    }
    if not (found["mariadbd"] and found["mariadb-install-db"]):
        return None
    base = found["mariadbd"].parent.parent
    programs = [str(found[name] or "") for name in found]
    return _fit(Server(*programs, base=base))


def _fit(server: Server) -> Server | None:
    """With its version; None for one that does not run here or is too old."""
    done = subprocess.run(
        [server.daemon, "--no-defaults", "--version"],
        env=server.environment(), capture_output=True, text=True, check=False,
        **(ownership.run_as(server.base) if server.base else {}),
    )  # fmt: skip
    found = re.search(r"Ver (\d+\.\d+\.\d+)-MariaDB", done.stdout)
    if not found or tuple(map(int, found[1].split(".")))[:2] < LOWEST:
        return None
    return Server(server.daemon, server.install, server.upgrade, server.base, found[1])


def require_source(folder: Path) -> None:
    """Before anything is touched: there is a server, or a place to take one from."""
    may_fetch = not WINDOWS and is_root() and find_program("apt-get")
    if not (find(folder) or beside() or may_fetch):
        raise SetupError(NONE)


def obtain(folder: Path, log: Log) -> Server:
    """A server that runs here; nothing is fetched where one is there already."""
    found = find(folder)
    if found:
        return found
    lying = beside()
    if lying:
        unpack(lying, folder / UNPACKED)
        found = _unpacked(folder / UNPACKED)
        if not found:
            shutil.rmtree(folder / UNPACKED, ignore_errors=True)
            raise SetupError(f"The MariaDB in {lying.name} does not run on this system.")
        return found
    if not WINDOWS and is_root() and find_program("apt-get"):
        _by_apt(log)
    found = find(folder)
    if not found:
        raise SetupError(NONE)
    return found


def _by_apt(log: Log) -> None:
    """Debian's package, without starting the server that it would start for everybody."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    wanted = ["mariadb-server-core", "mariadb-client-core"]  # no service of its own among them
    for words in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *wanted]):
        if run([find_program("apt-get"), *words], log=log, env=environment).returncode:
            return
    _ensure_account(log)


def _ensure_account(log: Log) -> None:
    if not mariadb_account.exists(mariadb_account.ACCOUNT):
        run(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin",
             mariadb_account.ACCOUNT],
            log=log)  # fmt: skip


# --- a file beside the installer ------------------------------------------------------------------


def beside() -> Path | None:
    """The server's own file among those that lie beside the installer."""
    for folder in (os.environ.get(BESIDE), PROGRAM / "installer" / "mariadb"):
        for pattern in PATTERNS if folder else ():
            found = sorted(Path(folder).glob(pattern))
            if found:
                return found[-1]
    return None


def unpack(path: Path, target: Path) -> None:
    """Check it and everything it needs against their checksums, then unpack into `target`."""
    others = {p for pattern in OTHER_PACKAGES for p in path.parent.glob(pattern)} - {path}
    files = [path, *(sorted(others) if path.suffix == ".deb" else [])]
    for file in files:
        require_checksum(file)
    shutil.rmtree(target, ignore_errors=True)
    part = target.with_name(target.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True, mode=0o755)
    for file in files:
        _unpack_one(file, part)
    part.replace(target)


def _unpack_one(file: Path, folder: Path) -> None:
    """Its checksum was right: it is what its giver made."""
    if file.suffix == ".zip":
        try:
            with zipfile.ZipFile(file) as archive:
                archive.extractall(folder)  # noqa: S202
        except (zipfile.BadZipFile, OSError) as error:
            raise SetupError(f"{file.name} can't be unpacked; copy it anew.") from error
        return
    words = ["dpkg-deb", "-x", file, folder] if file.suffix == ".deb" else _untar(file, folder)
    if subprocess.run(words, capture_output=True, check=False).returncode:
        raise SetupError(f"{file.name} can't be unpacked; copy it anew.")


def _untar(file: Path, folder: Path) -> list:
    return ["tar", "-xf", file, "-C", folder, "--no-same-owner"]


def require_checksum(path: Path) -> None:
    """What `NAME.sha256` or `SHA256SUMS` beside it says; without either it is not touched."""
    said = None
    for name in (f"{path.name}.sha256", "SHA256SUMS"):
        listed = path.with_name(name)
        if said is None and listed.is_file():
            said = _listed(listed.read_text(encoding="utf-8"), path.name)
    if not said:
        raise SetupError(f"The checksum of {path.name} is not beside it ({path.name}.sha256).")
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(2**20):
            digest.update(piece)
    if digest.hexdigest() != said:
        raise SetupError(f"{path.name} is not what its checksum says; copy it anew.")


def _listed(text: str, name: str) -> str | None:
    for line in text.splitlines():
        words = line.split()
        if words and re.fullmatch(r"[0-9a-fA-F]{64}", words[0]):
            if len(words) == 1 or words[-1].lstrip("*") == name:
                return words[0].lower()
    return None
