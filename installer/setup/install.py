"""install.sh: from a checkout and a bare Python, or from a package, to a clinic that answers."""

import os
import select
import sys
from argparse import Namespace
from pathlib import Path

from installer.setup import (
    browser,
    checks,
    closing,
    control,
    desktop,
    envfile,
    going_back,
    service,
    versions,
    words,
)
from installer.setup.errors import SetupError
from installer.setup.making import STEPS, remember_as_it_is
from installer.setup.options import database_url, install_parser, with_data_dir
from installer.setup.paths import DataDir, package
from installer.setup.run import Log
from installer.setup.steps import Journal, carry_out, step
from installer.setup.system import remove_tree
from installer.setup.uninstall import uninstall
from installer.setup.upgrade import upgrade_one
from installer.setup.work import Work, public_options


def install(arguments: list[str]) -> int:
    """Look whether all is well, then one step after the other; what fails is taken back."""
    options = with_data_dir(install_parser().parse_args(arguments))
    data = DataDir(options.data_dir)
    refuse_contradictions(options)
    if options.uninstall:
        return uninstall(data)
    os.umask(0o077)
    words.be_quiet(options.quiet)
    if options.database_url:
        options.database_url = database_url(options.database_url)
    versions.refuse_newer(data)
    if package() and versions.is_behind(data):
        upgrade_one(data)
    if not versions.current():
        versions.take_place()
    work = look_around(options, data)
    work.passphrase_file = passphrase_file(work)
    data.create()
    with going_back.alone(data):
        going_back.recover(data, work.log)
        set_up(work)
    desktop.write_if_possible(data)
    closing.say_where(work)
    browser.show(work)
    return 0


def refuse_contradictions(options: Namespace) -> None:
    if options.database and options.database_url:
        raise SetupError("--database and --database-url name two databases; give only one of them.")
    if options.service and options.no_start:
        raise SetupError("--service starts the clinic, --no-start doesn't; give only one of them.")
    if options.service:
        service.require_systemd()
    changing = (options.demo, options.port, options.instance, options.database_url,
                options.no_start, options.service, options.wrap_keys,
                *public_options(options).values())  # fmt: skip
    if options.uninstall and any(changing):
        raise SetupError("--uninstall goes with --data-dir only.")


def look_around(options: Namespace, data: DataDir) -> Work:
    """Refuse what can't work, all of it at once, before anything is changed."""
    try:
        data.refuse_foreign()
    except PermissionError as error:
        raise SetupError(
            f"This account may not enter {error.filename}; use another one."
        ) from error
    settings = envfile.read(data.env)
    work = Work(options, data, Log(data.logs / "install.log"), settings, control.running(data))
    if options.demo and not work.is_practice:
        raise SetupError(
            f"{data.root} holds a real clinic; practise beside it, for instance with --demo "
            f"--data-dir {data.root}-practice --port {work.port + 1}."
        )
    with step("Checking this machine"):
        checks.refuse_all(work)
    return work


def passphrase_file(work: Work) -> Path | None:
    """The file that the keys are to be wrapped under: as given, or as a person answers."""
    told = work.options.wrap_keys
    if told is None and work.may_ask and "CLINIC_SECRET_KEY" not in work.settings:
        words.say("The keys can be locked under a passphrase file on a USB stick.")
        words.say("Without the stick the clinic then doesn't start, and a stolen PC tells nothing.")
        words.say("Where is the stick? Enter, or half a minute of waiting, means no lock.", end=" ")
        answer = answer_within(30)
        told = Path(answer).expanduser() if answer else None
        told = told / "clinic-passphrase.txt" if told and told.is_dir() else told
    if told and not told.exists() and not os.access(told.parent, os.W_OK):
        raise SetupError(f"{told} can't be written; put the stick in, or name another file.")
    return told.resolve() if told else None


def answer_within(seconds: float) -> str:
    """What is typed; empty when nobody answers: set-up must go on by itself."""
    answered = select.select([sys.stdin], [], [], seconds)[0]
    print(flush=True)
    return sys.stdin.readline().strip() if answered else ""


def set_up(work: Work) -> None:
    """All steps; after a failure everything is as it was, and a person is told so."""
    journal = Journal(work.data)
    work.fresh = is_empty(work.data) or journal.was_left_unfinished()
    remember_as_it_is(work)
    journal.begin(fresh=work.fresh)
    try:
        carry_out(work, STEPS, journal, work.log)
        if work.way_back:
            work.way_back.arrived()
    except BaseException:
        tell_what_is_left(work)
        raise
    finally:
        work.app.close()


def is_empty(data: DataDir) -> bool:
    """Nothing that anybody could have worked with."""
    return not any(p.exists() for p in (data.env, data.keyring, data.root / "db.sqlite3"))


def tell_what_is_left(work: Work) -> None:
    """A new installation goes as a whole, the log excepted; one that was there stays."""
    if not work.fresh:
        words.say(f"The installation in {work.data.root} is as it was before.")
    elif work.elsewhere and work.data.keyring.exists():
        words.say("What was made is kept, because the database was written with its keys.")
    else:
        empty(work)
        words.say(f"Everything was taken back; only the log is left, in {work.data.logs}.")


def empty(work: Work) -> None:
    """What this run made, the log excepted."""
    for path in work.data.root.iterdir():
        if path == work.data.logs:
            continue
        if path.is_dir() and not path.is_symlink():
            remove_tree(path)
        else:
            path.unlink(missing_ok=True)
    if work.passphrase_file and work.was.get(work.passphrase_file) is None:
        work.passphrase_file.unlink(missing_ok=True)
