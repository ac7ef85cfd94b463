"""The verbs behind the scripts, and the one place where failures become exit statuses."""

import time
import traceback
from pathlib import Path

from installer.setup import control, names, words
from installer.setup.errors import SetupError
from installer.setup.install import install
from installer.setup.options import install_parser, with_data_dir
from installer.setup.paths import DataDir
from installer.setup.run import Log
from installer.setup.serve import serve
from installer.setup.supervisor import RENEWED
from installer.setup.testing import test


def main(arguments: list[str]) -> int:
    words.never_fail_on_letters()
    verb, rest = arguments[0] if arguments else "", arguments[1:]
    if verb not in VERBS:
        words.complain("run install.sh, serve.sh or test.sh in installer/.")
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


def unexpected(error: Exception, arguments: list[str]) -> str:
    """A sentence for what nobody foresaw; the traceback goes into the log where there is one."""
    if isinstance(error, OSError) and error.errno == 28:
        return "The disk is full; make room and run this again."
    details = traceback.format_exc()
    folder = _logs_of(arguments)
    if folder and folder.is_dir():
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
    if control.wait_for_answer(data, port, lambda: True):
        took = time.monotonic() - began
        words.say(f"Serving https://localhost:{port} (answered after {took:.1f} s).")
        return 0
    raise SetupError(f"Nothing answers on https://localhost:{port} yet.")


def housekeeping(arguments: list[str]) -> int:
    """Bounded logs; names and certificate follow the machine."""
    return RENEWED if names.keep_up(DataDir(Path(arguments[0]))) else 0


VERBS = {
    "install": install,
    "serve": serve,
    "test": test,
    "announce": announce,
    "housekeeping": housekeeping,
}
