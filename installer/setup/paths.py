"""Where things lie: the program, the Python it runs on, and one data directory for each clinic.

The program is a checkout with a virtual environment, or a package that `installer/build.sh` made:
one folder for each version that holds `app/` (the program), `python/` (its own Python with every
package) and `package.json`.
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from installer.setup.errors import SetupError
from installer.setup.system import WINDOWS, is_root, keep_private

PROGRAM = Path(__file__).resolve().parents[2]
KNOWN_NAMES = {"backups", "files", "keys", "logs", "run", "static", "tls"}
MADE_LATER = {"audit-checkpoints", "first", "mariadb", "program.json"}
WRITTEN_LATER = {
    *(".env", ".env.part", "upgrade.json", "upgrade.json.part", "program.json.part"),
    *("before-upgrade", "restored-settings.env"),
}
USUAL_INSTANCE = "clinic"
SYSTEM_PATH = "/usr/sbin:/usr/local/sbin:/sbin"  # not on an ordinary user's PATH


@dataclass(frozen=True)
class Package:
    """What was built; `package.json` says it."""

    version: str
    commit: str
    platform: str
    runtime: str  # where its Python comes from
    release: bool  # False: built with a Python that nobody may hand out


def package() -> Package | None:
    """The package that this program is part of; None in a checkout."""
    try:
        said = json.loads((PROGRAM.parent / "package.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    return Package(**{name: said[name] for name in Package.__dataclass_fields__})


def version() -> str:
    """The version of this program, for instance 0.9.0."""
    return (PROGRAM / "clinic" / "VERSION").read_text(encoding="utf-8").strip()


def venv_dir() -> Path:
    """The virtual environment: CLINIC_VENV names an existing one, which is used as it is."""
    return Path(os.environ.get("CLINIC_VENV") or PROGRAM / ".venv").absolute()


def interpreter() -> Path:
    """The Python that runs the application, with all its packages."""
    if package() and not os.environ.get("CLINIC_VENV"):
        folder = PROGRAM.parent / "python"
        return folder / "python.exe" if WINDOWS else folder / "bin" / "python3"
    return venv_dir() / "bin" / "python"


def find_program(name: str) -> str | None:
    """A program of the system's, those for administrators included."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}{os.pathsep}{SYSTEM_PATH}")


def data_home() -> Path:
    """The folder in which each instance has its data directory, unless it was given one."""
    if not package():
        return PROGRAM / "instances"
    if WINDOWS:
        return Path(os.environ.get("ProgramData", r"C:\ProgramData")) / "Clinic"
    if is_root():
        return Path("/var/lib/clinic")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "clinic"


def usual_data_dir(instance: str) -> Path:
    """Where an instance's data lie when nobody says otherwise; `var/` for a checkout's own."""
    if instance == USUAL_INSTANCE and not package():
        return PROGRAM / "var"
    return data_home() / instance


def wheel_dir() -> Path | None:
    """The folder of downloaded packages, when it holds any: then no network is used."""
    folder = Path(os.environ.get("CLINIC_WHEELS") or PROGRAM / "installer" / "wheels")
    if folder.is_dir() and any(folder.glob("*.whl")):
        return folder.absolute()
    if os.environ.get("CLINIC_WHEELS"):
        raise SetupError(f"CLINIC_WHEELS names {folder}, which holds no packages.")
    return None


@dataclass(frozen=True)
class DataDir:
    """The folder that is one installation; everything in it is private to its owner."""

    root: Path

    @property
    def env(self) -> Path:
        return self.root / ".env"

    @property
    def keyring(self) -> Path:
        return self.root / "keys" / "keyring.json"

    @property
    def tls(self) -> Path:
        return self.root / "tls"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def static(self) -> Path:
        return self.root / "static"

    def refuse_foreign(self) -> None:
        """An existing folder with other things in it is not taken over (its mode would change)."""
        if self.root in (PROGRAM, Path("/"), Path.home()):
            raise SetupError(
                f"{self.root} can't be the data directory: give it a folder of its own."
            )
        if self.root.exists() and not self.root.is_dir():
            raise SetupError(f"The data directory {self.root} is a file; give another --data-dir.")
        if not self.root.is_dir() or self.env.exists():
            return
        foreign = sorted(p.name for p in self.root.iterdir() if not self._ours(p.name))
        if foreign:
            raise SetupError(
                f"{self.root} holds other things ({foreign[0]}) and no installation; "
                "give an empty or new folder as --data-dir."
            )

    def refuse_others_things(self) -> None:
        """Before the folder goes as a whole."""
        if self.root in (Path("/"), Path.home(), PROGRAM, *PROGRAM.parents):
            raise SetupError(f"{self.root} is not removed: more than one clinic lies in it.")
        names = sorted(p.name for p in self.root.iterdir()) if self.root.is_dir() else []
        foreign = [name for name in names if not self._ours(name) and name not in WRITTEN_LATER]
        if foreign:
            raise SetupError(
                f"{self.root} holds other things, too ({foreign[0]}); move them away and run this "
                "again. Nothing was removed."
            )

    @staticmethod
    def _ours(name: str) -> bool:
        return name in KNOWN_NAMES | MADE_LATER or ".sqlite3" in name

    def mode_of(self, folder: Path) -> int:
        """As root the folder of a database server lies in ours and belongs to another account,
        which has to walk through."""
        passes = folder == self.root and is_root() and (self.root / "mariadb").exists()
        return 0o711 if passes else 0o700

    def create(self) -> None:
        """Make the folder and its rooms, readable by their owner alone."""
        self.refuse_foreign()
        try:
            for folder in (self.root, *(self.root / name for name in sorted(KNOWN_NAMES))):
                folder.mkdir(parents=True, exist_ok=True)
                keep_private(folder, self.mode_of(folder))
        except OSError as error:
            raise SetupError(
                f"The data directory {self.root} can't be made: {error.strerror}."
            ) from error
