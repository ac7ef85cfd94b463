"""`clinic repair`: what can be put right without asking anybody, and what was put right."""

import os
from collections.abc import Callable

from installer.setup import (
    certificates,
    envfile,
    everyday,
    going_back,
    mariadb_private,
    ownership,
    service,
    versions,
    words,
)
from installer.setup.errors import SetupError
from installer.setup.fronts import service_environment
from installer.setup.machine import allowed_hosts, served_names
from installer.setup.paths import KNOWN_NAMES, PROGRAM, DataDir, interpreter
from installer.setup.run import Log, must_run
from installer.setup.system import WINDOWS, keep_private

MODES = {".env": 0o600, "keys/keyring.json": 0o400, "tls/ca.key": 0o600, "tls/server.key": 0o600}


def repair(arguments: list[str]) -> int:
    return repair_all(everyday.named(everyday.parse("repair", arguments)))


def repair_all(instances: list[DataDir]) -> int:
    """The exit status; what can't be mended in one keeps nobody from the others."""
    failed = 0
    served = [last.version for last in map(versions.remembered, instances) if last]
    if not versions.current() or versions.version() in served:
        if versions.take_place():
            tell("the command clinic")
    for data in instances:
        try:
            repair_one(data)
        except SetupError as error:
            words.complain(str(error))
            failed += 1
    return 1 if failed else 0


def repair_one(data: DataDir) -> None:
    everyday.require_installed(data)
    os.umask(0o077)
    with ownership.as_owner(data):
        mended = [name for name in ("folders",) if mend_folders(data)]
    log = Log(data.logs / "repair.log")
    with going_back.alone(data):
        if going_back.recover(data, log):
            mended.append("an upgrade that was broken off (undone)")
        versions.refuse_other(data)
        for name, mend in MENDS.items():
            if mend(data, log):
                mended.append(name)
        ownership.hand_over(data)
        everyday.start(data)
    for name in mended:
        tell(name)
    if not mended:
        words.say(f"{data.root} is in order; nothing had to be mended.")


def tell(name: str) -> None:
    words.say(f"Mended: {name}.")


def mend_folders(data: DataDir) -> bool:
    missing = [name for name in KNOWN_NAMES if not (data.root / name).is_dir()]
    data.create()
    return bool(missing)


def mend_permissions(data: DataDir, log: Log) -> bool:
    """Nobody but the owner reads secrets, the database or the folder itself."""
    wrong = False
    for name, mode in {**MODES, ".": data.mode_of(data.root), "db.sqlite3": 0o600}.items():
        path = data.root / name
        if not WINDOWS and path.exists() and path.stat().st_mode & 0o777 & ~mode:
            keep_private(path, mode)
            wrong = True
    return wrong


def mend_settings(data: DataDir, log: Log) -> bool:
    """Names under which browsers reach this machine now."""
    listed = envfile.read(data.env).get("CLINIC_ALLOWED_HOSTS", "").split(",")
    names = dict.fromkeys([*filter(None, listed), *allowed_hosts(served_names())])
    return envfile.write(data.env, {"CLINIC_ALLOWED_HOSTS": ",".join(names)})


def mend_certificate(data: DataDir, log: Log) -> bool:
    return certificates.ensure(data, check_lock=True)


def mend_roles(data: DataDir, log: Log) -> bool:
    return "changed: " in _manage(data, log, "sync_roles", failure="The roles can't be written.")


def mend_static(data: DataDir, log: Log) -> bool:
    if (PROGRAM / "collected").is_dir() or any((data.static).glob("*/*")):
        return False
    _manage(data, log, "collectstatic", "--noinput", failure="The static files can't be collected.")
    return True


def mend_service(data: DataDir, log: Log) -> bool:
    """The unit that all instances of a package share is as this version writes it."""
    if WINDOWS or not versions.home() or not service.installed(data):
        return False
    unit = service.UNITS / service.TEMPLATE
    if unit.exists() and unit.read_text(encoding="utf-8") == service.template():
        return False
    service.start(data, everyday.port(data), log)
    return True


def _manage(data: DataDir, log: Log, *command: str, failure: str) -> str:
    with mariadb_private.awake(data):
        return must_run(
            [interpreter(), PROGRAM / "manage.py", *command],
            failure=failure,
            log=log,
            env=service_environment(data),
            cwd=PROGRAM,
            **ownership.run_as_owner(data),
        )


MENDS: dict[str, Callable[[DataDir, Log], bool]] = {
    "permissions": mend_permissions,
    "names of this machine": mend_settings,
    "certificate": mend_certificate,
    "roles": mend_roles,
    "static files": mend_static,
    "service": mend_service,
}
