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

from installer.setup import everyday, mariadb_private, outside, ownership, versions, words
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
from installer.setup.options import Parser
from installer.setup.paths import PROGRAM, DataDir, interpreter

ASK_SECONDS = 120
ANYWHERE = ("program",)  # where nothing else could be looked at


def doctor(arguments: list[str]) -> int:
    try:
        options = parser().parse_args(arguments)
        data = DataDir(options.data_dir) if options.data_dir else everyday.one(options)
    except SetupError as error:
        words.complain(str(error))
        return 2
    language = options.language or usual_language()
    with ownership.as_owner(data):
        found = outside.look_at(data, language)
        if not options.outside and [one.name for one in found] != list(ANYWHERE):
            found = in_order(found + from_inside(data, language))
    if options.json:
        print(json.dumps(as_data(found), ensure_ascii=True, indent=1))
    else:
        print(as_text(found, language))
    return status(found)


def parser() -> Parser:
    made = everyday.parser("doctor", description="Look at everything and say what to do.")
    made.add_argument("--json", action="store_true", help="as JSON, for programs")
    made.add_argument(
        "--language", choices=["zh", "en"], help="Chinese or English; as the system, if left out"
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
    except (
        *(OSError, ValueError, KeyError, TypeError),
        subprocess.TimeoutExpired,
        SetupError,  # a database server of its own that doesn't start
    ) as error:
        return without_program(data, language, reason_of(error))


def ask(data: DataDir, language: str) -> str:
    """As the account that the data belong to: a file that root made would be in its way."""
    with mariadb_private.awake(data):
        done = subprocess.run(
            [*manage(data), "doctor", "--inside", "--json", "--language", language],
            env=service_environment(data),
            cwd=PROGRAM,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=ASK_SECONDS,
            **ownership.run_as_owner(data),
        )
    if not done.stdout.lstrip().startswith("{"):
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ValueError(last)
    return done.stdout


def manage(data: DataDir) -> list[str]:
    """The management command of the program that these data belong to."""
    program = versions.folder_of(data)
    if program:
        return versions.command(program, "manage", "--data-dir", str(data.root))
    return [str(interpreter()), str(PROGRAM / "manage.py")]


def reason_of(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    if isinstance(error, subprocess.TimeoutExpired):
        return f"no answer within {ASK_SECONDS} s"
    return str(error)[:300]


def without_program(data: DataDir, language: str, reason: str) -> list[Finding]:
    said = f"The clinic's program can't be started: {reason}"
    do = "Run the set-up again: it puts programs and settings right and keeps all data."
    fault = Teller(language).tell("program", FAULT, said, do)
    look = outside.Look(data, language, outside.envfile.read(data.env))
    return [fault, *outside.carefully(look, outside.database)]
