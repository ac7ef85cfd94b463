"""Which program serves which data.

Each data directory remembers in `program.json` which version served it last and which migrations
that program had. A program never serves data that are ahead of it; where several versions lie
beside one another (packages), the one that the data belong to is taken.
"""

import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from installer.setup.envfile import replace_file
from installer.setup.errors import SetupError
from installer.setup.paths import PROGRAM, DataDir, package, version
from installer.setup.system import WINDOWS

NOTE = "program.json"
ROOTS_HOME = Path("/opt/clinic")


@dataclass(frozen=True)
class Served:
    """What a data directory remembers."""

    version: str
    schema: tuple[str, ...]


def remembered(data: DataDir) -> Served | None:
    """None where nothing was ever served, or by a program that did not remember yet."""
    try:
        said = json.loads((data.root / NOTE).read_text(encoding="utf-8"))
        return Served(said["version"], tuple(said["schema"]))
    except (OSError, ValueError, KeyError):
        return None


def own() -> Served:
    """This program, as a data directory would remember it."""
    return Served(version(), schema(PROGRAM))


def schema(program: Path) -> tuple[str, ...]:
    """The migrations of the program's own apps, as `app/0001_initial`."""
    found = [*program.glob("*/migrations/[0-9]*.py"), *program.glob("*/*/migrations/[0-9]*.py")]
    return tuple(sorted(f"{path.parent.parent.name}/{path.stem}" for path in found))


def remember(data: DataDir, served: Served | None = None) -> None:
    """From now on the data belong to this program."""
    served = served or own()
    if remembered(data) != served:
        said = {"version": served.version, "schema": list(served.schema)}
        # Root may have written it, and the service's own account has to read it.
        replace_file(data.root / NOTE, json.dumps(said, indent=1).encode(), mode=0o644)


def order(text: str) -> tuple:
    """Versions in their order: 0.10 comes after 0.9, and 1.0.0-rc1 before 1.0.0."""
    numbers, _, rest = re.match(r"([\d.]*)(-?)(.*)", text).groups()
    early = bool(re.match(r"[\d.]*-", text))
    parts = tuple(int(number) for number in numbers.split(".") if number)
    return parts, not early, rest


def is_ahead(data: DataDir) -> bool:
    """Whether the data belong to a newer program than this one. Two checkouts may bear the same
    number: then the one that lacks a migration is the older one."""
    last = remembered(data)
    if last is None or order(last.version) < order(version()):
        return False
    return order(last.version) > order(version()) or bool(set(last.schema) - set(own().schema))


def is_behind(data: DataDir) -> bool:
    """Whether this program has to bring the data up to date before it may serve them."""
    last = remembered(data)
    return last is not None and last != own() and not is_ahead(data)


def refuse_newer(data: DataDir) -> None:
    last = remembered(data)
    if last and is_ahead(data):
        raise SetupError(
            f"The data in {data.root} belong to version {last.version}, which is newer than this "
            f"program ({version()}); use that version or a newer one."
        )


def refuse_other(data: DataDir) -> None:
    """Before serving: neither older nor newer data than this program's own."""
    refuse_newer(data)
    last = remembered(data)
    if last and is_behind(data):
        how = "run the newer package again" if package() else "run ./installer/install.sh"
        raise SetupError(
            f"The data in {data.root} are still those of version {last.version}; {how}, "
            "which brings them up to date."
        )


def home() -> Path | None:
    """The folder that holds `versions/` and `current`; None in a checkout."""
    folder = PROGRAM.parent.parent
    return folder.parent if package() and folder.name == "versions" else None


def folders() -> dict[str, Path]:
    """The versions that lie beside this one, by name, oldest first."""
    if not home():
        return {}
    found = [path.parent for path in home().glob("versions/*/package.json")]
    whole = [path for path in found if path.suffix not in (".part", ".old")]
    return {path.name: path for path in sorted(whole, key=lambda path: order(path.name))}


def folder_of(data: DataDir) -> Path | None:
    """The program folder that the data belong to, when it is another one and it is here."""
    last = remembered(data)
    return folders().get(last.version) if last and last.version != version() else None


def command(folder: Path, *arguments: str) -> list[str]:
    """How to run a verb of the version in `folder`."""
    python = folder / "python" / ("python.exe" if WINDOWS else "bin/python3")
    if os.environ.get("CLINIC_VENV"):
        python = Path(os.environ["CLINIC_VENV"]) / "bin" / "python"
    return [str(python), str(folder / "app" / "installer" / "setup"), *arguments]


def current() -> Path | None:
    """The version folder that is in use; None without a `current`."""
    link = home() and home() / "current"
    return link.resolve() if link and link.exists() else None


def point_to(folder: Path) -> None:
    """`current` becomes `folder`, in one step."""
    if WINDOWS or current() == folder:
        return
    part = home() / "current.part"
    part.unlink(missing_ok=True)
    part.symlink_to(Path("versions") / folder.name)
    part.replace(home() / "current")


def command_link() -> Path:
    """Where people's shells find the command."""
    if home() == ROOTS_HOME:
        return Path("/usr/local/bin/clinic")
    return Path.home() / ".local" / "bin" / "clinic"


def link_command() -> bool:
    """`clinic` is this installation's; False when it was already, or belongs to somebody else."""
    link, target = command_link(), home() and home() / "current" / "bin" / "clinic"
    if WINDOWS or not target or (link.is_symlink() and link.readlink() == target):
        return False
    if link.exists() and not link.is_symlink():
        return False
    link.parent.mkdir(parents=True, exist_ok=True)
    part = link.with_name(link.name + ".part")
    part.unlink(missing_ok=True)
    part.symlink_to(target)
    part.replace(link)
    return True


def unlink_command() -> bool:
    link, target = command_link(), home() and home() / "current" / "bin" / "clinic"
    if WINDOWS or not (link.is_symlink() and link.readlink() == target):
        return False
    link.unlink()
    return True


def take_place() -> bool:
    """This version is the one that `current` and the command mean; False when it was already."""
    if not home():
        return False
    moved = current() != folders()[version()]
    point_to(folders()[version()])
    return link_command() or moved


def previous() -> str:
    """The newest version before this one; empty when there is none."""
    older = [name for name in folders() if order(name) < order(version())]
    return older[-1] if older else ""


def remove_old(kept: set[str]) -> list[str]:
    """Let go of every older version but those that are to be kept."""
    older = [name for name in folders() if order(name) < order(version())]
    gone = [name for name in older if name not in kept]
    for name in gone:
        shutil.rmtree(folders()[name], ignore_errors=True)
    return gone
