"""`clinic doctor`: what is in order, what isn't, and what to do, one line each.

Exit status: 0 all is well, 1 something needs care soon, 2 something is wrong now (or the doctor
itself could not be asked). Looks, and changes nothing. What only the application knows is asked
of `manage.py doctor`; when that doesn't start, the rest is told all the same.
"""

import argparse
import json
import locale
import os
import subprocess
import sys

from installer.setup import outside
from installer.setup.errors import SetupError
from installer.setup.findings import (
    FAULT,
    Finding,
    Teller,
    as_data,
    as_text,
    from_data,
    in_order,
    status,
)
from installer.setup.fronts import service_environment
from installer.setup.options import Parser, data_dir, instance_name, with_data_dir
from installer.setup.paths import PROGRAM, DataDir, interpreter
from installer.setup.system import WINDOWS, is_root

ASK_SECONDS = 120
ANYWHERE = ("program",)  # where nothing else could be looked at


def doctor(arguments: list[str]) -> int:
    try:
        options = with_data_dir(parser().parse_args(arguments))
    except SetupError as error:
        print(f"clinic: {error}", file=sys.stderr)
        return 2
    data, language = DataDir(options.data_dir), options.language or usual_language()
    found = outside.look_at(data, language)
    if not options.outside and [one.name for one in found] != list(ANYWHERE):
        found = in_order(found + from_inside(data, language))
    if options.json:
        print(json.dumps(as_data(found), ensure_ascii=True, indent=1))
    else:
        print(as_text(found, language))
    return status(found)


def parser() -> Parser:
    made = Parser(
        prog="clinic doctor",
        description="Looks at an installation and says what to do. "
        "Exit status: 0 all is well, 1 care soon, 2 wrong now.",
    )
    made.add_argument("--data-dir", type=data_dir, metavar="DIR", help="which installation")
    made.add_argument("--instance", type=instance_name, metavar="NAME", help="which clinic")
    made.add_argument("--json", action="store_true", help="for programs")
    made.add_argument(
        "--language", choices=["zh", "en"], help="Chinese or English (default: as the system)"
    )
    made.add_argument("--outside", action="store_true", help=argparse.SUPPRESS)
    return made


def usual_language() -> str:
    """As the terminal speaks; a terminal without Chinese letters gets English."""
    told = next((os.environ[n] for n in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(n)), "")
    told = told or (locale.getlocale()[0] or "")
    chinese = told.lower().startswith(("zh", "chinese"))
    return "zh" if chinese and "utf" in (sys.stdout.encoding or "").lower() else "en"


def from_inside(data: DataDir, language: str) -> list[Finding]:
    """What the application says; when it can't, why, and what can be seen of its database."""
    try:
        said = ask(data, language)
        return from_data(json.loads(said))
    except (OSError, ValueError, KeyError, TypeError, subprocess.TimeoutExpired) as error:
        return without_program(data, language, reason_of(error))


def ask(data: DataDir, language: str) -> str:
    """As the account that the data belong to: a file that root made would be in its way."""
    owner = data.root.stat()
    drop = {} if WINDOWS or not is_root() else {"user": owner.st_uid, "group": owner.st_gid}
    if drop and not owner.st_uid:
        drop = {}
    done = subprocess.run(
        [interpreter(), PROGRAM / "manage.py", "doctor", "--inside", "--json",
         "--language", language],
        env=service_environment(data),
        cwd=PROGRAM,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=ASK_SECONDS,
        **drop,
    )  # fmt: skip
    if not done.stdout.lstrip().startswith("{"):
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ValueError(last)
    return done.stdout


def reason_of(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    if isinstance(error, subprocess.TimeoutExpired):
        return f"no answer within {ASK_SECONDS} s"
    return str(error)[:300]


def without_program(data: DataDir, language: str, reason: str) -> list[Finding]:
    fault = Teller(language).tell(
        "program",
        FAULT,
        "The clinic's program can't be started: {reason}",
        "Run the set-up again: it puts programs and settings right and keeps all data.",
        reason=reason,
    )
    look = outside.Look(data, language, outside.envfile.read(data.env))
    return [fault, *outside.carefully(look, outside.database)]
