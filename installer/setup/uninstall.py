"""`clinic uninstall`: programs, service and command go; data stay unless somebody names them."""

import os
import shutil
import sys
from argparse import Namespace
from pathlib import Path

from installer.setup import (
    control,
    desktop,
    envfile,
    everyday,
    instances,
    mariadb_private,
    ownership,
    service,
    versions,
    words,
)
from installer.setup.errors import SetupError
from installer.setup.fronts import volatile_dir
<<<<<<< HEAD
from installer.setup.paths import DataDir, data_home, package, venv_dir
from installer.setup.system import WINDOWS, remove_tree
=======
from installer.setup.paths import PROGRAM, DataDir, data_home, package, venv_dir
from installer.setup.run import Log
from installer.setup.system import WINDOWS, is_root, remove_tree
>>>>>>> eyewin

LOG = "uninstall.log"
UNLOCKS = "CLINIC_KEYRING_PASSPHRASE_FILE"


def uninstall_verb(arguments: list[str]) -> int:
    """With --instance only that one goes; without, all of them and the programs."""
    parser = everyday.parser("uninstall")
    parser.add_argument("--with-data", action="store_true", help="remove data and keys as well")
    parser.add_argument("--yes", metavar="NAME", help="the instance whose data may go")
    options = parser.parse_args(arguments)
    going = everyday.named(options)
    if WINDOWS and going:  # its uninstaller may be silent
        words.record(Log(going[0].logs / LOG), PROGRAM.parent / LOG)
    if options.with_data:
        require_name(options, going)
    for data in going:
        leave(data, with_data=options.with_data)
    left = [data for data in everyday.all_instances() if data.root not in [d.root for d in going]]
    if not left and not (options.instance or options.data_dir and everyday.all_instances()):
        remove_programs()
    if not going:
        words.say("There was no installation.")
    return 0


def require_name(options: Namespace, going: list[DataDir]) -> None:
    """Data go only when somebody names what is to go."""
    if len(going) != 1:
        raise SetupError("--with-data takes one clinic at a time; name it with --instance.")
    going[0].refuse_others_things()
    name = envfile.read(going[0].env).get("CLINIC_INSTANCE", "")
    if not name:
        raise SetupError(f"Nothing is installed in {going[0].root}.")
    given = options.yes
    if given is None and sys.stdin.isatty():
        words.say(f"All patients' data and keys in {going[0].root} will be removed for good.")
        words.say(f"Type {name} to agree:")
        given = sys.stdin.readline().strip()
    if given != name:
        raise SetupError(f"Nothing was removed: the data go only with --yes {name}.")


def uninstall(data: DataDir) -> int:
    """install.sh --uninstall: this installation's service and programs, no data."""
    found = data.env.exists()
    leave(data, with_data=False)
    remove_programs()
    if not found:
        words.say(f"There was no installation in {data.root}.")
    return 0


def leave(data: DataDir, *, with_data: bool) -> None:
    """Nothing of this instance runs or starts again; its data stay, or go."""
    desktop.remove(data)
    if service.remove(data):
        words.say("Service removed.")
    if control.stop(data):
        words.say("Stopped.")
    if not data.env.exists():
        return
    remove_volatile(data)
    if with_data:
        remove_data(data)
    else:
        words.say(f"All data were kept in {data.root}; delete that folder yourself if they may go.")


def remove_volatile(data: DataDir) -> None:
    """What a killed server left in memory; the folder is made anew when it is asked for."""
    folder = volatile_dir(data)
    if folder != data.run:
        shutil.rmtree(folder, ignore_errors=True)


def remove_data(data: DataDir) -> None:
    settings = envfile.read(data.env)
    if mariadb_private.is_used(data):
        settings.pop("DATABASE_URL")  # goes with the rest
    if settings.get(UNLOCKS):
        remove_passphrase(data, Path(settings[UNLOCKS]))
    name, account = service.name_of(data), ownership.run_as_owner(data)
    remove_tree(data.root)
    if data.root.exists():
        raise SetupError(f"{data.root} could not be removed as a whole; remove it by hand.")
    instances.forget(data)
    if account:
        service.remove_account(name, account["user"])
    words.say(f"Data and keys in {data.root} were removed.")
    for name in ("DATABASE_URL", "CLINIC_BACKUP_DIR"):
        if settings.get(name):
            words.say(f"What {name} names lies elsewhere and was left as it is.")
    if data_home().is_dir() and not any(data_home().iterdir()):
        data_home().rmdir()


def remove_passphrase(data: DataDir, path: Path) -> None:
    """Only what the data's own account may remove: its settings could name any file."""
    try:
        with ownership.as_owner(data):
            path.unlink(missing_ok=True)
    except OSError:
        words.say(f"What {UNLOCKS} names lies elsewhere and was left as it is.")


def remove_programs() -> None:
    """The command and every version; Windows' own uninstaller does that there."""
    if package():
        versions.unlink_command()
        if versions.home() and not WINDOWS:
            _remove_home(versions.home())
    elif not os.environ.get("CLINIC_VENV") and venv_dir().exists():
        shutil.rmtree(venv_dir())
        words.say(f"Removed {venv_dir()}.")


def _remove_home(home: Path) -> None:
    for name in ("current", "current.part"):
        (home / name).unlink(missing_ok=True)
    shutil.rmtree(home / "versions")
    if not any(home.iterdir()):
        home.rmdir()
    words.say(f"Removed {home}.")
    if (
        Path("/var/lib/dpkg/info/clinic.list").exists()
        and "DPKG_MAINTSCRIPT_NAME" not in os.environ
    ):
        words.say("The package itself is removed by: apt remove clinic.")
