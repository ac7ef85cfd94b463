"""`clinic upgrade`: the data of each instance are brought to this version, or all stays as it was.

Backup, stop, keep, migrate, check, start, answer. Whatever fails or breaks off in between, the old
version comes back with the old data (going_back.py); the first answer makes the new one final.
"""

import os
from pathlib import Path

from installer.setup import certificates, everyday, going_back, ownership, packages, versions, words
from installer.setup.database_place import on_server, sqlite_file
from installer.setup.errors import SetupError
from installer.setup.machine import MB, require_disk, require_port
from installer.setup.paths import PROGRAM, DataDir
from installer.setup.run import Log
from installer.setup.steps import step
from installer.setup.way_back import LOG, WayBack, unsound_before

SPARE_MB = 50


def upgrade(arguments: list[str]) -> int:
    """Every instance, or the one that is named; one that fails keeps nobody else from it."""
    options = everyday.parse("upgrade", arguments)
    return upgrade_all(everyday.named(options))


def upgrade_all(instances: list[DataDir], *, start: bool = False) -> int:
    """The exit status. `start` leaves those running that were not."""
    failed, before = 0, versions.current()
    for data in instances:
        try:
            upgrade_one(data, start=start)
        except SetupError as error:
            words.complain(str(error))
            failed += 1
    if failed < len(instances) or not instances:
        take_over(before, instances)
    return 1 if failed else 0


def take_over(before: Path | None, instances: list[DataDir]) -> None:
    """The command and new services are this version's; old versions go, the last one stays."""
    if not versions.home():
        return
    versions.take_place()
    in_use = {last.version for last in map(versions.remembered, instances) if last}
    for name in versions.remove_old(in_use | {before.name if before else versions.previous()}):
        words.say(f"Removed version {name}.")


def upgrade_one(data: DataDir, *, start: bool = False) -> None:
    """This instance served by this version, or a sentence why not, and all as it was."""
    everyday.require_installed(data)
    os.umask(0o077)
    log = Log(data.logs / LOG)
    with going_back.alone(data):
        broken_off = going_back.recover(data, log)
        going_back.tell(broken_off)
        versions.refuse_newer(data)
        was_running = everyday.is_running(data) or bool(broken_off and broken_off.was_running)
        if versions.is_behind(data):
            with WayBack(data, log, was_running=was_running) as way:
                _upgrade(way, stay=was_running or start)
        elif was_running or start:
            _say_same(data)
            everyday.start(data)
        else:
            _say_same(data)


def _say_same(data: DataDir) -> None:
    words.say(f"{data.root} is of version {versions.version()} already.")


def _upgrade(way: WayBack, *, stay: bool) -> None:
    data = way.data
    check_first(data, running=way.was_running)
    program = versions.folder_of(data)
    faults = unsound_before(data, way.log, program) if program else None
    with step(f"Backup of {data.root}"):
        if not on_server(data):
            way.backup()
        going_back.keep_program_files(data)
    with step("Stopping the running clinic"):
        way.stop()
    with step("Keeping the data as they are"):
        if on_server(data):
            way.backup()
        way.changing()
    with step("Keys and certificate"):
        make_keys(way)
    with step("Database"):
        bring_up_to_date(way)
    with step("Checking"):
        way.app.manage("check", failure="The new version does not fit this installation.")
        way.compare(faults)
    if not (PROGRAM / "collected").is_dir():
        with step("Static files"):
            failure = "The static files can't be collected."
            way.app.manage("collectstatic", "--noinput", failure=failure)
    way.starting()
    with step("Starting"):
        everyday.start_anew(data, way.log)
    way.arrived()
    if not stay:
        everyday.stop(data)


def make_keys(way: WayBack) -> None:
    """What a newer version needs in addition is made."""

    def passphrases() -> str:
        failure = "The certificate's keys can't be asked for."
        return way.app.manage("authority_passphrases", failure=failure, secret=True)

    way.app.manage("keyring", "init", failure="The key ring can't be made or opened.")
    certificates.ensure(way.data, check_lock=True, passphrases=passphrases)


def bring_up_to_date(way: WayBack) -> None:
    failure = "The database can't be brought up to date."
    way.app.manage("migrate", "--noinput", failure=failure)
    way.app.manage("sync_roles", failure="The roles can't be written.")
    way.app.manage("load_reference_data", failure="The dictionaries can't be loaded.")


def check_first(data: DataDir, *, running: bool) -> None:
    """Room for two copies of the data and for their new form, and the port to prove it on."""
    size = 0 if on_server(data) else sqlite_file(data).stat().st_size
    files = sum(path.stat().st_size for path in (data.root / "files").rglob("*") if path.is_file())
    require_disk(data.root, (3 * size + files) // MB + SPARE_MB)
    with ownership.as_root():
        packages.ensure_venv(Log(data.logs / LOG))
    if not running:
        require_port(everyday.port(data))
