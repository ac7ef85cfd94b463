"""Where things lie: the checkout, the virtual environment and one data directory."""

import os
from dataclasses import dataclass
from pathlib import Path

from installer.setup.errors import SetupError

CHECKOUT = Path(__file__).resolve().parents[2]
KNOWN_NAMES = {"backups", "files", "keys", "logs", "run", "static", "tls"}


def venv_dir() -> Path:
    """The virtual environment: CLINIC_VENV names an existing one, which is used as it is."""
    return Path(os.environ.get("CLINIC_VENV") or CHECKOUT / ".venv").absolute()


def venv_python() -> Path:
    return venv_dir() / "bin" / "python"


def wheel_dir() -> Path | None:
    """The folder of downloaded packages, when it holds any: then no network is used."""
    folder = Path(os.environ.get("CLINIC_WHEELS") or CHECKOUT / "installer" / "wheels")
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
        if self.root in (CHECKOUT, Path("/"), Path.home()):
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

    @staticmethod
    def _ours(name: str) -> bool:
        return name in KNOWN_NAMES or ".sqlite3" in name

    def create(self) -> None:
        """Make the folder and its rooms, readable by their owner alone."""
        self.refuse_foreign()
        try:
            for folder in (self.root, *(self.root / name for name in sorted(KNOWN_NAMES))):
                folder.mkdir(parents=True, exist_ok=True)
                folder.chmod(0o700)
        except OSError as error:
            raise SetupError(
                f"The data directory {self.root} can't be made: {error.strerror}."
            ) from error
