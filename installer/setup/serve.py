"""Serve one installation in the foreground: check, write the plan, become the supervisor."""

import json
import os
import signal
import sys
from pathlib import Path

from installer.setup import (
    certificates,
    control,
    envfile,
    fronts,
    going_back,
    listeners,
    logs,
    mariadb_private,
    names,
    system,
    versions,
    words,
)
from installer.setup.errors import SetupError
from installer.setup.fingerprint import fingerprint
from installer.setup.leftovers import end_leftovers
from installer.setup.machine import require_port
from installer.setup.options import DEFAULT_PORT, serve_parser, with_data_dir
from installer.setup.paths import PROGRAM, DataDir, interpreter
from installer.setup.run import Log
from installer.setup.supervisor import WATCHED

HERE = Path(__file__).resolve().parent


def serve(arguments: list[str]) -> int:
    """Never returns when all is well: this process turns into the supervisor."""
    options = with_data_dir(serve_parser().parse_args(arguments))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # nothing is running yet
    data = DataDir(options.data_dir)
    settings = envfile.read(data.env)
    require_installation(data, settings)
    port = options.port or int(settings.get("CLINIC_PORT", DEFAULT_PORT))
    os.umask(0o077)
    going_back.settle(data)
    hand_on(data, arguments)
    lock = take_lock(data)
    if not system.WINDOWS:  # there all programs lie in a job that ends with their supervisor
        end_leftovers(data)
    mariadb_private.bring_up_to_date(data, Log(data.logs / "install.log"))
    require_port(port)
    for one in listeners.wanted(settings):
        require_port(one.port, option=f"--{one.name}-port")
    names.grow(data)
    certificates.ensure(data)
    logs.rotate(data.logs)
    front = fronts.choose()
    note_running(lock, port, data)
    plan = data.run / "plan.json"
    plan.write_text(json.dumps(make_plan(front, data, port), indent=1))
    words.say(f"Starting the clinic with {front} on port {port} ...")
    return become_supervisor(plan, lock, fronts.service_environment(data))


def become_supervisor(plan: Path, lock: int, environment: dict[str, str]) -> int:
    """A small program that stays in memory; on Windows, which can't do that, this one."""
    if system.WINDOWS:
        from installer.setup import supervisor_windows

        os.environ.update(environment)
        return supervisor_windows.run(json.loads(plan.read_text()))
    os.set_inheritable(lock, True)
    supervisor = [sys.executable, "-I", "-S", str(HERE / "supervisor.py"), str(plan), str(lock)]
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)  # the supervisor takes what arrives now
    os.execve(sys.executable, supervisor, environment)  # noqa: S606  # nosec B606 # no shell


def hand_on(data: DataDir, arguments: list[str]) -> None:
    """The program that the data belong to serves them, where it lies beside this one."""
    other = versions.folder_of(data)
    if other:
        command = versions.command(other, "serve", *arguments)
        if system.WINDOWS:
            from installer.setup import supervisor_windows

            sys.exit(supervisor_windows.pass_on(command))
        os.execv(command[0], command)  # noqa: S606  # nosec B606 # no shell
    versions.refuse_other(data)
    if versions.remembered(data) is None:
        versions.remember(data)


def require_installation(data: DataDir, settings: dict) -> None:
    if "CLINIC_SECRET_KEY" not in settings or not interpreter().exists():
        raise SetupError(
            f"Nothing is installed in {data.root} yet; run ./installer/install.sh first."
        )


def take_lock(data: DataDir) -> int:
    """One supervisor for each data directory; the system frees the lock when it ends."""
    lock = os.open(data.run / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600)
    if system.take_lock(lock):
        return lock
    running = control.running(data)
    where = f" at https://localhost:{running['port']}" if running else ""
    raise SetupError(f"{data.root} is being served already{where}.")


def note_running(lock: int, port: int, data: DataDir) -> None:
    """What install.sh wants to know about a running installation."""
    note = {"pid": os.getpid(), "port": port, "fingerprint": fingerprint(data)}
    os.ftruncate(lock, 0)
    os.lseek(lock, 0, os.SEEK_SET)
    os.write(lock, json.dumps(note).encode())


def make_plan(front: str, data: DataDir, port: int) -> dict:
    tool = [sys.executable, str(HERE)]
    volatile = fronts.volatile_dir(data)
    return {
        "cwd": str(PROGRAM),
        "volatile": "" if volatile == data.run else str(volatile),
        "children": fronts.children(front, data, port),
        "announce": [*tool, "announce", str(data.root), str(port)],
        "housekeeping": [*tool, "housekeeping", str(data.root)],
    }
