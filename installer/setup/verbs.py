"""The verbs behind the scripts, and the one place where failures become exit statuses."""

import time
import traceback
from pathlib import Path

from installer.setup import control, everyday, going_back, names, ownership, service, words
from installer.setup.arrive import arrive
from installer.setup.doctor import doctor
from installer.setup.errors import SetupError
from installer.setup.install import install
from installer.setup.instances import list_instances
from installer.setup.options import install_parser, with_data_dir
from installer.setup.own_database import own_database, sql_scripts
from installer.setup.paths import DataDir
from installer.setup.repair import repair
from installer.setup.run import Log
from installer.setup.serve import serve
from installer.setup.sheet_verb import sheet
from installer.setup.supervisor import RENEWED
from installer.setup.testing import test
from installer.setup.uninstall import uninstall_verb
from installer.setup.upgrade import upgrade


def main(arguments: list[str]) -> int:
    words.never_fail_on_letters()
    verb, rest = arguments[0] if arguments else "", arguments[1:]
    if verb in ("", "help", "--help", "-h"):
        return tell()
    if verb not in VERBS:
        words.complain(f"There is no command {verb}; `clinic --help` lists them.")
        return 2
    try:
        return VERBS[verb](rest) or 0
    except SetupError as error:
        words.complain(str(error))
        return 1
    except KeyboardInterrupt:
        words.complain("interrupted; run this again to go on.")
        return 130
    except Exception as error:  # noqa: BLE001 - whatever it was: one sentence, details in the log
        words.complain(unexpected(error, rest))
        return 1


HELP = {
    "install": "Set the clinic up and serve it; safe to run again.",
    "start": "Start it and wait until it answers.",
    "stop": "Stop it in good order.",
    "status": "Say whether it runs, where, and which version.",
    "list": "Name all clinics on this machine.",
    "doctor": "Look at everything and say what to do, one line each.",
    "repair": "Mend folders, permissions, links, certificate, roles and service.",
    "upgrade": "Bring the data to this version; when that fails, all stays as it was.",
    "uninstall": "Remove the programs and keep the data; --with-data removes them too.",
    "arrive": "What a package does when it is opened: set up, upgrade or mend.",
    "own-database": "Move the data from SQLite into a MariaDB of the clinic's own.",
    "sql-scripts": "Write the schema as SQL scripts, for making the database by hand.",
    "sheet": "Show the sheet for the first day: address and one-time password.",
    "manage": "Run a management command, for instance `clinic manage backup`.",
    "serve": "Serve one clinic in the foreground; for the service.",
}


def tell() -> int:
    """`clinic --help`: a line for each verb, in both languages."""
    words.say("clinic COMMAND [--instance NAME]; each command has its own --help.")
    for verb, sentence in HELP.items():
        if verb in VERBS:
            translated = words.chinese(sentence) or ""
            print(f"  {verb:<10} {translated}\n  {'':<10} {sentence}")
    return 0


def unexpected(error: Exception, arguments: list[str]) -> str:
    """A sentence for what nobody foresaw; the traceback goes into the log where there is one."""
    if isinstance(error, OSError) and error.errno == 28:
        return "The disk is full; make room and run this again."
    details = traceback.format_exc()
    folder = _logs_of(arguments)
    if folder and folder.is_dir():
        with ownership.as_owner(DataDir(folder.parent)):
            Log(folder / "install.log").write(details)
        return f"Something unexpected went wrong; the details are in {folder / 'install.log'}."
    return f"Something unexpected went wrong: {type(error).__name__}: {error}."


def _logs_of(arguments: list[str]) -> Path | None:
    try:
        known, _ = install_parser().parse_known_args(arguments)
    except SetupError:
        return None
    return DataDir(with_data_dir(known).data_dir).logs


def announce(arguments: list[str]) -> int:
    """Started beside the supervisor: says when the installation answers."""
    data, port = DataDir(Path(arguments[0])), int(arguments[1])
    began = time.monotonic()
    if control.wait_for_answer(data, port, lambda: True) or service.waits_for_us(data, port):
        service.tell("READY=1")
        took = time.monotonic() - began
        going_back.make_final(data)
        words.say(f"Serving https://localhost:{port} (answered after {took:.1f} s).")
        return 0
    raise SetupError(f"Nothing answers on https://localhost:{port} yet.")


def housekeeping(arguments: list[str]) -> int:
    """Bounded logs; names and certificate follow the machine."""
    return RENEWED if names.keep_up(DataDir(Path(arguments[0]))) else 0


VERBS = {
    "install": install,
    "serve": serve,
    "start": everyday.start_verb,
    "stop": everyday.stop_verb,
    "status": everyday.status,
    "arrive": arrive,
    "upgrade": upgrade,
    "repair": repair,
    "uninstall": uninstall_verb,
    "manage": everyday.manage,
    "list": list_instances,
    "own-database": own_database,
    "sql-scripts": sql_scripts,
    "sheet": sheet,
    "test": test,
    "doctor": doctor,
    "announce": announce,
    "housekeeping": housekeeping,
}
